"""Taking a step: the only door through which a case moves along its procedure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from yulin_gov.files.models import StoredFile
from yulin_gov.organization.capacity import Capacity, capacities_of
from yulin_gov.refused import Refused

from .. import rules
from ..batch import Batch
from ..models import Case, Step, StepFile
from ..participants import Participant, as_data, check_named
from ..procedures import Route, Stage
from ..running import RunningCase, is_replayed


class AlreadyTaken(Refused):
    """Somebody was quicker. `step` is what became of it, so that a repeated click is no error."""

    def __init__(self, step: Step) -> None:
        who = f"由{step.acted_by.full_name}办理" if step.acted_by else "结束"
        super().__init__(f"该环节已{who}（{step.outcome_label}），请刷新后查看。")
        self.step = step


@dataclass
class Move:
    """A step being taken. The app does what is its own with `case` and adds its events."""

    running: RunningCase
    step: Step
    events: list[tuple[str, dict]] = field(default_factory=list)

    @property
    def case(self) -> Case:
        return self.running.case

    def record(self, verb: str, data: dict) -> None:
        """An event of the app's, written before the step's own."""
        self.events.append((verb, data))


def lock_case(case_id: int) -> Case:
    """The case, locked until the transaction ends. Always the first lock taken."""
    locked = Case.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("procedure", "unit").defer("procedure__definition").get(pk=case_id)


@contextmanager
def stepping(
    step: Step,
    *,
    by: Capacity,
    outcome: str,
    opinion: str = "",
    legal_basis: str = "",
    to: Sequence[Participant] = (),
    files: Sequence[StoredFile] = (),
    at: datetime | None = None,
) -> Iterator[Move]:
    """Take `step` with `outcome` around whatever the app does itself, all in one transaction.

    Locks the case, checks that the step is still open, that the capacity may take it (unit,
    role, named person or position, exclusions, four eyes) and that the route's requirements
    are given; afterwards closes the step, opens what follows, projects the clocks, writes
    events, queue rows and notices. `at` is for imported and demonstration records only.

    Raises AlreadyTaken when somebody was quicker, Refused with a sentence otherwise.
    """
    with transaction.atomic():
        case = lock_case(step.case_id)
        if at and not is_replayed(case):
            raise ValueError("only import and seeding may say when something happened")
        batch = Batch()
        running = RunningCase.load(case, batch, by=by, at=at, quiet=bool(at))
        current = open_step(running, step)
        check_capacity(running, current)
        choice = chosen_route(running, current, outcome)
        _check_requirements(
            [name for name in choice.requires if name != "to" or running.decides(current)],
            {"opinion": opinion, "legal_basis": legal_basis, "to": to, "files": files},
        )
        if choice.to and not running.stage_of(current).has_participants:
            check_candidates(running, running.definition.stage(choice.to), to)
        move = Move(running, current)
        yield move
        facts = running.kind.facts(case)
        apply_step(
            running,
            current,
            choice,
            facts,
            move.events,
            opinion=opinion,
            legal_basis=legal_basis,
            to=to,
            files=len(files),
        )
        running.settle()
        batch.write()
        StepFile.objects.bulk_create(StepFile(step=current, file=file) for file in files)
    step.refresh_from_db(
        fields=["closed_at", "outcome", "outcome_label", "opinion", "acted_by", "acting_for"]
    )


def take_step(step: Step, *, by: Capacity, outcome: str, **given) -> Case:
    """Take a step for which no app does anything of its own. See `stepping`."""
    with stepping(step, by=by, outcome=outcome, **given) as move:
        pass
    return move.case


def apply_step(
    running: RunningCase,
    step: Step,
    choice: Route,
    facts: dict[str, bool],
    events: Sequence[tuple[str, dict]],
    *,
    opinion: str = "",
    legal_basis: str = "",
    to: Sequence[Participant] = (),
    files: int = 0,
) -> None:
    """What taking a step means, in memory: also the way in which records are replayed."""
    stage = running.stage_of(step)
    for verb, data in events:
        running.record(verb, data, step=step)
    running.close_step(step, choice.outcome, choice.label, opinion=opinion)
    said = {"stage": stage.key, "outcome": choice.outcome, "label": choice.label, "opened": []}
    if legal_basis:
        said["legal_basis"] = legal_basis
    if facts:
        said["facts"] = facts
    if files:
        said["files"] = files
    event = running.record("casework.step_taken", said, step=step)
    known = len(running.steps)
    left_by = running.advance(step, event, facts, to)
    if left_by is None and to:
        said["to"] = as_data(to)  # needed once the others have finished
    said["opened"] += [
        {"stage": opened.stage_key, "unit": opened.unit.pk, "role": opened.role}
        for opened in running.steps[known:]
    ]


# -- checks -------------------------------------------------------------------------------


def open_step(running: RunningCase, step: Step) -> Step:
    """The step as it is now, under the lock. Raises AlreadyTaken when it is closed."""
    current = next((s for s in running.steps if s.pk == step.pk), None)
    if current is None:
        raise Refused("该环节不存在，请刷新后重试。")
    if not current.is_open:
        raise AlreadyTaken(current)
    return current


def check_capacity(running: RunningCase, step: Step) -> None:
    """Refuse whoever may not take this step."""
    capacity = running.by
    if capacity.is_system:
        return
    if not rules.may_take(step, capacity):
        claimed = step.person_id is not None and rules.holds_role(step, capacity)
        raise Refused(claimed_by(step) if claimed else "您没有办理该环节的权限。")
    check_not_excluded(running.case, capacity)
    earlier = rules.barred_by_four_eyes(running.stage_of(step), running.steps, capacity)
    if earlier is not None:
        raise Refused(f"您已办理过“{earlier.stage_name}”环节，“{step.stage_name}”须由他人办理。")


def claimed_by(step: Step) -> str:
    """The sentence for whoever finds a step in another's hands."""
    return f"该环节已由{step.person.full_name}领办，您不能办理。"


def check_not_excluded(case: Case, capacity: Capacity) -> None:
    """Refuse whoever must never see the case: as himself or as anybody's deputy, and whatever the
    unit he acts in now (see `visibility.excluded_from`). One query; two more where it matters."""
    units, persons = case.barred
    if not (units or persons) or capacity.user is None:
        return
    held = [capacity, *capacities_of(capacity.user)]
    if any(persons & c.persons or c.unit_id in units for c in held):
        raise Refused("您没有办理该环节的权限。")


def chosen_route(
    running: RunningCase, step: Step, outcome: str, facts: dict[str, bool] | None = None
) -> Route:
    """The route the person chose. Raises Refused where the stage offers no such outcome now."""
    stage = running.stage_of(step)
    known = running.kind.facts(running.case) if facts is None else facts
    route = next((choice for choice in stage.choices(known) if choice.outcome == outcome), None)
    if route is None:
        raise Refused(f"“{stage.name}”环节不能这样办理，请刷新后重试。")
    return route


_MISSING = {
    "opinion": "请填写意见。",
    "legal_basis": "请填写依据。",
    "to": "请选择下一环节的办理单位或人员。",
    "files": "请上传附件。",
}


def _check_requirements(required: Sequence[str], given: dict) -> None:
    for name in required:
        value = given[name]
        if not (value.strip() if isinstance(value, str) else value):
            raise Refused(_MISSING[name], field=name)


def check_candidates(running: RunningCase, stage: Stage, to: Sequence[Participant]) -> None:
    """Refuse named people and positions without the stage's role, and people whom four eyes bar
    from it: they could only find that they cannot act."""
    for participant in to:
        if participant.person_id or participant.position:
            check_named(stage, participant)
        if participant.person_id:
            earlier = rules.touched_by(stage, running.steps, {participant.person_id})
            if earlier is not None:
                raise Refused(f"所选人员已办理过“{earlier.stage_name}”环节，请选择他人。", field="to")
