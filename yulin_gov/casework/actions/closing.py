"""Ends that are not a route of the procedure, moving a case to another unit, and who must not see it."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from yulin_gov.organization.capacity import Capacity
from yulin_gov.organization.models import Unit
from yulin_gov.refused import Refused

from ..batch import Batch
from ..enums import Part, StepOutcome
from ..models import Case, CaseExclusion, CaseUnit, Step
from ..participants import Participant
from ..running import RunningCase
from .opening import exclude_in
from .stepping import check_capacity, lock_case, open_step


def close_case(case: Case, *, by: Capacity, outcome: str = "withdrawn", at: datetime | None = None) -> None:
    """End a case from outside its procedure: withdrawn by the applicant, merged, void.

    Open steps are superseded, clocks stopped, notices not yet delivered dropped. The caller has
    checked who may. Closing a closed case with the same outcome does nothing.
    """
    with transaction.atomic():
        locked = lock_case(case.pk)
        if not locked.is_open:
            if locked.outcome == outcome:
                return
            raise Refused("该办件已办结。")
        batch = Batch()
        running = RunningCase.load(locked, batch, by=by, at=at, quiet=bool(at))
        running.finish(outcome)
        running.settle()
        batch.write()


def transfer_case(step: Step, *, by: Capacity, to: Unit, reason: str) -> None:
    """Make another unit responsible (转办): the step goes to that unit's role.

    The case's clocks go on: the applicant's term never restarts. Raises Refused without a
    reason, for the same unit, or where the other unit must never see the case.
    """
    if not reason.strip():
        raise Refused("请填写转办理由。", field="reason")
    with transaction.atomic():
        batch = Batch()
        running = RunningCase.load(lock_case(step.case_id), batch, by=by)
        current = open_step(running, step)
        check_capacity(running, current)
        if to.pk == running.case.unit_id:
            raise Refused("该办件已由该单位承办。", field="to")
        if CaseExclusion.objects.filter(case=running.case, unit=to).exists():
            raise Refused("该单位须回避，不能转办。", field="to")
        former = running.case.unit
        running.close_step(current, StepOutcome.FORWARDED, "转办", opinion=reason.strip())
        said = {"from": former.pk, "to": to.pk, "reason": reason.strip()}
        event = running.record("casework.transferred", said, step=current)
        running.supersede([s for s in running.siblings(current) if s.is_open])
        running.leave(running.stage_of(current), event)
        # The former host keeps its row as a co-host: what it did stays in its lists.
        CaseUnit.objects.filter(case=running.case, unit=former, part=Part.HOST).delete()
        for unit, part in ((former, Part.COHOST), (to, Part.HOST)):
            running.join_list(unit, part)
        running.case.unit = to
        running.batch.change(running.case)
        running.enter(current.stage_key, event, [Participant(to)])
        running.settle()
        batch.write()


def exclude_from_case(case: Case, *, by: Capacity, excluded: Unit | AbstractBaseUser, reason: str) -> None:
    """Note that a unit or a person must never see the case, whatever else grants it (回避).

    What the person held goes back to the pool. Raises Refused for a unit that is working on it.
    """
    with transaction.atomic():
        batch = Batch()
        running = RunningCase.load(lock_case(case.pk), batch, by=by)
        which = {"unit": excluded} if isinstance(excluded, Unit) else {"person": excluded}
        if CaseExclusion.objects.filter(case=running.case, **which).exists():
            return
        exclude_in(running, excluded, reason=reason)
        batch.write()
