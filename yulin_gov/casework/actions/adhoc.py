"""Verbs that a stage may allow besides its routes. Written once, for every kind of case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from django.db import transaction

from yulin_gov.organization.capacity import Capacity
from yulin_gov.refused import Refused

from ..batch import Batch
from ..enums import Adhoc, StageKind, StepOutcome
from ..models import Step
from ..participants import Participant, earlier_holder
from ..rules import holds_role, same_people
from ..running import RunningCase
from .claims import was_claimed
from .stepping import check_candidates, check_capacity, check_not_excluded, lock_case, open_step

_ROUTE_TAKEN_EXCLUDES = {StepOutcome.SUPERSEDED, StepOutcome.REMOVED, StepOutcome.FORWARDED}


@contextmanager
def _acting(step: Step, by: Capacity, verb: Adhoc) -> Iterator[tuple[RunningCase, Step]]:
    """The common frame: lock, find the step open, check the capacity and that the stage allows it."""
    with transaction.atomic():
        batch = Batch()
        running = RunningCase.load(lock_case(step.case_id), batch, by=by)
        current = open_step(running, step)
        check_capacity(running, current)
        _check_allowed(running, current, verb)
        yield running, current
        running.settle()
        batch.write()


def _check_allowed(running: RunningCase, step: Step, verb: Adhoc) -> None:
    if verb not in running.stage_of(step).adhoc:
        raise Refused(f"“{step.stage_name}”环节不允许{verb.label}。")


def return_targets(running: RunningCase, step: Step) -> list[Step]:
    """The earlier steps to which a case may go back: the latest taken one of each stage before.

    “Before” is on the way that led here: a stage from which the case was itself returned lies
    ahead, and going there would skip what stands between. Waits are not gone back to.
    """
    way: list[str] = []
    for key in dict.fromkeys((s.entry, s.stage_key) for s in running.steps if s.entry <= step.entry):
        del way[way.index(key[1]) if key[1] in way else len(way) :]
        way.append(key[1])
    latest = {
        s.stage_key: s
        for s in running.steps
        if s.entry < step.entry and not s.is_open and s.outcome not in _ROUTE_TAKEN_EXCLUDES
    }
    taken = [latest[key] for key in way[:-1] if key in latest]
    return [s for s in taken if s.kind != StageKind.WAIT and (s.acted_by_id or s.acting_for_id)]


def return_step(step: Step, *, by: Capacity, to_stage: str, opinion: str) -> None:
    """Send the case back to an earlier stage (退回), to whoever took it there.

    Open siblings are closed as superseded. A reason is required. Clocks of the case go on.
    """
    if not opinion.strip():
        raise Refused("请填写退回理由。", field="opinion")
    with _acting(step, by, Adhoc.RETURN) as (running, current):
        target = next((s for s in return_targets(running, current) if s.stage_key == to_stage), None)
        if target is None:
            raise Refused("只能退回此前办理过的环节。", field="to_stage")
        stage = running.definition.stage(to_stage)
        holders = [
            earlier_holder(stage, s)
            for s in running.siblings(target)
            if not s.is_open and s.outcome not in _ROUTE_TAKEN_EXCLUDES
        ]
        running.close_step(
            current, StepOutcome.RETURNED, f"退回“{target.stage_name}”", opinion=opinion.strip()
        )
        event = running.record(
            "casework.returned", {"stage": current.stage_key, "to": to_stage}, step=current
        )
        running.supersede([s for s in running.siblings(current) if s.is_open])
        running.leave(running.stage_of(current), event)
        running.enter(to_stage, event, holders)


def forward_step(step: Step, *, by: Capacity, to: Participant, opinion: str = "") -> None:
    """Hand the step to somebody else (转交) who holds the same role; its clock goes on."""
    with _acting(step, by, Adhoc.FORWARD) as (running, current):
        stage = running.stage_of(current)
        if to.unit.pk != current.unit_id and stage.assignee != "routed":
            raise Refused("该环节只能在本单位内转交。", field="to")
        if to.person_id and to.person_id in by.persons:
            raise Refused("不能转交给本人。", field="to")
        here = (current.unit_id, current.position_id, current.person_id)
        if (to.unit.pk, to.position and to.position.pk, to.person_id) == here or running.occupied(
            current, to
        ):
            raise Refused("该环节已由所选单位或人员办理。", field="to")
        check_candidates(running, stage, [to])
        running.close_step(current, StepOutcome.FORWARDED, "转交", opinion=opinion.strip())
        said = {"stage": current.stage_key, "unit": to.unit.pk}
        said |= {"position": to.position.pk} if to.position else {}
        said |= {"person": to.person_id} if to.person_id else {}
        event = running.record("casework.forwarded", said, step=current)
        successor = Participant(to.unit, to.role or current.role, to.position, to.person_id, current.is_host)
        added = running.add_participant(stage, current.entry, successor, event)
        running.hand_over_clock(current, added)


def add_participants(step: Step, *, by: Capacity, to: Sequence[Participant]) -> None:
    """Ask more units (or people) in the running countersigning or circulation (加签、增加传阅)."""
    with _acting(step, by, Adhoc.ADD) as (running, current):
        if not to:
            raise Refused("请选择要增加的单位。", field="to")
        stage = running.stage_of(current)
        check_candidates(running, stage, to)
        said = {"stage": stage.key, "units": [p.unit.pk for p in to]}
        event = running.record("casework.participant_added", said, step=current)
        for participant in to:
            here = (participant.unit.pk, participant.position, participant.person_id)
            mine = (current.unit_id, current.position, current.person_id)
            if here == mine or running.occupied(current, participant):
                raise Refused(f"“{participant.unit.name}”已在“{stage.name}”中。", field="to")
            running.add_participant(stage, current.entry, replace(participant, is_host=False), event)


def remove_participant(step: Step, *, by: Capacity, remove: Step) -> None:
    """Excuse one participant who has not answered yet; the last one cannot be excused."""
    with _acting(step, by, Adhoc.REMOVE) as (running, current):
        target = open_step(running, remove)
        if target.entry != current.entry:
            raise Refused("只能减少本环节的参与单位。")
        if target.pk == current.pk:
            raise Refused("不能取消本人正在办理的环节。")
        running.supersede([target], StepOutcome.REMOVED)
        said = {"stage": target.stage_key, "unit": target.unit_id}
        event = running.record("casework.participant_removed", said, step=target)
        running.stop_step_clocks(event)
        running.leave_list([target.unit_id])


def withdraw_step(step: Step, *, by: Capacity) -> None:
    """Take back what one has just handed on (撤回), as long as nobody has touched it.

    `step` is the closed step; the open ones that followed from it close as withdrawn and its
    stage opens again for the same person. The case's clocks go on as if it had not been taken.
    """
    with transaction.atomic():
        batch = Batch()
        running = RunningCase.load(lock_case(step.case_id), batch, by=by)
        mine = next((s for s in running.steps if s.pk == step.pk), None)
        if mine is None or mine.is_open or not (same_people(mine, by) and holds_role(mine, by)):
            raise Refused("只能撤回本人办理的环节。")
        check_not_excluded(running.case, by)
        _check_allowed(running, mine, Adhoc.WITHDRAW)
        if mine.outcome == running.kind.handled_by:
            raise Refused("已经答复，不能撤回。")
        after = [s for s in running.steps if s.entry == mine.entry + 1]
        held = [s for s in after if s.person_id not in (None, *by.persons)]
        touched = any(not s.is_open for s in after) or (held and was_claimed(held))
        alone = len(running.siblings(mine)) == 1
        if (
            not running.case.is_open
            or not after
            or touched
            or not alone
            or running.case.entries != mine.entry + 1
        ):
            raise Refused("下一环节已开始办理，不能撤回。")
        stage = running.stage_of(after[0])
        running.supersede(after, StepOutcome.WITHDRAWN)
        said = {"stage": stage.key, "to": mine.stage_key}
        event = running.record("casework.withdrawn", said, step=mine)
        running.leave(stage, event)
        running.undo_clocks_of(event, mine)
        running.leave_list({s.unit_id for s in after})
        running.enter(mine.stage_key, event, [earlier_holder(running.stage_of(mine), mine)], tell=False)
        running.settle()
        batch.write()
