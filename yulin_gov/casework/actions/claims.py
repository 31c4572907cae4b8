"""The pool: taking a step for oneself before doing it, and putting it back."""

from __future__ import annotations

from django.db import transaction

from yulin_gov.organization.capacity import SYSTEM, Capacity
from yulin_gov.refused import Refused

from .. import rules
from ..batch import Batch
from ..models import Step
from ..running import RunningCase
from .stepping import check_not_excluded, lock_case, open_step


def claim_step(step: Step, *, by: Capacity) -> None:
    """Take a step from the pool (领办): from now on it is this person's. Claiming twice is fine."""
    with transaction.atomic():
        batch = Batch()
        running = RunningCase.load(lock_case(step.case_id), batch, by=by)
        current = open_step(running, step)
        principal = by.acting_for or by.user
        if current.person_id is not None and current.person_id == getattr(principal, "pk", None):
            return
        if not rules.may_claim(current, by):
            raise Refused("该环节已由他人领办。" if current.person_id else "您没有领办该环节的权限。")
        check_not_excluded(running.case, by)
        # A deputy claims for the one he acts for, who finds it in his own list as well.
        current.person, current.position = principal, by.position
        batch.change(current)
        running.record("casework.step_claimed", {"stage": current.stage_key}, step=current)
        running.settle()
        batch.write()


def release_step(step: Step, *, by: Capacity, reason: str = "") -> None:
    """Put a claimed step back into the pool (放回待领)."""
    with transaction.atomic():
        batch = Batch()
        running = RunningCase.load(lock_case(step.case_id), batch, by=by)
        current = open_step(running, step)
        if not by.is_system and not (rules.may_take(current, by) and current.person_id):
            raise Refused("只能放回本人领办的环节。")
        current.person = current.position = None
        batch.change(current)
        said = {"stage": current.stage_key, **({"reason": reason} if reason else {})}
        running.record("casework.step_released", said, step=current)
        batch.write()


def release_steps_of(person_id: int, position_id: int) -> int:
    """Put back everything a person held in a position he no longer has; how many were put back."""
    held = Step.objects.filter(person=person_id, position=position_id, closed_at=None).order_by(
        "case_id", "id"
    )
    released = 0
    for step in held:
        release_step(step, by=SYSTEM, reason="任职结束")
        released += 1
    return released
