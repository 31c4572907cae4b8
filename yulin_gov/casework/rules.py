"""Who may: pure predicates over a step, a case and a capacity."""

from __future__ import annotations

from collections.abc import Iterable

from yulin_gov.organization.capacity import Capacity

from .models import Case, Step, Urge
from .procedures import Stage


def holds_role(step: Step, capacity: Capacity) -> bool:
    """Whether the capacity's unit and roles are those the step asks for."""
    return (
        capacity.unit is not None
        and capacity.unit.pk == step.unit_id
        and step.role in capacity.roles
        and capacity.covers(step.case_kind)
    )


def is_theirs(step: Step, capacity: Capacity) -> bool:
    """Whether a named position or person, if any, is this capacity (or the one it acts for)."""
    if step.person_id is not None:
        return step.person_id in capacity.persons
    if step.position_id is not None:
        return capacity.position is not None and capacity.position.pk == step.position_id
    return True


def may_take(step: Step, capacity: Capacity) -> bool:
    return step.is_open and (capacity.is_system or (holds_role(step, capacity) and is_theirs(step, capacity)))


def may_claim(step: Step, capacity: Capacity) -> bool:
    """The pool: an open step that nobody has taken yet."""
    return (
        step.is_open and step.person_id is None and holds_role(step, capacity) and is_theirs(step, capacity)
    )


def same_people(step: Step, capacity: Capacity) -> bool:
    """Four eyes: the actor or the one acted for was already there, in either part."""
    return bool(capacity.persons & {step.acted_by_id, step.acting_for_id})


def barred_by_four_eyes(stage: Stage, steps: Iterable[Step], capacity: Capacity) -> Step | None:
    """The earlier step because of which this capacity may not act in `stage`, if there is one."""
    return touched_by(stage, steps, capacity.persons)


def touched_by(stage: Stage, steps: Iterable[Step], persons: Iterable[int]) -> Step | None:
    """A finished step of a stage from which `stage` differs in which one of the persons had a part.

    Whoever handed the step on had it before him, so that he counts as well.
    """
    finished = [s for s in steps if s.stage_key in stage.differs_from and not s.is_open]
    return next((s for s in finished if {s.acted_by_id, s.acting_for_id} & set(persons)), None)


def may_urge(case: Case, capacity: Capacity) -> bool:
    """Open cases only; supervisors everywhere in their part of the city, others by their leader's office."""
    return case.is_open and bool({"supervisor", "leader", "head", "office_head"} & capacity.roles)


def may_answer_urge(urge: Urge, capacity: Capacity) -> bool:
    """Anybody who works in the unit that was urged and did not urge himself."""
    works_there = capacity.unit is not None and capacity.unit.pk == urge.unit_id
    return urge.answered_at is None and works_there and urge.by_id not in capacity.persons
