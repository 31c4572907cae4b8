"""Terms: how long something may take, when it is due, what is left of it.

A term is an amount of working days, calendar days (信访) or working hours (即办件). The day of the
start is never counted; a term of days ends with its last day (24:00 in the city), and the moment
of being due is the first that is too late. All moments are aware; ValueError for a naive one.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.utils import timezone

from .calendar import Calendar

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)
_NONE = timedelta()


class TermUnit(models.TextChoices):
    WORKDAYS = "workdays", "个工作日"
    DAYS = "days", "日"
    HOURS = "hours", "个工作小时"


def due_at(start: datetime, amount: int, unit: str, calendar: Calendar) -> datetime:
    """The first moment that is too late for a term of `amount` that begins at `start`.

    Days: local midnight after the last day. Hours: the moment inside settings.WORKING_HOURS at
    which they are used up. ValueError for a negative amount.
    """
    if amount < 0:
        raise ValueError("a term cannot be negative")
    left = amount * 3600 if unit == TermUnit.HOURS else amount
    return due_with_left(start, left, unit, calendar)


def left_at(at: datetime, due: datetime, unit: str, calendar: Calendar) -> int:
    """What is left at `at` of a term due at `due`; negative once it is late.

    Days: whole (working) days after `at`'s day up to the last day, so 0 all through the last day.
    Hours: seconds of working time, rounded down.
    """
    if unit == TermUnit.HOURS:
        return (_worked_until(due, calendar) - _worked_until(at, calendar)) // _SECOND
    today, last = local_day(at), last_day(due)
    if unit == TermUnit.DAYS:
        return (last - today).days
    left = calendar.workdays_between(today, last)
    # Over a weekend no working day has passed since, yet late is late.
    return min(left, -1) if at >= due else left


def due_with_left(resumed_at: datetime, left: int, unit: str, calendar: Calendar) -> datetime:
    """When a term with `left` (as `left_at` gave it) is due if it runs again from `resumed_at`.

    Inverse of `left_at`, so a pause conserves what is left, however late or often it happens.
    """
    if unit == TermUnit.HOURS:
        return _after_working_time(resumed_at, left * _SECOND, calendar)
    today = local_day(resumed_at)
    if unit == TermUnit.DAYS:
        return _end_of(today + left * _DAY)
    if left < 0:
        # The working day since which -left working days have passed, today included.
        return _end_of(calendar.add_workdays(today + _DAY, left - 1))
    return _end_of(calendar.add_workdays(today, left))


def shift(due: datetime, amount: int, unit: str, calendar: Calendar) -> datetime:
    """`due` moved by a signed amount of term units: a reminder before it, or an extension.

    “1 working day before” gives the beginning of the last day, at which 0 are left.
    """
    if unit == TermUnit.HOURS:
        return _after_working_time(due, amount * _HOUR, calendar)
    if unit == TermUnit.DAYS:
        return _end_of(last_day(due) + amount * _DAY)
    return _end_of(calendar.add_workdays(last_day(due), amount))


def format_term(amount: int, unit: str) -> str:
    """“15个工作日”, “60日”, “4个工作小时”."""
    return f"{amount}{TermUnit(unit).label}"


def last_day(due: datetime) -> date:
    """The last local day on which something due at `due` is still in time."""
    return local_day(due - timedelta.resolution)


def local_day(moment: datetime) -> date:
    """The day `moment` falls on in the city, whatever time zone a user may have activated."""
    return _local(moment).date()


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment, timezone.get_default_timezone())


def _end_of(day: date) -> datetime:
    return _moment(day + _DAY, _NONE)


def _moment(day: date, since_midnight: timedelta) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone()) + since_midnight


# -- working hours: every moment is so much working time after the calendar's beginning ---


@lru_cache
def _periods(hours: tuple[tuple[str, str], ...]) -> tuple[tuple[timedelta, timedelta], ...]:
    """Working hours as times since midnight, from settings like (("08:00", "12:00"), …)."""
    return tuple((_since_midnight(begin), _since_midnight(end)) for begin, end in hours)


def _since_midnight(clock: str) -> timedelta:
    hours, minutes = clock.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _day_length(periods) -> timedelta:
    return sum((end - begin for begin, end in periods), _NONE)


def _worked_until(moment: datetime, calendar: Calendar) -> timedelta:
    """All working time from the calendar's beginning to `moment`."""
    periods = _periods(settings.WORKING_HOURS)
    local = _local(moment)
    full_days = calendar.workday_number(local.date())
    if not calendar.is_workday(local.date()):
        return full_days * _day_length(periods)
    now = local - _moment(local.date(), _NONE)
    today = sum((min(now, end) - begin for begin, end in periods if now > begin), _NONE)
    return (full_days - 1) * _day_length(periods) + today


def _after_working_time(moment: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """The first moment at which `amount` (signed) of working time has passed since `moment`."""
    if not amount:
        return moment
    periods = _periods(settings.WORKING_HOURS)
    length = _day_length(periods)
    total = _worked_until(moment, calendar) + amount
    number = -(-total // length)  # rounded up: used up at the end of a day, not the next morning
    rest = total - (number - 1) * length
    for begin, end in periods:
        if rest <= end - begin:
            break
        rest -= end - begin
    return _moment(calendar.numbered_workday(number), begin + rest)
