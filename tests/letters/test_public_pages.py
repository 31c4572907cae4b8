"""What citizens see and send."""

import re
import uuid

import pytest
from django.core.cache import cache
from django.test import Client

from letters import actions
from letters.codes import phone_index
from letters.forms.public import LetterForm
from letters.models import Letter
from letters.tries import BY_PHONE
from letters.views.public import NOT_FOUND, TOO_MANY

from .factories import PHONE, REPLY, TEXT, TITLE, published, replied, sent, step_of

UNKNOWN = "23456789AB"


@pytest.fixture(autouse=True)
def fresh_tries():
    """Every test has all its tries."""
    cache.delete_many([f"letters.tries:phone:{phone_index(PHONE)}", "letters.tries:address:127.0.0.1"])


@pytest.fixture
def said(city):
    """What a citizen fills in."""
    return {
        "unit": city.unit("市城管局").pk,
        "title": TITLE,
        "text": TEXT,
        "name": "韦小芬",
        "phone": "138 0000 1234",
        "email": "",
        "may_publish": "yes",
        "token": uuid.uuid4(),
    }


def text_of(response) -> str:
    return response.content.decode()


def send(client, said, **changes):
    return client.post("/letters/new/", {**said, **changes}, follow=True)


def code_shown(response) -> str:
    return re.search(r"<strong translate=\"no\">([^<]+)</strong>", text_of(response)).group(1)


def test_a_letter_is_sent_and_its_code_shown(client, said):
    done = send(client, said)
    letter = Letter.objects.select_related("case").get()
    assert done.redirect_chain == [("/letters/new/done/", 302)]
    assert letter.case.number in text_of(done) and letter.may_publish
    assert re.fullmatch(r"\w{5}-\w{5}", code_shown(done))


def test_the_form_sent_twice_shows_the_same_letter(client, said):
    assert code_shown(send(client, said)) == code_shown(send(Client(), said))
    assert Letter.objects.count() == 1


def test_the_page_after_sending_belongs_to_whoever_sent(client, said):
    send(client, said)
    assert Client().get("/letters/new/done/").status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("unit", "", "请选择收信单位。"),
        ("unit", "999999", "该单位目前不接收来信"),
        ("unit", "x\0", ""),
        ("title", "路灯不亮", "标题太短：至少10个字，现有4个字。"),
        ("title", "长" * 26, "标题太长：最多25个字，现有26个字。"),
        ("title", "空字符\0空字符空字符空字符", "不允许"),
        ("text", "不亮", "内容太短：至少10个字，现有2个字。"),
        ("text", "长" * 10_001, "内容太长：最多10000个字，现有10001个字。"),
        ("text", "空字符\0空字符空字符空字符", "不允许"),
        ("name", " ", "请填写姓名。"),
        ("phone", "1234", "电话号码格式不正确"),
        ("phone", "\0" * 11, "不允许"),
        ("email", "不是邮箱", "邮箱格式不正确"),
        ("may_publish", "", "请选择是否同意公开。"),
        ("token", "1", "页面已失效"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(client, said, field, value, sentence):
    response = send(client, said, **{field: value})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert sentence in text_of(response)
    if field != "text":
        assert TEXT in text_of(response)
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (TITLE, "<script>alert('您好')</script> & \"引号\""),
        ("𠮷野路的路灯晚上不亮😀", "𠮷野路😀" * 100),
        ("长" * 25, "长" * 10_000),
        (TITLE, "第一行是十个字左右\r\n第二行\r\n\r\n第三行"),
    ],
)
def test_unusual_text_is_kept_as_written_and_shown_harmlessly(client, said, title, text):
    assert send(client, said, title=title, text=text).status_code == 200
    letter = Letter.objects.select_related("case").get()
    assert (letter.case.title, letter.text) == (title, text.replace("\r\n", "\n"))
    track = client.post(
        "/letters/track/", {"code": code_shown(client.get("/letters/new/done/")), "phone": PHONE}, follow=True
    )
    assert "<script>alert" not in text_of(track)


def test_line_breaks_count_once(city, said):
    assert LetterForm({**said, "text": "一\r\n" * 5}).errors == {
        "text": ["内容太短：至少10个字，现有9个字。"]
    }


def test_units_are_grouped_and_only_receivers_are_offered(client, city):
    page = text_of(client.get("/letters/new/?unit=YL-JY"))
    assert '<optgroup label="政府部门">' in page
    assert re.search(r"<option value=\"\d+\" selected>玉林市教育局", page)
    assert "玉林市人民政府</option>" not in page


def test_a_writer_follows_the_letter_with_code_and_phone(client, said, city):
    code = code_shown(send(client, said))
    stranger = Client()
    page = stranger.post("/letters/track/", {"code": code.lower(), "phone": "+86 13800001234"}, follow=True)
    assert TEXT in text_of(page) and "剩余 15 个工作日" in text_of(page)
    letter = Letter.objects.get()
    actions.accept_letter(step_of(letter), by=city.as_("梁敏"))
    actions.submit_reply(step_of(letter), by=city.as_("陈刚"), reply=REPLY)
    assert REPLY not in text_of(stranger.get("/letters/track/"))
    actions.pass_review(step_of(letter), by=city.as_("黄勇"))
    actions.reply_to_letter(step_of(letter), by=city.as_("庞洁"))
    page = text_of(stranger.get("/letters/track/"))
    assert REPLY in page
    assert not any(name in page for name in ("梁敏", "陈刚", "黄勇", "庞洁"))


def test_the_writer_reads_why_a_letter_was_declined(client, said, city):
    code = code_shown(send(client, said))
    reason = "所反映事项属于法院受理范围，请依法提起诉讼。"
    actions.decline_letter(step_of(Letter.objects.get()), by=city.as_("梁敏"), opinion=reason)
    page = client.post("/letters/track/", {"code": code, "phone": PHONE}, follow=True)
    assert reason in text_of(page) and "不予受理" in text_of(page)


def test_ending_the_query_forgets_the_letter(client, said):
    code = code_shown(send(client, said))
    client.post("/letters/track/", {"code": code, "phone": PHONE})
    client.post("/letters/track/end/")
    assert TEXT not in text_of(client.get("/letters/track/"))
    assert client.get("/letters/new/done/").status_code == 302


def test_wrong_and_unknown_look_the_same(client, city):
    letter = sent(city)
    wrong = client.post("/letters/track/", {"code": UNKNOWN, "phone": PHONE})
    unknown = client.post("/letters/track/", {"code": UNKNOWN, "phone": "13911112222"})
    assert wrong.status_code == unknown.status_code == 422
    assert NOT_FOUND in text_of(wrong) and NOT_FOUND in text_of(unknown)
    assert letter.case.number not in text_of(wrong)


def test_too_many_wrong_codes_lock_even_the_right_one_for_a_while(client, said):
    code = code_shown(send(client, said))
    for _ in range(BY_PHONE):
        assert client.post("/letters/track/", {"code": UNKNOWN, "phone": PHONE}).status_code == 422
    response = client.post("/letters/track/", {"code": code, "phone": PHONE})
    assert response.status_code == 429 and TOO_MANY in text_of(response)


def test_right_codes_cost_no_tries(client, said):
    code = code_shown(send(client, said))
    for _ in range(BY_PHONE + 2):
        assert client.post("/letters/track/", {"code": code, "phone": PHONE}).status_code == 302


def test_a_published_letter_has_a_page_of_its_own(client, city):
    letter = published(city)
    page = text_of(client.get(f"/letters/{letter.case.public_ref}/"))
    assert TITLE in page and REPLY in page and "办理过程" in page
    assert not any(name in page for name in ("韦小芬", PHONE, "梁敏", "黄勇"))


def test_what_is_not_published_has_no_page(client, city):
    letter = replied(city)
    assert client.get(f"/letters/{letter.case.public_ref}/").status_code == 404
    assert client.get("/letters/NOTHING/").status_code == 404


def test_the_address_of_a_withdrawn_letter_says_so(client, city):
    letter = published(city)
    address = f"/letters/{letter.case.public_ref}/"
    assert client.get(address).status_code == 200
    actions.withdraw_publication(letter, by=city.as_("庞洁"), reason="当事人要求不再公开此信")
    gone = client.get(address)
    assert gone.status_code == 410 and REPLY not in text_of(gone) and "已不再公开" in text_of(gone)


def test_a_publication_is_in_the_list_at_once_and_found_by_search(client, city):
    assert "还没有公开的答复" in text_of(client.get("/letters/"))
    published(city)
    assert TITLE in text_of(client.get("/letters/"))
    found = text_of(client.get("/letters/", {"q": "路灯"}))
    assert "找到 1 封" in found and "<mark>路灯</mark>" in found
    assert "没有找到" in text_of(client.get("/letters/", {"q": "游泳池"}))
    assert "没有找到" in text_of(client.get("/letters/", {"q": "路灯", "unit": "YL-JY"}))
    assert "还没有公开的答复" in text_of(client.get("/letters/", {"unit": "YL-JY"}))


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%27%22%3C%3E%26", "key=x", "key=%00", "unit=%00", "unit=NO", "q=a&key=x"]
)
def test_invented_addresses_give_a_page(client, city, query):
    published(city)
    assert client.get(f"/letters/?{query}").status_code == 200


def test_anonymous_pages_are_kept_and_cost_no_query(client, city, django_assert_num_queries):
    letter = published(city)
    addresses = ["/letters/", f"/letters/{letter.case.public_ref}/", "/letters/?q=%E8%B7%AF%E7%81%AF"]
    for address in addresses * 2:
        client.get(address)
    with django_assert_num_queries(0):
        for address in addresses[:2]:
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_many(
    client, city, count, django_assert_max_num_queries
):
    for n in range(count):
        published(city, title=f"{TITLE}第{n}次")
    with django_assert_max_num_queries(6):
        client.get(f"/letters/?key={uuid.uuid4()}")
