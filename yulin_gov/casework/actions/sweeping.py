"""The sweep: reminders whose moment has come and timers that are due.

Candidates are found without locks through partial indexes, so the cost follows what is due and
not what is open. Then, a small set of cases at a time: lock (skipping whatever somebody holds),
look again, act, commit. A sweep that dies leaves nothing half done; two sweeps never warn twice.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from yulin_gov.organization.capacity import SYSTEM
from yulin_gov.workdays.calendar import current_calendar

from .. import telling
from ..batch import Batch
from ..clocks import written
from ..models import Case, CaseExclusion, Clock, Step, Timer
from ..running import RunningCase
from ..timers import timer_action

logger = logging.getLogger(__name__)
SET = 100  # cases per transaction


@dataclass
class Sweep:
    """What a sweep did."""

    alerts: int = 0
    timers: int = 0
    busy: int = 0


def sweep_deadlines(*, now: datetime | None = None, limit: int = 5000) -> Sweep:
    """Send every reminder and run every timer whose moment has come; at most `limit` of each.

    `now` may be given on a demonstration to see what a later day will bring. Each reminder is
    an event (`casework.alerted`) and notices to those the procedure names.
    """
    at = now or timezone.now()
    done = Sweep()
    case_ids = _cases_with_alerts(at, limit)
    for start in range(0, len(case_ids), SET):
        _alert_set(case_ids[start : start + SET], at, done)
    for timer_id, case_id in _due_timers(at, limit):
        _fire(timer_id, case_id, at, done)
    return done


def _cases_with_alerts(at: datetime, limit: int) -> list[int]:
    due = Clock.objects.filter(next_alert_at__lte=at).order_by("next_alert_at", "case_id")
    return list(dict.fromkeys(due.values_list("case_id", flat=True)[:limit]))


def _alert_set(case_ids: list[int], at: datetime, done: Sweep) -> None:
    """One transaction for the set; where it fails, one for each case, so that a case that cannot
    be reminded of holds up no other."""
    try:
        done.alerts += _alert(case_ids, at, done)
    except Exception:
        if len(case_ids) == 1:
            logger.exception("case %s cannot be reminded of", case_ids[0])
            return
        for case_id in case_ids:
            _alert_set([case_id], at, done)


def _alert(case_ids: list[int], at: datetime, done: Sweep) -> int:
    sent = 0
    with transaction.atomic():
        locked = Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        wanted = locked.filter(pk__in=case_ids).select_related("procedure", "unit")
        cases = list(wanted.defer("procedure__definition").order_by("pk"))
        batch = Batch()
        clocks: dict[int, list[Clock]] = {}
        for clock in Clock.objects.filter(case__in=cases, next_alert_at__lte=at).select_related("step__unit"):
            clocks.setdefault(clock.case_id, []).append(clock)
        cases_due = [case for case in cases if case.pk in clocks]
        steps = list(Step.objects.filter(case__in=cases_due, closed_at=None))
        _bar(cases_due)
        holders = telling.Addressees(steps)
        for case in cases_due:
            waiting = [step for step in steps if step.case_id == case.pk]
            sent += _alert_case(case, clocks[case.pk], waiting, holders, at, batch)
        batch.write()
    done.busy += len(case_ids) - len(cases)
    return sent


def _bar(cases: list[Case]) -> None:
    """Read in one query who must hear of none of these cases."""
    barred: dict[int, tuple[set[int], set[int]]] = {case.pk: (set(), set()) for case in cases}
    rows = CaseExclusion.objects.filter(case__in=cases).values_list("case_id", "unit_id", "person_id")
    for case_id, unit_id, person_id in rows:
        units, persons = barred[case_id]
        units.add(unit_id) if unit_id else persons.add(person_id)
    for case in cases:
        case.barred = tuple(frozenset(ids) for ids in barred[case.pk])


def _alert_case(
    case: Case,
    clocks: list[Clock],
    steps: list[Step],
    holders: telling.Addressees,
    at: datetime,
    batch: Batch,
) -> int:
    running = RunningCase(case, batch, by=SYSTEM, calendar=current_calendar())
    sent = 0
    for clock in clocks:
        clock.case = case
        alerts = running.alerts_of(clock)
        while clock.next_alert_at is not None and clock.next_alert_at <= at:
            alert = alerts[clock.alerts_done]
            clock.alerts_done += 1
            running.schedule_alert(clock, alerts)
            said = {"clock": clock.name, "offset": alert.offset, "unit": clock.unit}
            said |= {"due_at": written(clock.due_at), "to": list(alert.to)}
            running.record("casework.alerted", said, step=clock.step)
            running.notify(
                partial(telling.deadline, case, clock, alert, steps, holders, running.calendar, at)
            )
            sent += 1
        batch.change(clock)
    return sent


def _due_timers(at: datetime, limit: int) -> list[tuple[int, int]]:
    waiting = Timer.objects.filter(at__lte=at, done_at=None, cancelled_at=None).order_by("at", "case_id")
    return list(waiting.values_list("pk", "case_id")[:limit])


def _fire(timer_id: int, case_id: int, at: datetime, done: Sweep) -> None:
    """Run one timer; one that fails is logged and tried again by the next sweep."""
    try:
        with transaction.atomic():
            locked = Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            case = locked.select_related("procedure", "unit").filter(pk=case_id).first()
            claimed = Timer.objects.filter(pk=timer_id, done_at=None, cancelled_at=None, at__lte=at)
            if case is None or not claimed.update(done_at=at):
                done.busy += 1
                return
            timer = Timer.objects.get(pk=timer_id)
            batch = Batch()
            RunningCase(case, batch, by=SYSTEM).record("casework.timer_fired", {"action": timer.action})
            batch.write()
            timer_action(timer.action)(case, timer.subject)
            done.timers += 1
    except Exception:
        logger.exception("timer %s failed", timer_id)


def set_timer(case: Case, action: str, at: datetime, *, subject: int | None = None) -> Timer:
    """Ask for `action` to happen at a moment, unless the case closes before. Call inside the
    transaction that holds the case's lock."""
    assert connection.in_atomic_block
    timer_action(action)
    return Timer.objects.create(case=case, action=action, at=at, subject=subject)
