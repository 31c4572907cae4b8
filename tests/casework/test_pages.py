"""The office's pages: lists that cost the same for few and many, and the one step page."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from yulin_gov.accounts.models import AuditEvent
from yulin_gov.casework import actions
from yulin_gov.casework.models import Case, Step, Urge
from yulin_gov.workdays.calendar import current_calendar

from .procedures import open_step

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def enter(client, city):
    """Signs somebody of the cast in."""

    def enter(name: str):
        client.force_login(city.people[name], backend=BACKEND)
        return client

    return enter


def case_url(case: Case) -> str:
    return reverse("casework:case", args=[case.pk])


def take_url(case: Case, outcome: str) -> str:
    return reverse("casework:take", args=[open_step(case).pk, outcome])


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(out, "PNG")
    return out.getvalue()


def queries(client, url: str) -> int:
    current_calendar()  # looked up again every few seconds, by whichever page comes then
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["casework:todo", "casework:to_read", "casework:done"])
def test_lists_take_the_same_queries_for_few_and_for_many_and_at_most_twelve(city, simple, enter, name):
    clerk = enter("梁敏")

    def three() -> None:
        for _ in range(3):
            simple()
            actions.take_step(open_step(simple()), by=city.as_("梁敏"), outcome="accept")

    three()
    few = queries(clerk, reverse(name))
    for _ in range(4):
        three()
    assert queries(clerk, reverse(name)) == few <= 12


def test_a_case_page_takes_at_most_twelve_queries_in_every_stage(city, simple, enter):
    case = simple()
    for name, outcome in (("梁敏", "accept"), ("陈刚", "submit"), ("黄勇", "answer")):
        assert queries(enter(name), case_url(case)) <= 12
        actions.take_step(open_step(case), by=city.as_(name), outcome=outcome)
    assert queries(enter("梁敏"), case_url(case)) <= 12


def test_what_is_not_ones_own_does_not_exist(city, simple, enter):
    case = simple()
    stranger = enter("钟伟")
    step = open_step(case)
    for url in (
        case_url(case),
        reverse("casework:deadlines", args=[case.pk]),
        reverse("casework:chart", args=[case.pk]),
    ):
        assert stranger.get(url).status_code == 404
    assert stranger.post(reverse("casework:take", args=[step.pk, "accept"])).status_code == 404
    assert stranger.post(reverse("casework:claim", args=[step.pk])).status_code == 404


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(simple, enter):
    case = simple()
    clerk = enter("梁敏")
    refused = clerk.post(take_url(case, "decline"), {"decline-opinion": " "})
    assert refused.status_code == 422 and "请填写意见。" in refused.content.decode()
    long = "不属于本局职责，请向市水利局反映。" * 200
    refused = clerk.post(take_url(case, "decline"), {"decline-opinion": long})
    assert refused.status_code == 422 and long[:60] in refused.content.decode()
    assert Case.objects.get(pk=case.pk).is_open


def test_a_step_is_taken_with_opinion_and_file(city, simple, enter):
    case = simple()
    picture = SimpleUploadedFile("现场.png", _png())
    answer = enter("梁敏").post(
        take_url(case, "accept"), {"accept-opinion": "请承办岗办理", "accept-files": picture}, follow=True
    )
    page = answer.content.decode()
    assert "已办理：受理" in page and "请承办岗办理" in page
    step = Step.objects.get(case=case, stage_key="accept")
    attached = step.files.get()
    url = reverse("casework:step_file", args=[case.pk, attached.file_id])
    assert enter("陈刚").get(url).status_code == 200
    assert enter("钟伟").get(url).status_code == 404


def test_a_file_that_lies_about_its_type_is_refused_beside_the_field(simple, enter):
    case = simple()
    lie = SimpleUploadedFile("说明.pdf", b"MZ\x90\x00 this is a program")
    refused = enter("梁敏").post(take_url(case, "accept"), {"accept-files": lie})
    assert refused.status_code == 422 and open_step(case).stage_key == "accept"
    assert "files" in refused.context["choices"][0].form.errors


def test_the_second_click_shows_the_first_ones_result_and_others_are_told(city, simple, enter):
    case = simple()
    url = take_url(case, "accept")
    clerk = enter("梁敏")
    clerk.post(url)
    again = clerk.post(url, follow=True).content.decode()
    assert "已办理：受理（受理）" in again
    actions.claim_step(open_step(case), by=city.as_("陈刚"))
    submit = take_url(case, "submit")
    enter("陈刚").post(submit)
    told = enter("李娜").post(submit, {"submit-opinion": "我已到现场看过，情况属实。"}).content.decode()
    assert "已由陈刚办理" in told and "我已到现场看过，情况属实。" in told


def test_whoever_comes_after_a_claim_is_told_by_name_and_loses_nothing(city, simple, enter):
    case = simple()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    url = take_url(case, "submit")
    actions.claim_step(open_step(case), by=city.as_("陈刚"))
    told = enter("李娜").post(url, {"submit-opinion": "情况属实，建议维修。"}).content.decode()
    assert "已由陈刚领办" in told and "情况属实，建议维修。" in told


def test_claiming_releasing_returning_forwarding_and_withdrawing_from_the_page(city, simple, enter):
    case = simple()
    enter("梁敏").post(take_url(case, "accept"))
    handed_on = Step.objects.get(case=case, stage_key="accept")
    back = enter("梁敏").post(reverse("casework:adhoc", args=[handed_on.pk, "withdraw"]), follow=True)
    assert "已撤回" in back.content.decode() and open_step(case).stage_key == "accept"
    enter("梁敏").post(take_url(case, "accept"))
    step = open_step(case)
    enter("陈刚").post(reverse("casework:claim", args=[step.pk]))
    assert open_step(case).person == city.people["陈刚"]
    enter("陈刚").post(reverse("casework:release", args=[step.pk]))
    assert open_step(case).person is None
    page = enter("陈刚").get(case_url(case))
    colleague = page.context["adhoc"]["forward"].fields["to"].choices[0][0]
    enter("陈刚").post(reverse("casework:adhoc", args=[step.pk, "forward"]), {"forward-to": colleague})
    assert open_step(case).person == city.people["李娜"]
    step = open_step(case)
    lina = enter("李娜")
    missing = lina.post(reverse("casework:adhoc", args=[step.pk, "return"]), {"return-to_stage": "accept"})
    assert missing.status_code == 422 and "请填写退回理由" in missing.content.decode()
    lina.post(
        reverse("casework:adhoc", args=[step.pk, "return"]),
        {"return-to_stage": "accept", "return-opinion": "地点不清，请与来信人核实。"},
    )
    assert open_step(case).stage_key == "accept"


def test_four_eyes_is_said_on_the_page(city, simple, enter):
    case = simple()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="submit")
    page = enter("陈刚").get(case_url(case))
    assert page.context["step"] is None and page.context["choices"] == []


def test_urging_and_answering_from_the_page(city, simple, enter):
    case = simple()
    supervisor = enter("牟军")
    form = supervisor.get(case_url(case)).context["urge_form"]
    said = {
        "urge-kind": "supervise",
        "urge-reason": "请于三日内办结并反馈。",
        "urge-token": form.initial["token"],
    }
    for _ in range(2):  # a double click urges once
        assert supervisor.post(reverse("casework:urge", args=[case.pk]), said).status_code == 302
    urge = Urge.objects.get(case=case)
    empty = enter("梁敏").post(
        reverse("casework:answer_urge", args=[urge.pk]), {f"answer-{urge.pk}-answer": ""}
    )
    assert empty.status_code == 422 and "请填写反馈内容" in empty.content.decode()
    enter("梁敏").post(
        reverse("casework:answer_urge", args=[urge.pk]), {f"answer-{urge.pk}-answer": "已派人到现场。"}
    )
    assert "已派人到现场。" in enter("牟军").get(case_url(case)).content.decode()


def test_an_export_is_what_the_list_shows_harmless_and_audited(simple, enter):
    simple(title="=HYPERLINK(1)路灯不亮")
    clerk = enter("梁敏")
    answer = clerk.get(reverse("casework:todo"), {"export": "csv"})
    header, row = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert header[1] == "标题" and row[1] == "'=HYPERLINK(1)路灯不亮"
    assert clerk.get(reverse("casework:todo"), {"export": "xlsx"}).content[:2] == b"PK"
    assert AuditEvent.objects.filter(verb="casework.exported").count() == 2


def test_why_this_date_shows_each_day_counted(simple, enter):
    case = simple()
    page = enter("梁敏").get(reverse("casework:deadlines", args=[case.pk])).content.decode()
    assert "第5日" in page and "办理时限" in page and "起算" in page


def test_the_flow_chart_marks_where_the_case_is(simple, enter):
    case = simple()
    page = enter("梁敏").get(reverse("casework:chart", args=[case.pk])).content.decode()
    assert "<svg" in page and "当前环节" in page


def test_a_returned_case_has_the_later_stages_still_before_it(city, simple, enter):
    case = simple()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="submit")
    actions.return_step(open_step(case), by=city.as_("黄勇"), to_stage="draft", opinion="请补充依据。")
    stages = enter("陈刚").get(case_url(case)).context["stages"]
    assert [stage["state"] for stage in stages] == ["done", "current", "todo"]
