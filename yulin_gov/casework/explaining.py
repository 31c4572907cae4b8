"""Why this date? A clock's ledger in words, and the days that were counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from yulin_gov.workdays.calendar import Calendar, current_calendar
from yulin_gov.workdays.terms import TermUnit, format_term, last_day, local_day

from .enums import ClockVerb
from .models import Case, Clock, ClockEntry

_DAYS_SHOWN = 120


@dataclass(frozen=True)
class Explanation:
    """One clock for templates/casework/deadlines.html."""

    clock: Clock
    term: str
    lines: list[ClockEntry]
    sentence: str
    days: list[tuple[date, int | None, str]]


def explain_clocks(case: Case) -> list[Explanation]:
    """Every clock of the case, those of the whole case first; two queries."""
    clocks = Clock.objects.filter(case=case).select_related("step").prefetch_related("entries__by")
    calendar = current_calendar()
    ordered = sorted(clocks, key=lambda clock: (clock.step_id is not None, clock.pk))
    return [_explain(clock, calendar) for clock in ordered]


def _explain(clock: Clock, calendar: Calendar) -> Explanation:
    lines = sorted(clock.entries.all(), key=lambda entry: entry.pk)
    start = next((e for e in reversed(lines) if e.verb in (ClockVerb.START, ClockVerb.RESTART)), None)
    term = format_term(clock.amount, clock.unit)
    return Explanation(clock, term, lines, _sentence(clock, start, term), list(_days(clock, start, calendar)))


def _sentence(clock: Clock, start: ClockEntry | None, term: str) -> str:
    if start is None:
        return ""
    day = local_day(start.at)
    if clock.unit == TermUnit.HOURS:
        return f"自{day:%Y年%m月%d日}收到起计{term}，仅计工作时间。"
    kind = "次一工作日" if clock.unit == TermUnit.WORKDAYS else "次日"
    skipped = (
        "，休息日和法定节假日不计，调休上班日计入" if clock.unit == TermUnit.WORKDAYS else "，节假日计入"
    )
    return f"{day:%Y年%m月%d日}收到，自{kind}起计{term}{skipped}，至最后一日24时止。"


def _days(
    clock: Clock, start: ClockEntry | None, calendar: Calendar
) -> Iterator[tuple[date, int | None, str]]:
    """Each day after the start with its number in the term, or why it does not count."""
    if start is None or clock.due_at is None or clock.unit == TermUnit.HOURS:
        return
    day, last, counted = local_day(start.at), last_day(clock.due_at), 0
    for _ in range(_DAYS_SHOWN):
        day += timedelta(days=1)
        if day > last:
            return
        if clock.unit == TermUnit.DAYS or calendar.is_workday(day):
            counted += 1
            yield day, counted, "调休上班" if day.weekday() > 4 and clock.unit == TermUnit.WORKDAYS else ""
        else:
            yield day, None, "周末" if day.weekday() > 4 else "节假日"
