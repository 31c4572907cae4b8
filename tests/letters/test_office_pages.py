"""Letters in the office."""

import csv
import io

import pytest

from letters import actions
from letters.models import Letter
from yulin_gov.accounts.models import AuditEvent

from .factories import NAME, PHONE, REPLY, TEXT, TITLE, accepted, drafted, published, replied, sent, step_of


@pytest.fixture
def enter(client, city):
    """Signs somebody of the cast in."""

    def enter(name: str):
        client.force_login(city.people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


def text_of(response) -> str:
    return response.content.decode()


def take(client, letter, outcome: str, **said):
    data = {f"{outcome}-{name}": value for name, value in said.items()}
    return client.post(f"/office/steps/{step_of(letter).pk}/take/{outcome}/", data, follow=True)


def test_a_letter_is_answered_and_published_through_the_step_page(enter, city):
    letter = sent(city)
    assert "已办理" in text_of(take(enter("梁敏"), letter, "accept"))
    assert "已办理" in text_of(take(enter("陈刚"), letter, "submit", reply=REPLY))
    assert "已办理" in text_of(take(enter("黄勇"), letter, "pass", opinion="同意"))
    assert "已办理" in text_of(take(enter("庞洁"), letter, "reply", opinion="同意签发"))
    copy = {"title": TITLE, "text": TEXT, "reply": REPLY}
    assert "已公开" in text_of(take(enter("黄勇"), letter, "publish", **copy))
    assert TITLE in text_of(enter("黄勇").get("/letters/"))


def test_the_step_page_shows_the_letter_and_masks_its_writer(enter, city):
    letter = sent(city)
    page = text_of(enter("梁敏").get(f"/office/cases/{letter.pk}/"))
    assert TEXT in page and "韦**" in page and "138****1234" in page
    assert NAME not in page and PHONE not in page


def test_the_clerk_chooses_among_the_drafters_of_the_unit(enter, city):
    letter = sent(city)
    page = text_of(enter("梁敏").get(f"/office/cases/{letter.pk}/"))
    assert "陈刚（" in page and "李娜（" in page and "黄勇（" not in page
    form = enter("梁敏").get(f"/office/cases/{letter.pk}/").context["choices"][0].form
    choice = next(value for value, label in form.fields["assign"].choices if "李娜" in label)
    take(enter("梁敏"), letter, "accept", assign=choice)
    assert step_of(letter).person == city.people["李娜"]


def test_declining_without_a_reason_is_said_beside_the_field(enter, city):
    letter = sent(city)
    for opinion in ("", "太短"):
        response = take(enter("梁敏"), letter, "decline", opinion=opinion)
        assert response.status_code == 422 and "opinion" in dict(response.context["choices"][1].form.errors)


def test_a_draft_is_kept_and_offered_again(enter, city):
    letter = accepted(city)
    client = enter("陈刚")
    step = step_of(letter)
    saved = client.post(
        f"/office/letters/steps/{step.pk}/draft/", {"submit-reply": "写到\r\n一半"}, follow=True
    )
    assert "草稿已保存" in text_of(saved) and "写到\n一半" in text_of(saved)
    refused = client.post(f"/office/letters/steps/{step.pk}/draft/", {"submit-reply": "空\0字符"})
    assert refused.status_code == 422 and Letter.objects.get(pk=letter.pk).reply == "写到\n一半"


def test_drafts_belong_to_the_drafting_stage(enter, city):
    letter = drafted(city)
    response = enter("黄勇").post(
        f"/office/letters/steps/{step_of(letter).pk}/draft/", {"submit-reply": "改"}
    )
    assert response.status_code == 404
    assert Letter.objects.get(pk=letter.pk).reply == REPLY


def test_the_reviewer_is_offered_a_copy_without_personal_data(enter, city):
    letter = replied(city, text=f"我是{NAME}，电话{PHONE}，人民东路的路灯不亮了。")
    page = text_of(enter("黄勇").get(f"/office/cases/{letter.pk}/"))
    assert "公开的来信" in page and "【手机号码】" in page


def test_what_still_looks_personal_is_refused_beside_its_field_and_kept(enter, city):
    letter = replied(city)
    leaky = "请拨打13912345678与我们联系，谢谢。"
    response = take(enter("黄勇"), letter, "publish", title=TITLE, text=TEXT, reply=leaky)
    assert response.status_code == 422 and leaky in text_of(response)
    assert "reply" in response.context["choices"][0].form.errors
    confirmed = take(enter("黄勇"), letter, "publish", title=TITLE, text=TEXT, reply=leaky, confirmed="on")
    assert "已公开" in text_of(confirmed)


def test_the_writer_is_shown_once_with_a_reason(enter, city):
    letter = sent(city)
    client, address = enter("梁敏"), f"/office/letters/{letter.pk}/identity/"
    assert NAME not in text_of(client.get(address))
    assert client.post(address, {"reason": ""}).status_code == 422
    shown = client.post(address, {"reason": "电话核实地点"})
    assert NAME in text_of(shown) and PHONE in text_of(shown) and "no-store" in shown["Cache-Control"]
    assert NAME not in text_of(client.get(address))
    assert NAME not in text_of(enter("黄勇").post(address, {"reason": "电话核实地点"}))


def test_other_units_find_no_letter_here(enter, city):
    letter = published(city)
    client = enter("钟伟")
    for address in ("identity", "withdraw"):
        assert client.get(f"/office/letters/{letter.pk}/{address}/").status_code == 404
    assert TITLE not in text_of(client.get("/office/letters/?state=all"))
    assert client.get(f"/office/cases/{letter.pk}/").status_code == 404


def test_strangers_and_citizens_stay_outside(client, enter, city):
    assert client.get("/office/letters/").status_code == 302
    assert enter("唐丽").get("/office/letters/").status_code == 403


def test_the_list_divides_letters_by_state_and_finds_by_word_and_number(enter, city):
    waiting, done = sent(city), published(city, title="公园长椅坏了请派人修理好")
    client = enter("梁敏")
    assert TITLE in text_of(client.get("/office/letters/"))
    assert "公园长椅" not in text_of(client.get("/office/letters/"))
    closed = text_of(client.get("/office/letters/?state=closed"))
    assert "公园长椅" in closed and "已答复并公开" in closed
    assert "这里没有来信" in text_of(client.get("/office/letters/?state=late"))
    found = text_of(client.get("/office/letters/", {"q": "长椅"}))
    assert done.case.number in found and waiting.case.number not in found
    assert waiting.case.number in text_of(client.get("/office/letters/", {"q": waiting.case.number}))


@pytest.mark.parametrize(
    "query", ["state=x&order=y", "q=%00", "key=%00&order=due", "state=late&order=due&q=a"]
)
def test_invented_addresses_give_a_page(enter, city, query):
    sent(city)
    assert enter("梁敏").get(f"/office/letters/?{query}").status_code == 200


def test_the_list_is_exported_with_masked_writers_and_leaves_an_audit_event(enter, city):
    sent(city, title="=1+1是多少请给一个答复")
    response = enter("梁敏").get("/office/letters/?state=all&export=csv")
    [heading, row] = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert row[heading.index("来信人")] == "韦**" and row[heading.index("标题")].startswith("'=")
    assert AuditEvent.objects.filter(verb="casework.exported", actor=city.people["梁敏"]).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_at_most_twelve_queries_for_one_and_for_many(
    enter, city, count, django_assert_max_num_queries
):
    for _ in range(count):
        sent(city)
    client = enter("梁敏")
    client.get("/office/letters/")
    with django_assert_max_num_queries(12):
        client.get("/office/letters/")


def test_a_publication_is_withdrawn_with_a_reason(enter, city):
    letter = published(city)
    address = f"/office/letters/{letter.pk}/withdraw/"
    assert "没有撤下公开内容的权限" in text_of(enter("梁敏").get(address))
    client = enter("庞洁")
    assert client.post(address, {"reason": "短"}).status_code == 422
    done = client.post(address, {"reason": "当事人要求不再公开此信"}, follow=True)
    assert "已撤下" in text_of(done)
    assert client.post(address, {"reason": "当事人要求不再公开此信"}).status_code == 422


def test_two_at_once_one_wins_and_the_other_is_told(enter, city):
    letter = sent(city)
    step = step_of(letter)
    actions.accept_letter(step, by=city.as_("梁敏"))
    again = enter("梁敏").post(f"/office/steps/{step.pk}/take/accept/", {}, follow=True)
    assert "已办理" in text_of(again)
    late = enter("梁敏").post(
        f"/office/steps/{step.pk}/take/decline/",
        {"decline-opinion": "所反映事项不属于本单位职责。"},
        follow=True,
    )
    assert "该环节已由梁敏办理" in text_of(late)
