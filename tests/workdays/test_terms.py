"""Terms end when the rules say, and pausing conserves what is left."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.workdays.test_calendar import OFFICIAL
from yulin_gov.workdays.terms import (
    TermUnit,
    due_at,
    due_with_left,
    format_term,
    last_day,
    left_at,
    local_day,
    shift,
)

WORKDAYS, DAYS, HOURS = TermUnit.WORKDAYS, TermUnit.DAYS, TermUnit.HOURS
CITY = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 3, 1)).map(lambda m: m.replace(tzinfo=CITY))
units = st.sampled_from(TermUnit)
amounts = st.integers(0, 60)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2026-11-20T09:00", 5, WORKDAYS, "2026-11-28T00:00"),  # Friday: counts from Monday
        ("2026-11-20T23:59", 5, WORKDAYS, "2026-11-28T00:00"),
        ("2026-11-21T10:00", 5, WORKDAYS, "2026-11-28T00:00"),  # Saturday: likewise from Monday
        ("2026-02-12T09:00", 5, WORKDAYS, "2026-02-27T00:00"),  # over the Spring Festival
        ("2026-09-30T18:00", 2, WORKDAYS, "2026-10-10T00:00"),  # National Day week
        ("2026-09-30T18:00", 3, WORKDAYS, "2026-10-11T00:00"),  # ends with a worked Saturday
        ("2026-11-20T09:00", 60, DAYS, "2027-01-20T00:00"),
        ("2026-11-20T09:00", 0, DAYS, "2026-11-21T00:00"),
        ("2026-11-20T09:30", 2, HOURS, "2026-11-20T11:30"),
        ("2026-11-20T11:00", 2, HOURS, "2026-11-20T16:00"),  # over lunch
        ("2026-11-20T17:00", 2, HOURS, "2026-11-23T09:00"),  # over the weekend
        ("2026-11-20T16:00", 2, HOURS, "2026-11-20T18:00"),  # used up at closing, not the next morning
        ("2026-11-21T10:00", 7, HOURS, "2026-11-23T18:00"),
    ],
)
def test_a_term_counts_from_the_next_day_and_ends_with_its_last(start, amount, unit, due):
    assert due_at(at(start), amount, unit, OFFICIAL) == at(due)


def test_the_day_is_the_citys_whatever_zone_a_moment_or_user_has():
    evening = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # 00:30 on Monday in the city
    with timezone.override("America/New_York"):
        assert local_day(evening) == date(2026, 11, 23)
        assert due_at(evening, 1, WORKDAYS, OFFICIAL) == at("2026-11-25T00:00")


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="naive"):
        due_at(datetime(2026, 1, 1), 1, WORKDAYS, OFFICIAL)
    with pytest.raises(ValueError, match="negative"):
        due_at(at("2026-01-01T00:00"), -1, DAYS, OFFICIAL)


def test_what_is_left_counts_down_to_zero_on_the_last_day_and_is_negative_after():
    due = at("2026-11-28T00:00")
    left = [left_at(at(f"2026-11-{day}T12:00"), due, WORKDAYS, OFFICIAL) for day in range(20, 31)]
    assert left == [5, 5, 5, 4, 3, 2, 1, 0, -1, -1, -1]
    assert left_at(due, due, WORKDAYS, OFFICIAL) == -1  # the first moment that is too late
    assert left_at(due, due, DAYS, OFFICIAL) == -1
    assert left_at(at("2026-11-20T17:00"), at("2026-11-23T09:00"), HOURS, OFFICIAL) == 7200
    assert left_at(at("2026-11-23T09:30"), at("2026-11-23T09:00"), HOURS, OFFICIAL) == -1800


def test_a_correction_pause_does_not_cost_the_office_a_day():
    due = due_at(at("2026-11-02T09:00"), 20, WORKDAYS, OFFICIAL)
    left = left_at(at("2026-11-04T09:00"), due, WORKDAYS, OFFICIAL)
    assert left == 18
    resumed = due_with_left(at("2026-11-18T09:00"), left, WORKDAYS, OFFICIAL)
    assert OFFICIAL.workdays_between(last_day(due), last_day(resumed)) == 10


def test_reminders_and_extensions_move_by_term_units():
    due = at("2026-11-28T00:00")  # last day Friday 27
    assert shift(due, -1, WORKDAYS, OFFICIAL) == at("2026-11-27T00:00")
    assert shift(due, 10, WORKDAYS, OFFICIAL) == at("2026-12-12T00:00")
    assert shift(due, -3, DAYS, OFFICIAL) == at("2026-11-25T00:00")
    assert shift(at("2026-11-23T09:00"), -2, HOURS, OFFICIAL) == at("2026-11-20T17:00")
    assert shift(at("2026-11-23T09:00"), 1, HOURS, OFFICIAL) == at("2026-11-23T10:00")


def test_terms_are_said_with_their_unit():
    assert [format_term(15, "workdays"), format_term(60, DAYS), format_term(4, HOURS)] == [
        "15个工作日",
        "60日",
        "4个工作小时",
    ]


@given(moments, amounts, units, st.timedeltas(timedelta(0), timedelta(days=90)))
def test_due_is_monotonic_in_start_and_amount(start, amount, unit, later):
    due = due_at(start, amount, unit, OFFICIAL)
    assert due > start or (amount == 0 and due >= start)
    assert due <= due_at(start + later, amount, unit, OFFICIAL)
    assert due <= due_at(start, amount + 1, unit, OFFICIAL)


@given(moments, amounts, units)
def test_at_its_start_the_whole_term_is_left(start, amount, unit):
    start = start.replace(microsecond=0)
    full = amount * 3600 if unit == HOURS else amount
    assert left_at(start, due_at(start, amount, unit, OFFICIAL), unit, OFFICIAL) == full


@given(moments, amounts, units, st.lists(st.timedeltas(timedelta(0), timedelta(days=40)), max_size=6))
def test_pausing_and_resuming_conserves_what_is_left_even_when_late(start, amount, unit, gaps):
    due = due_at(start, amount, unit, OFFICIAL)
    now = start
    for running, paused in zip(gaps[::2], gaps[1::2], strict=False):
        now += running
        left = left_at(now, due, unit, OFFICIAL)
        assert (left < 0) is (now >= due) or (unit == HOURS and left == 0)
        now += paused
        due = due_with_left(now, left, unit, OFFICIAL)
        assert left_at(now, due, unit, OFFICIAL) == left


@given(moments, amounts, units)
def test_a_pause_of_no_length_changes_nothing(start, amount, unit):
    due = due_at(start, amount, unit, OFFICIAL)
    left = left_at(start, due, unit, OFFICIAL)
    again = due_with_left(start, left, unit, OFFICIAL)
    assert abs(again - due) < timedelta(seconds=1)


@given(moments, st.integers(1, 60), units, st.integers(0, 60))
def test_shifting_there_and_back_returns(start, amount, unit, by):
    due = due_at(start, amount, unit, OFFICIAL)
    assert shift(shift(due, by, unit, OFFICIAL), -by, unit, OFFICIAL) == due
    assert shift(due, by, unit, OFFICIAL) == due_at(start, amount + by, unit, OFFICIAL)
