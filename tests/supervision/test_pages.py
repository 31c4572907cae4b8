"""The supervisor's pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.casework.procedures import open_step, simple  # noqa: F401 - the fixture
from yulin_gov.casework import actions
from yulin_gov.casework.models import Case
from yulin_gov.workdays.calendar import current_calendar

PAGES = ["supervision:overdue", "supervision:pressing", "supervision:urges"]


@pytest.fixture
def enter(client, city):
    def enter(name: str):
        client.force_login(city.people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


@pytest.fixture
def late(simple):  # noqa: F811
    """Opens a case that fell due long ago."""

    def open_late(**more) -> Case:
        received = timezone.now() - timezone.timedelta(days=60)
        return simple(origin="demo", at=received, **more)

    return open_late


def queries(client, url: str) -> int:
    current_calendar()  # looked up again every few seconds, by whichever page comes then
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", PAGES)
def test_only_supervisors_enter(enter, name):
    assert enter("梁敏").get(reverse(name)).status_code == 403
    assert enter("牟军").get(reverse(name)).status_code == 200


def test_late_cases_of_the_whole_subtree_are_listed_the_longest_late_first(enter, late):
    first, second = late(title="第一件"), late(title="第二件", unit="市教育局")
    page = enter("牟军").get(reverse("supervision:overdue"))
    assert [case for case, _ in page.context["rows"]] == [first, second]


def test_what_is_in_time_is_not_listed(enter, simple):  # noqa: F811
    simple()
    assert enter("牟军").get(reverse("supervision:overdue")).context["rows"] == []


def test_an_excluded_supervisor_finds_nothing(city, enter, late):
    case = late()
    actions.exclude_from_case(
        case, by=city.as_("梁敏"), excluded=city.people["牟军"], reason="来信反映的对象"
    )
    assert enter("牟军").get(reverse("supervision:overdue")).context["rows"] == []


@pytest.mark.parametrize("name", PAGES)
def test_lists_take_the_same_queries_for_few_and_for_many(city, enter, late, name):
    supervisor = enter("牟军")

    def some(count: int) -> None:
        for place in range(count):
            case = late(title=f"第{place}件")
            actions.urge_case(case, by=city.as_("牟军"), reason="请尽快办理", kind="supervise")

    some(2)
    few = queries(supervisor, reverse(name))
    some(12)
    assert queries(supervisor, reverse(name)) == few


def test_an_urge_and_its_answer_are_found_again(city, enter, late):
    case = late()
    urge = actions.urge_case(case, by=city.as_("牟军"), reason="请三日内反馈", kind="supervise")
    actions.answer_urge(urge, by=city.as_("梁敏"), answer="已安排抢修")
    page = enter("牟军").get(reverse("supervision:urges")).content.decode()
    assert "请三日内反馈" in page and "已安排抢修" in page
    assert open_step(case).stage_key == "accept"


def test_exports_hold_every_late_case(enter, late):
    late()
    answer = enter("牟军").get(reverse("supervision:overdue"), {"export": "csv"})
    assert len(answer.content.decode("utf-8-sig").strip().splitlines()) == 2
