"""Working days are exact, make-up days (调休) included, and their arithmetic is consistent."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yulin_gov.workdays.calendar import Calendar
from yulin_gov.workdays.seeding import SEEDED_YEARS, official_days

OFFICIAL = Calendar(1, {day.date: day.is_workday for day in official_days(SEEDED_YEARS)})
PLAIN = Calendar(0, {})

days = st.dates(date(2003, 6, 1), date(2028, 6, 1))
calendars = st.one_of(
    st.just(OFFICIAL),
    st.dictionaries(st.dates(date(2025, 12, 1), date(2026, 4, 1)), st.booleans(), max_size=60).map(
        lambda special: Calendar(7, special)
    ),
)
near_days = st.dates(date(2025, 11, 1), date(2026, 5, 1))

MAKE_UP_DAYS = {
    2023: "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}
HOLIDAYS_IN_THE_WEEK = {
    2023: "01-02 01-23 01-24 01-25 01-26 01-27 04-05 05-01 05-02 05-03 06-22 06-23 09-29 10-02 10-03 10-04"
    " 10-05 10-06",
    2024: "01-01 02-12 02-13 02-14 02-15 02-16 04-04 04-05 05-01 05-02 05-03 06-10 09-16 09-17 10-01 10-02"
    " 10-03 10-04 10-07",
    2025: "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06"
    " 10-07 10-08",
    2026: "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02"
    " 10-05 10-06 10-07",
}


def _days(year: int, text: str) -> set[date]:
    return {date.fromisoformat(f"{year}-{day}") for day in text.split()}


@pytest.mark.parametrize("year", MAKE_UP_DAYS)
def test_a_year_is_worked_exactly_as_the_state_council_announced(year):
    exceptions = _days(year, MAKE_UP_DAYS[year]), _days(year, HOLIDAYS_IN_THE_WEEK[year])
    day = date(year, 1, 1)
    while day.year == year:
        expected = (day.weekday() < 5 or day in exceptions[0]) and day not in exceptions[1]
        assert OFFICIAL.is_workday(day) is expected, day
        day += timedelta(days=1)


def test_over_the_spring_festival_of_2026_the_make_up_saturdays_count():
    friday = date(2026, 2, 13)
    assert OFFICIAL.add_workdays(friday, 1) == date(2026, 2, 14)  # a Saturday, worked
    assert OFFICIAL.add_workdays(friday, 2) == date(2026, 2, 24)  # after nine days off
    assert OFFICIAL.add_workdays(friday, 6) == date(2026, 2, 28)  # again a worked Saturday
    assert OFFICIAL.workdays_between(friday, date(2026, 3, 1)) == 6


def test_counting_back_skips_the_same_days():
    assert OFFICIAL.add_workdays(date(2026, 2, 24), -1) == date(2026, 2, 14)
    assert OFFICIAL.add_workdays(date(2026, 2, 20), -1) == date(2026, 2, 14)
    assert OFFICIAL.add_workdays(date(2026, 2, 24), -2) == date(2026, 2, 13)


def test_zero_days_from_a_day_off_is_that_day():
    assert OFFICIAL.add_workdays(date(2026, 2, 17), 0) == date(2026, 2, 17)


def test_without_a_notice_the_plain_week_counts():
    assert PLAIN.add_workdays(date(2027, 9, 30), 5) == date(2027, 10, 7)


def test_centuries_cost_what_days_cost():
    assert OFFICIAL.workdays_between(date(1, 1, 1), OFFICIAL.add_workdays(date(1, 1, 1), 500_000)) == 500_000


@given(calendars, near_days, st.integers(-80, 80))
def test_adding_agrees_with_walking_day_by_day(calendar, day, n):
    step = timedelta(days=1 if n > 0 else -1)
    walked, left = day, abs(n)
    while left:
        walked += step
        left -= calendar.is_workday(walked)
    assert calendar.add_workdays(day, n) == walked


@given(calendars, near_days, near_days)
def test_between_agrees_with_walking_day_by_day(calendar, a, b):
    low, high = sorted((a, b))
    walked = sum(calendar.is_workday(low + timedelta(days=i)) for i in range(1, (high - low).days + 1))
    assert calendar.workdays_between(a, b) == (walked if a <= b else -walked)


@given(calendars, days, st.integers(1, 400))
def test_between_is_the_inverse_of_adding(calendar, day, n):
    assert calendar.workdays_between(day, calendar.add_workdays(day, n)) == n
    worked = calendar.add_workdays(day, 1)
    assert calendar.workdays_between(worked, calendar.add_workdays(worked, -n)) == -n
    assert calendar.add_workdays(calendar.add_workdays(worked, n), -n) == worked


@given(calendars, days, days, st.integers(-100, 100), st.integers(0, 100))
def test_adding_is_monotonic_in_the_day_and_in_the_amount(calendar, a, b, n, more):
    low, high = sorted((a, b))
    assert calendar.add_workdays(low, n) <= calendar.add_workdays(high, n)
    assert calendar.add_workdays(a, n) <= calendar.add_workdays(a, n + more)
