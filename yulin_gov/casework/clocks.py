"""Deadlines as a pure projection of a clock's ledger. Nothing here touches the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils import timezone

from yulin_gov.workdays.calendar import Calendar
from yulin_gov.workdays.terms import due_at, due_with_left, left_at, shift

from .enums import ClockState, ClockVerb
from .models import Clock
from .procedures import Alert


class Line(Protocol):
    """What the projection reads of a ledger entry."""

    verb: str
    at: datetime
    amount: int


@dataclass(frozen=True)
class Projection:
    """Where a clock stands: its state, the first moment that is too late (None while paused),
    and, while paused, what is left in days or seconds of working time."""

    state: str
    due_at: datetime | None
    left: int | None = None


def project(amount: int, unit: str, lines: Iterable[Line], calendar: Calendar) -> Projection:
    """The state and due time that the ledger implies under `calendar`.

    `amount` and each extension are in `unit` (working days, calendar days or working hours).
    A pause keeps what is left and a resumption gives exactly that back.
    """
    now = Projection(ClockState.STOPPED, None)
    for line in lines:
        now = _apply(now, line, amount, unit, calendar)
    return now


def _apply(now: Projection, line: Line, amount: int, unit: str, calendar: Calendar) -> Projection:
    match line.verb:
        case ClockVerb.START | ClockVerb.RESTART:
            return Projection(ClockState.RUNNING, due_at(line.at, amount, unit, calendar))
        case ClockVerb.PAUSE:
            return Projection(ClockState.PAUSED, None, left_at(line.at, now.due_at, unit, calendar))
        case ClockVerb.RESUME:
            return Projection(ClockState.RUNNING, due_with_left(line.at, now.left, unit, calendar))
        case ClockVerb.EXTEND if now.state == ClockState.PAUSED:
            more = line.amount if unit != "hours" else line.amount * 3600
            return Projection(ClockState.PAUSED, None, now.left + more)
        case ClockVerb.EXTEND:
            return Projection(now.state, shift(now.due_at, line.amount, unit, calendar))
        case ClockVerb.STOP:
            return Projection(ClockState.STOPPED, now.due_at, now.left)
        case ClockVerb.REOPEN:  # as if it had never been stopped
            state = ClockState.RUNNING if now.left is None else ClockState.PAUSED
            return Projection(state, now.due_at, now.left)
    return now  # RECOUNT changes nothing itself: it says that the calendar did


def next_alert(clock: Clock, alerts: Sequence[Alert], calendar: Calendar) -> datetime | None:
    """When the clock's next reminder falls, or None when none is left or the clock stands."""
    if clock.state != ClockState.RUNNING or clock.due_at is None or clock.alerts_done >= len(alerts):
        return None
    return alert_at(clock.due_at, alerts[clock.alerts_done], clock.unit, calendar)


def remind_again(clock: Clock, alerts: Sequence[Alert], calendar: Calendar, now: datetime) -> None:
    """After a deadline moved: what had been reminded of and lies ahead again counts as not done.

    A reminder whose new moment is past stays done if it was sent, and is due at once if not.
    """
    clock.alerts_done = min(clock.alerts_done, len(alerts))
    while (
        clock.alerts_done
        and alert_at(clock.due_at, alerts[clock.alerts_done - 1], clock.unit, calendar) > now
    ):
        clock.alerts_done -= 1


def alert_at(due: datetime, alert: Alert, unit: str, calendar: Calendar) -> datetime:
    """The moment of one reminder: `alert.offset` term units from the due time."""
    return shift(due, alert.offset, unit, calendar) if alert.offset else due


def written(moment: datetime | None) -> str:
    """A due time as events say it: in the city's own time, always."""
    return timezone.localtime(moment, timezone.get_default_timezone()).isoformat() if moment else ""


def pressing(clocks: Iterable[Clock]) -> datetime | None:
    """The earliest due time among running clocks."""
    return min((c.due_at for c in clocks if c.is_running and c.due_at), default=None)
