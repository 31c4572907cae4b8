"""What people do to clocks: pause, resume, extend, restart; and what the calendar does to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from yulin_gov.organization.capacity import SYSTEM, Capacity
from yulin_gov.refused import Refused
from yulin_gov.workdays.calendar import current_calendar, forget_calendar

from ..batch import Batch
from ..clocks import project, written
from ..enums import ClockState, ClockVerb
from ..models import Case, Clock
from ..running import RunningCase
from .stepping import check_not_excluded, lock_case


@contextmanager
def _clock(case: Case, name: str, by: Capacity, reason: str) -> Iterator[tuple[RunningCase, Clock]]:
    if not reason.strip():
        raise Refused("请填写原因。", field="reason")
    with transaction.atomic():
        batch = Batch()
        running = RunningCase.load(lock_case(case.pk), batch, by=by)
        check_not_excluded(running.case, by)
        clock = next((c for c in running.clocks if c.name == name and c.step is None), None)
        if clock is None:
            raise Refused("该时限已经结束或不存在。")
        yield running, clock
        running.settle()
        batch.write()


def pause_clock(case: Case, name: str, *, by: Capacity, reason: str, legal_basis: str) -> None:
    """Stop a running clock (停表). What is left, in the clock's own unit, is kept.

    A clock that is already late cannot be stopped: lateness is not healed by standing still.
    """
    if not legal_basis.strip():
        raise Refused("请填写停表依据。", field="legal_basis")
    with _clock(case, name, by, reason) as (running, clock):
        if clock.state != ClockState.RUNNING:
            raise Refused("该时限已处于停表状态。")
        if clock.due_at <= running.at:
            raise Refused("该时限已超期，不能停表。")
        said = {"clock": name, "reason": reason, "legal_basis": legal_basis}
        event = running.record("casework.clock_paused", said)
        running.clock_entry(clock, ClockVerb.PAUSE, event, reason=reason, basis=legal_basis)


def resume_clock(case: Case, name: str, *, by: Capacity, reason: str) -> None:
    """Let a paused clock run again (恢复) with exactly what was left."""
    with _clock(case, name, by, reason) as (running, clock):
        if clock.state != ClockState.PAUSED:
            raise Refused("该时限未停表。")
        said = {"clock": name, "reason": reason, "due_at": ""}
        event = running.record("casework.clock_resumed", said)
        running.clock_entry(clock, ClockVerb.RESUME, event, reason=reason)
        said["due_at"] = written(clock.due_at)


def extend_clock(
    case: Case, name: str, *, by: Capacity, amount: int, reason: str, legal_basis: str = ""
) -> None:
    """Give a clock `amount` more of its own unit (延期): working days for a clock of working days."""
    if amount < 1:
        raise Refused("延长的期限应大于零。", field="amount")
    with _clock(case, name, by, reason) as (running, clock):
        said = {"clock": name, "amount": amount, "reason": reason, "legal_basis": legal_basis, "due_at": ""}
        event = running.record("casework.clock_extended", said)
        running.clock_entry(clock, ClockVerb.EXTEND, event, amount=amount, reason=reason, basis=legal_basis)
        said["due_at"] = written(clock.due_at)


def restart_clock(case: Case, name: str, *, by: Capacity, reason: str, legal_basis: str) -> None:
    """Begin a clock anew from now (重新起算), for instance after a correction was asked for."""
    if not legal_basis.strip():
        raise Refused("请填写重新起算的依据。", field="legal_basis")
    with _clock(case, name, by, reason) as (running, clock):
        said = {"clock": name, "reason": reason, "legal_basis": legal_basis, "due_at": ""}
        event = running.record("casework.clock_restarted", said)
        running.clock_entry(clock, ClockVerb.RESTART, event, reason=reason, basis=legal_basis)
        said["due_at"] = written(clock.due_at)


def recount_clocks(*, limit: int = 200) -> int:
    """Bring live clocks counted under an older calendar up to date; how many cases were looked at.

    Works in batches of cases, each in its own transaction, until none is left behind; whoever
    is busy on a case now is met again by the next run. A case whose dates really move gets an
    event that says so.
    """
    forget_calendar()
    calendar = current_calendar()
    behind = Clock.objects.filter(calendar_revision__lt=calendar.revision).exclude(state=ClockState.STOPPED)
    seen = 0
    case_ids = list(behind.order_by("case_id").values_list("case_id", flat=True).distinct()[:limit])
    for case_id in case_ids:
        with transaction.atomic():
            locked = Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            case = locked.select_related("procedure", "unit").filter(pk=case_id).first()
            if case is None:
                continue
            batch = Batch()
            running = RunningCase.load(case, batch, by=SYSTEM, calendar=calendar)
            _recount(running)
            running.settle()
            batch.write()
            seen += 1
    return seen


def _recount(running: RunningCase) -> None:
    moved: dict[str, list] = {}
    stale = []
    for clock in running.clocks:
        projected = project(clock.amount, clock.unit, running.ledger(clock), running.calendar)
        stale.append((clock, projected.due_at != clock.due_at))
        if projected.due_at != clock.due_at:
            name = clock.name if clock.step is None else f"{clock.name}:{clock.step.pk}"
            moved[name] = [written(clock.due_at), written(projected.due_at)]
    event = None
    if moved:
        said = {"revision": running.calendar.revision, "clocks": moved}
        event = running.record("casework.clocks_recounted", said)
    for clock, changed in stale:
        if changed:
            running.clock_entry(clock, ClockVerb.RECOUNT, event, reason="工作日历调整")
        else:  # the day stays, a reminder so many working days before it may not
            running.schedule_alert(clock, running.alerts_of(clock), ClockVerb.RECOUNT)
            clock.calendar_revision = running.calendar.revision
            running.batch.change(clock)
