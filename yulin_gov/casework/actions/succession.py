"""Units merge: what they were responsible for goes on under the successor."""

from __future__ import annotations

from django.db import transaction

from yulin_gov.organization.capacity import SYSTEM
from yulin_gov.organization.models import Unit

from ..batch import Batch
from ..enums import Part
from ..models import Case, CaseUnit, Step, Urge
from ..participants import Participant
from ..running import RunningCase
from .stepping import lock_case


def succeed_cases(unit: Unit, *, successor: Unit) -> int:
    """Move every open case and step of `unit` to `successor`; how many cases were moved.

    Open steps go to the role in the successor, free to be claimed. Clocks go on. Closed cases
    and the successor's view of them stay with the names they were handled under; the former
    unit keeps its access rows.
    """
    affected = Case.objects.filter(closed_at=None, unit=unit).values_list("pk", flat=True)
    working = Step.objects.filter(closed_at=None, unit=unit).values_list("case_id", flat=True)
    case_ids = sorted({*affected, *working})
    for case_id in case_ids:
        with transaction.atomic():
            batch = Batch()
            running = RunningCase.load(lock_case(case_id), batch, by=SYSTEM)
            _succeed(running, unit, successor)
            running.settle()
            batch.write()
    return len(case_ids)


def _succeed(running: RunningCase, unit: Unit, successor: Unit) -> None:
    case = running.case
    event = running.record("casework.succeeded", {"from": unit.pk, "to": successor.pk})
    is_host = case.unit_id == unit.pk
    if is_host:
        CaseUnit.objects.filter(case=case, unit=unit, part=Part.HOST).delete()
        running.join_list(unit, Part.COHOST)
        case.unit = successor
        running.batch.change(case)
    running.join_list(successor, Part.HOST if is_host else Part.COHOST)
    Urge.objects.filter(case=case, unit=unit, answered_at=None).update(unit=successor)
    for step in running.open_steps:
        if step.unit_id != unit.pk:
            continue
        if running.occupied(step, Participant(successor, step.role)):
            running.supersede([step])  # one body answers once, even if two were asked
        else:
            step.unit, step.position, step.person = successor, None, None
            running.batch.change(step)
    running.stop_step_clocks(event)
