"""Deadlines in people's words: “剩余 3 小时”, “明日到期”, “已超期 2 个工作日”."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from .calendar import Calendar
from .terms import TermUnit, last_day, left_at, local_day

# Working days left at which a deadline begins to press.
SOON = 1


class Deadline(NamedTuple):
    """What to say, and how it presses: `level` is "ok", "soon" or "late"."""

    text: str
    level: str


def deadline_phrase(
    due: datetime, now: datetime, calendar: Calendar, unit: str = TermUnit.WORKDAYS, verb: str = ""
) -> Deadline:
    """How far `due` is at `now`, counted in the term's own unit; `verb` goes before (“签收剩余 3 小时”)."""
    if now >= due:
        return Deadline(f"{verb}已超期{_overrun(due, now, calendar, unit)}", "late")
    if unit == TermUnit.HOURS:
        text, level = _hours_left(due, now, calendar)
    else:
        text, level = _days_left(due, now, calendar, unit)
    return Deadline(f"{verb}{text}", level)


def _overrun(due: datetime, now: datetime, calendar: Calendar, unit: str) -> str:
    if unit == TermUnit.HOURS:
        seconds = -left_at(now, due, unit, calendar)
        return f" {_span(seconds)}" if seconds >= 60 else ""
    if unit == TermUnit.DAYS:
        return f" {-left_at(now, due, unit, calendar)} 日"
    days = calendar.workdays_between(last_day(due), local_day(now))
    return f" {days} 个工作日" if days else ""  # over the weekend none has passed yet


def _days_left(due: datetime, now: datetime, calendar: Calendar, unit: str) -> tuple[str, str]:
    today, last = local_day(now), last_day(due)
    workdays = calendar.workdays_between(today, last)
    level = "soon" if workdays <= SOON else "ok"
    if (near := _near(today, last)) is not None:
        return f"{near}到期", level
    left = left_at(now, due, unit, calendar)
    if left == 0:  # the last day is a day off, and nothing but days off lies before it
        return f"{last.month}月{last.day}日到期", level
    return f"剩余 {left} {'日' if unit == TermUnit.DAYS else '个工作日'}", level


def _hours_left(due: datetime, now: datetime, calendar: Calendar) -> tuple[str, str]:
    today = local_day(now)
    # Within the day people read the clock on the wall; beyond it, only working time says anything.
    if (near := _near(today, local_day(due))) == "今日":
        return f"剩余 {_span(max((due - now) // timedelta(seconds=1), 60))}", "soon"
    if near:
        return f"{near} {timezone.localtime(due, timezone.get_default_timezone()):%H:%M} 到期", "soon"
    hours = -(-left_at(now, due, TermUnit.HOURS, calendar) // 3600)
    level = "soon" if calendar.workdays_between(today, last_day(due)) <= SOON else "ok"
    return f"剩余 {hours} 个工作小时", level


def _near(today: date, day: date) -> str | None:
    return {0: "今日", 1: "明日"}.get((day - today).days)


def _span(seconds: int) -> str:
    return f"{seconds // 3600} 小时" if seconds >= 3600 else f"{seconds // 60} 分钟"
