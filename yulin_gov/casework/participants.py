"""Whom a stage's steps are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from yulin_gov.organization.models import Appointment, Position, Unit
from yulin_gov.organization.queries import holders_of
from yulin_gov.refused import Refused

from .models import Case, CaseEvent, Step
from .procedures import Stage


@dataclass(frozen=True)
class Participant:
    """A unit (with the stage's role unless another is given), or a position or person in it."""

    unit: Unit
    role: str = ""
    position: Position | None = None
    person_id: int | None = None
    is_host: bool = True


def participants(stage: Stage, case: Case, chosen: Sequence[Participant]) -> list[Participant]:
    """Who gets the steps of `stage`: those chosen where it asks for a choice, else whom it names.

    Raises Refused when a choice is missing, doubled or not allowed.
    """
    if stage.assignee == "routed":
        return _routed(stage, chosen)
    if chosen:
        return _named_inside(stage, case, chosen)
    kind, _, name = stage.assignee.partition(":")
    if kind == "unit":
        unit = Unit.objects.filter(code=name).first()
        if unit is None:
            raise Refused(f"流程所指定的单位（{name}）不存在，请联系系统管理员。")
        return [Participant(unit)]
    if kind == "position":
        position = Position.objects.select_related("unit").filter(pk=int(name)).first()
        if position is None:
            raise Refused("流程所指定的职位不存在，请联系系统管理员。")
        return [Participant(position.unit, position=position)]
    return [Participant(case.unit)]


def _routed(stage: Stage, chosen: Sequence[Participant]) -> list[Participant]:
    if not chosen:
        raise Refused(f"请选择“{stage.name}”的参与单位。", field="to")
    seen = {(p.unit.pk, p.position.pk if p.position else None, p.person_id) for p in chosen}
    if len(seen) != len(chosen):
        raise Refused("参与单位有重复，请检查。", field="to")
    return list(chosen)


def _named_inside(stage: Stage, case: Case, chosen: Sequence[Participant]) -> list[Participant]:
    """A person or position named for a stage that belongs to the responsible unit."""
    if len(chosen) != 1 or chosen[0].unit.pk != case.unit_id or stage.assignee != "responsible":
        raise Refused(f"“{stage.name}”只能交由本单位一名人员办理。", field="to")
    check_named(stage, chosen[0])
    return list(chosen)


def check_named(stage: Stage, participant: Participant) -> None:
    """Refuse a named person or position that does not hold the stage's role in the unit."""
    role = participant.role or stage.role
    holders = holders_of(participant.unit.pk, role)
    if participant.person_id and all(user != participant.person_id for user, *_ in holders):
        raise Refused("所选人员不具备该环节要求的角色。", field="to")
    if participant.position and all(position != participant.position.pk for _, position, *_ in holders):
        raise Refused("所选职位不具备该环节要求的角色。", field="to")


def earlier_holder(stage: Stage, step: Step) -> Participant:
    """Who should get an earlier stage back: whoever took it, if still in that position and not
    to keep out of the case by now; else the position the stage names, or the role."""
    person = step.acting_for_id or step.acted_by_id
    position = step.position if stage.assignee.startswith("position:") else None
    there = person and step.position_id and person in occupants(step.position_id)
    if there and person not in step.case.barred[1]:
        return Participant(step.unit, step.role, position, person, step.is_host)
    return Participant(step.unit, step.role, position, is_host=step.is_host)


def as_data(chosen: Sequence[Participant]) -> list[dict]:
    """A choice as an event keeps it: ids only."""
    return [
        {
            "unit": p.unit.pk,
            "role": p.role,
            "position": p.position.pk if p.position else None,
            "person": p.person_id,
            "is_host": p.is_host,
        }
        for p in chosen
    ]


def recalled(step: Step) -> list[Participant]:
    """Whom the one who took `step` chose for the next stage, from the log."""
    taken = CaseEvent.objects.filter(step=step, verb="casework.step_taken").order_by("-sequence").first()
    chosen = taken.data.get("to", []) if taken else []
    units = Unit.objects.in_bulk([p["unit"] for p in chosen])
    positions = Position.objects.in_bulk([p["position"] for p in chosen if p["position"]])
    return [
        Participant(units[p["unit"]], p["role"], positions.get(p["position"]), p["person"], p["is_host"])
        for p in chosen
    ]


def occupants(position_id: int) -> list[int]:
    """The ids of the people who hold a position today."""
    today = timezone.localdate()
    current = Q(from_date__lte=today) & (Q(to_date=None) | Q(to_date__gte=today))
    return list(Appointment.objects.filter(current, position=position_id).values_list("person_id", flat=True))
