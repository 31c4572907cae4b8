"""The calendar is data: seeded, edited with a reason, revised, and missed where a year lacks a notice."""

import logging
from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from tests.workdays.test_terms import at
from yulin_gov.refused import Refused
from yulin_gov.workdays import actions, calendar, queries, tasks
from yulin_gov.workdays.models import CalendarRevision, CalendarYear, SpecialDay
from yulin_gov.workdays.seeding import OfficialDay, seed_calendar
from yulin_gov.workdays.signals import calendar_changed

pytestmark = pytest.mark.django_db
SATURDAY, MONDAY = date(2027, 1, 2), date(2027, 1, 4)


@pytest.fixture(autouse=True)
def fresh():
    calendar.forget_calendar()
    yield
    calendar.forget_calendar()


@pytest.fixture
def told():
    heard = []

    def listen(sender, **kwargs):
        heard.append((kwargs["revision"], kwargs["first_day"], kwargs["last_day"]))

    calendar_changed.connect(listen)
    yield heard
    calendar_changed.disconnect(listen)


def _set(day=MONDAY, **changes):
    return actions.set_day(
        day, **{"is_workday": False, "name": "元旦", "by_id": 3, "reason": "通知"} | changes
    )


def test_every_year_from_2004_to_2026_is_official():
    assert list(
        CalendarYear.objects.filter(official=True).order_by("year").values_list("year", flat=True)
    ) == [*range(2004, 2027)]
    assert CalendarRevision.objects.count() == 1
    day = SpecialDay.objects.get(date=date(2026, 2, 14))
    assert (day.is_workday, day.name) == (True, "春节调休")
    assert day.source == "国务院办公厅关于2026年部分节假日安排的通知"
    assert not calendar.current_calendar().is_workday(date(2026, 10, 7))


def test_an_empty_calendar_is_filled_again_and_a_used_one_left_alone():
    SpecialDay.objects.filter(date__year=2026).delete()
    seed_calendar(apps)
    assert not SpecialDay.objects.filter(date__year=2026).exists()
    CalendarRevision.objects.all().delete()
    seed_calendar(apps)
    assert SpecialDay.objects.filter(date__year=2026).count() == 39


def test_the_calendar_costs_no_query_while_fresh_and_one_when_due(django_assert_num_queries, monkeypatch):
    first = calendar.current_calendar()
    with django_assert_num_queries(0):
        assert calendar.current_calendar() is first
    monkeypatch.setattr(calendar, "RECHECK_SECONDS", 0)
    with django_assert_num_queries(1):
        assert calendar.current_calendar() is first


def test_another_process_sees_a_new_revision(monkeypatch):
    before = calendar.current_calendar()
    revision = _set()  # not committed here, so this process's copy is not forgotten
    monkeypatch.setattr(calendar, "RECHECK_SECONDS", 0)
    after = calendar.current_calendar()
    assert (before.is_workday(MONDAY), after.is_workday(MONDAY)) == (True, False)
    assert after.revision == revision.number > before.revision


def test_an_edit_is_a_revision_and_is_told_after_commit(told, django_capture_on_commit_callbacks):
    assert calendar.current_calendar().is_workday(MONDAY)
    with django_capture_on_commit_callbacks(execute=True):
        revision = _set()
        assert told == []
    assert told == [(revision.number, MONDAY, MONDAY)]
    assert not calendar.current_calendar().is_workday(MONDAY)
    assert (revision.summary, revision.reason, revision.by_id) == (
        "2027年1月4日设为休息日（元旦）",
        "通知",
        3,
    )


def test_a_cleared_day_follows_the_week_again():
    _set()
    revision = actions.clear_day(MONDAY, by_id=3, reason="录入有误")
    assert revision.summary == "2027年1月4日恢复为工作日"
    assert queries.load_calendar().is_workday(MONDAY)
    with pytest.raises(Refused, match="没有特殊安排"):
        actions.clear_day(MONDAY, by_id=3, reason="录入有误")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": " "}, "请填写修订原因"),
        ({"name": ""}, "请填写名称"),
        ({"name": "元\x00旦"}, "无法识别的字符"),
        ({"name": "长" * 61}, "60字以内"),
        ({"day": date(1900, 1, 1)}, "只覆盖2000年至2100年"),
    ],
)
def test_an_edit_without_sense_is_refused_with_a_sentence(changes, sentence):
    with pytest.raises(Refused, match=sentence):
        _set(**changes)
    assert CalendarRevision.objects.count() == 1


def test_an_edit_that_changes_nothing_is_refused():
    _set()
    with pytest.raises(Refused, match="无需修改"):
        _set()


def test_a_year_is_confirmed_only_with_its_holidays():
    confirm = {"notice": "国办发明电〔2026〕9号", "by_id": 3, "reason": "通知已发布"}
    with pytest.raises(Refused, match="尚未录入任何节假日"):
        actions.confirm_year(2027, **confirm)
    _set()
    actions.confirm_year(2027, **confirm)
    assert queries.years_without_notice(at("2027-05-01T09:00")) == []


def test_a_whole_notice_is_adopted_in_one_revision():
    _set(date(2027, 5, 4), name="误录")
    days = [OfficialDay(SATURDAY, True, "元旦调休"), OfficialDay(date(2027, 1, 1), False, "元旦")]
    notice = {"notice": "国办发明电〔2026〕9号", "by_id": 3, "reason": "通知已发布"}
    revision = actions.adopt_notice(2027, days, **notice)
    loaded = queries.load_calendar()
    assert (loaded.revision, loaded.is_workday(SATURDAY)) == (revision.number, True)
    assert loaded.is_workday(date(2027, 5, 4))
    for wrong, sentence in [
        ([*days, days[0]], "重复出现"),
        ([*days, OfficialDay(date(2026, 1, 1), False, "元旦")], "不属于2027年"),
        (days[:1], "没有节假日"),
    ]:
        with pytest.raises(Refused, match=sentence):
            actions.adopt_notice(2027, wrong, **notice)


def test_a_year_without_notice_is_warned_of_from_november(caplog):
    assert queries.calendar_warnings(at("2026-10-31T23:59")) == []
    assert queries.years_without_notice(at("2026-11-01T00:00")) == [2027]
    CalendarYear.objects.update(official=False)
    with caplog.at_level(logging.WARNING):
        sentences = tasks.warn_of_missing_year()
    assert sentences and sentences[0] in caplog.text
    assert "尚无国务院办公厅节假日安排" in sentences[0]


def test_the_database_refuses_a_second_arrangement_of_a_day():
    with pytest.raises(IntegrityError), transaction.atomic():
        SpecialDay.objects.create(date=date(2026, 2, 14), is_workday=False, name="重复")
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarYear.objects.create(year=2030, official=True, notice="")


def test_one_editor_at_a_time_so_that_revisions_become_visible_in_order():
    _set()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('workdays.calendar'))")
            assert cursor.fetchone() == (False,)
    finally:
        other.close()
