"""The pool: taking a step for oneself before doing it, and putting it back."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from yulin_gov.organization.capacity import SYSTEM, Capacity
from yulin_gov.organization.models import Position
from yulin_gov.organization.queries import holders_of
from yulin_gov.refused import Refused

from .. import rules, telling
from ..batch import Batch
from ..models import CaseEvent, Step
from ..participants import Participant
from ..running import RunningCase
from .stepping import AlreadyTaken, check_capacity, claimed_by, lock_case, open_step


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
            raise Refused(claimed_by(current) if current.person_id else "您没有领办该环节的权限。")
        check_capacity(running, current)
        place = Participant(current.unit, current.role, current.position, principal.pk)
        if running.occupied(current, place):
            raise Refused("您在本环节已有一项待办，请先办理。")
        # A deputy claims for the one he acts for, who finds it in his own list as well.
        current.person = principal
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
        release_in(running, current, reason)
        batch.write()


def release_in(running: RunningCase, step: Step, reason: str = "") -> None:
    """Put a step back in memory. Where the same work waits in the pool already, it ends instead."""
    said = {"stage": step.stage_key, **({"reason": reason} if reason else {})}
    event = running.record("casework.step_released", said, step=step)
    if not (was_claimed([step]) or running.stage_of(step).assignee.startswith("position:")):
        step.position = None  # it was this person who was named; now it is the role's
    if running.occupied(step, Participant(step.unit, step.role, step.position)):
        running.supersede([step])
        running.stop_step_clocks(event)
        return
    step.person = None
    running.batch.change(step)
    running.notify(lambda: telling.steps_released(running.case, [step]))


def was_claimed(steps: Sequence[Step]) -> bool:
    """Whether somebody took one of these steps from a pool, rather than being named for it."""
    return CaseEvent.objects.filter(step__in=steps, verb="casework.step_claimed").exists()


def release_steps_of(person_id: int, position_id: int) -> int:
    """Put back what a person held in a position he no longer has, unless another position of his
    gives him the same role there; how many steps were put back."""
    position = Position.objects.get(pk=position_id)
    held = Step.objects.filter(
        Q(position=None) | Q(position=position),
        person=person_id,
        unit=position.unit_id,
        role__in=position.roles,
        closed_at=None,
    )
    released = 0
    for step in held.order_by("case_id", "id"):
        holders = holders_of(step.unit_id, step.role)
        still = any(h.user_id == person_id and h.acting_for_id is None for h in holders)
        if still and step.position_id is None:
            continue
        try:
            release_step(step, by=SYSTEM, reason="任职结束")
        except AlreadyTaken:  # by somebody, this very moment
            continue
        released += 1
    return released
