"""The engine: a case in memory while something happens to it.

A `RunningCase` applies the procedure's rules to the case, its steps and its clocks and leaves
what changed in a `Batch`. It asks the database for as little as possible and decides nothing
about who may act: that is the business of `actions`, the only callers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from yulin_gov.notices.drafts import NoticeDraft
from yulin_gov.organization.capacity import Capacity
from yulin_gov.refused import Refused
from yulin_gov.workdays.calendar import Calendar, current_calendar

from . import telling
from .batch import Batch
from .enums import CaseState, ClockState, Join, Origin, Part, Scope, StageKind, StepOutcome
from .events import check_data
from .joining import result_of
from .kinds import CaseKind, kind_of
from .models import Case, CaseEvent, CaseUnit, Clock, Step
from .participants import Participant, participants, recalled
from .procedures import CHILDREN_CLOSED, END, Procedure, Route, Stage, definition_of
from .timing import STEP_CLOCK, Timekeeping

_PART_OF = {StageKind.WORK: Part.COHOST, StageKind.COUNTERSIGN: Part.COHOST, StageKind.CIRCULATE: Part.READER}


class RunningCase(Timekeeping):
    """One case, its open steps and live clocks, and the batch that takes its changes.

    `at` is when things happen (set it before each move when replaying), `by` who does them,
    `quiet` suppresses notices (import and seeding only).
    """

    def __init__(
        self,
        case: Case,
        batch: Batch,
        *,
        by: Capacity,
        at: datetime | None = None,
        quiet: bool = False,
        calendar: Calendar | None = None,
    ) -> None:
        super().__init__()
        self.case, self.batch, self.by, self.quiet = case, batch, by, quiet
        self.recorded_at = timezone.now()
        self.at = at or self.recorded_at
        self.definition: Procedure = definition_of(case.procedure)
        self.kind: CaseKind = kind_of(case.kind)
        self.calendar = calendar or current_calendar()
        self.steps: list[Step] = []

    @classmethod
    def load(cls, case: Case, batch: Batch, **named) -> RunningCase:
        """The running form of a case that the caller has locked. Two queries."""
        running = cls(case, batch, **named)
        running.steps = list(
            Step.objects.filter(case=case).select_related("unit", "position").order_by("entry", "id")
        )
        for step in running.steps:
            step.case = case
        running.clocks = list(
            Clock.objects.filter(case=case).exclude(state=ClockState.STOPPED).order_by("id")
        )
        by_id = {step.pk: step for step in running.steps}
        for clock in running.clocks:
            clock.case, clock.step = case, by_id.get(clock.step_id)
        return running

    # -- reading --------------------------------------------------------------------------

    @property
    def open_steps(self) -> list[Step]:
        return [step for step in self.steps if step.is_open]

    def siblings(self, step: Step) -> list[Step]:
        """All steps of the same stage entry, itself included."""
        return [other for other in self.steps if other.entry == step.entry]

    def decides(self, step: Step) -> bool:
        """Whether this step's outcome may be the stage's; a co-host's is only an opinion."""
        if step.is_host or self.stage_of(step).join == Join.ANY:
            return True
        others = [s for s in self.siblings(step) if s.is_open or s.acted_by_id]
        return not any(s.is_host for s in others)

    def stage_of(self, step: Step) -> Stage:
        return self.definition.stage(step.stage_key)

    # -- the log --------------------------------------------------------------------------

    def record(self, verb: str, data: dict, *, step: Step | None = None) -> CaseEvent:
        """Append one event to the case's chain. `data` must fit the verb's schema."""
        check_data(verb, data)
        self.case.last_sequence += 1
        event = CaseEvent(
            case=self.case,
            sequence=self.case.last_sequence,
            step=step,
            occurred_at=self.at,
            recorded_at=self.recorded_at,
            actor=self.by.user,
            acting_for=self.by.acting_for,
            unit=self.by.unit,
            verb=verb,
            data=data,
        )
        self.batch.add(event)
        self.batch.change(self.case)
        return event

    def notify(self, drafts: Callable[[], list[NoticeDraft]]) -> None:
        """Tell people once the batch is written, when the rows that notices speak of have ids.
        Whoever must not see the case does not hear of it."""
        if not self.quiet:
            self.batch.notices.append(lambda: telling.admitted(self.case, drafts()))

    # -- stages ---------------------------------------------------------------------------

    def open(self, chosen: Sequence[Participant] = (), data: dict | None = None) -> None:
        """Begin a new case: host's access row, the clocks that start with it, the first stage."""
        self.batch.add(self.case)
        self.join_list(self.case.unit, Part.HOST)
        rules = [rule for rule in self.definition.clocks if not rule.starts_on]
        event = self.record(
            "casework.opened",
            {
                "stage": self.definition.start,
                "clocks": {r.name: [r.term.amount, r.term.unit] for r in rules},
                "origin": self.case.origin,
                **(data or {}),
            },
        )
        for rule in rules:
            self.start_rule(rule, event)
        start = self.definition.stage(self.definition.start)
        self.enter(start.key, event, participants(start, self.case, chosen))

    def enter(self, key: str, event: CaseEvent, chosen: Sequence[Participant], *, tell: bool = True) -> None:
        """Open the steps of a stage for its participants."""
        stage = self.definition.stage(key)
        self.case.entries += 1
        self.batch.change(self.case)
        opened = [self._open_step(stage, p, event) for p in chosen]
        if stage.kind == StageKind.WAIT:
            self.pause_for_wait(stage.pauses, event, stage.name)
            if stage.offers(CHILDREN_CLOSED):  # they may all have ended already
                self.record("casework.awaiting_children", {"stage": key})
        if tell:
            self.notify(lambda: telling.steps_opened(self.case, opened))

    def add_participant(self, stage: Stage, entry: int, participant: Participant, event: CaseEvent) -> Step:
        """One more step in the running entry of a stage."""
        step = self._open_step(stage, participant, event, entry=entry)
        self.notify(lambda: telling.steps_opened(self.case, [step]))
        return step

    def _open_step(self, stage: Stage, p: Participant, event: CaseEvent, entry: int | None = None) -> Step:
        self._check_admitted(p)
        step = Step(
            case=self.case,
            entry=entry or self.case.entries,
            stage_key=stage.key,
            stage_name=stage.name,
            kind=stage.kind,
            to_read=stage.kind == StageKind.CIRCULATE,
            is_host=p.is_host,
            case_kind=self.case.kind,
            unit=p.unit,
            role=p.role or stage.role,
            position=p.position,
            person_id=p.person_id,
            opened_at=self.at,
        )
        self.steps.append(step)
        self.batch.add(step)
        if p.unit.pk != self.case.unit_id:
            self.join_list(p.unit, _PART_OF.get(stage.kind, Part.COHOST))
        if stage.term:
            self.start_clock(STEP_CLOCK, stage.name, stage.term, stage.alerts, event, step=step)
        return step

    def _check_admitted(self, p: Participant) -> None:
        units, persons = self.case.barred
        if p.unit.pk in units:
            raise Refused(f"“{p.unit.name}”须回避，不能参与办理。", field="to")
        if p.person_id in persons:
            raise Refused("所选人员须回避，不能参与办理。", field="to")

    def occupied(self, step: Step, p: Participant) -> bool:
        """Whether an open step of the same entry already waits at this very place."""
        place = (p.unit.pk, p.role or step.role, p.position and p.position.pk, p.person_id)
        return any(
            place == (s.unit_id, s.role, s.position_id, s.person_id)
            for s in self.siblings(step)
            if s.is_open and s is not step
        )

    def close_step(self, step: Step, outcome: str, label: str, *, opinion: str = "") -> None:
        """End one step as `outcome`, by whoever acts now."""
        step.closed_at, step.outcome, step.outcome_label, step.opinion = self.at, outcome, label, opinion
        step.acted_by, step.acting_for = self.by.user, self.by.acting_for
        if step.position is None and self.by.position and self.by.unit == step.unit:
            step.position = self.by.position
        self.batch.change(step)

    def supersede(self, steps: Sequence[Step], outcome: str = StepOutcome.SUPERSEDED) -> None:
        """Close steps that nobody needs any more; nobody acted on them."""
        for step in steps:
            step.closed_at, step.outcome = self.at, outcome
            step.outcome_label = StepOutcome(outcome).label
            self.batch.change(step)

    def advance(
        self,
        step: Step,
        event: CaseEvent,
        facts: dict[str, bool],
        chosen: Sequence[Participant],
    ) -> Route | None:
        """After a step has been closed: is its stage done, and what follows? None: others still work."""
        stage = self.stage_of(step)
        siblings = self.siblings(step)
        result = result_of(stage, siblings)
        if result is None:
            self.stop_step_clocks(event)
            return None
        self.supersede([s for s in siblings if s.is_open])
        self.leave(stage, event)
        self.on_outcome(result.outcome, event)
        route = stage.route(result.outcome, facts)
        if route is None:
            raise ValueError(f"{self.case.procedure}: stage {stage.key} has no way out for {result.outcome}")
        if route.to == END:
            self.finish(route.closes_as)
        else:
            if result.decided_by not in (None, step):  # the host chose, and a co-host finished last
                chosen = recalled(result.decided_by)
            self.enter(route.to, event, participants(self.definition.stage(route.to), self.case, chosen))
        return route

    def leave(self, stage: Stage, event: CaseEvent) -> None:
        """Stop the clocks of the stage's steps; after a wait, let the paused ones run again."""
        self.stop_step_clocks(event)
        if stage.kind == StageKind.WAIT:
            since = next(s.opened_at for s in self.steps if s.entry == self.case.entries)
            self.resume_after_wait(stage.pauses, since, event, stage.name)

    def on_outcome(self, outcome: str, event: CaseEvent) -> None:
        """A stage is left by `outcome`: clocks start and stop by it; it may be the answer."""
        super().on_outcome(outcome, event)
        if outcome == self.kind.handled_by and self.case.handled_at is None:
            self.case.handled_at = self.at
            self.batch.change(self.case)

    def finish(self, outcome: str) -> CaseEvent:
        """Close the case: open steps are superseded, clocks stopped, timers cancelled."""
        self.supersede(self.open_steps)
        event = self.record("casework.closed", {"outcome": outcome})
        self.stop_all_clocks(event)
        self.case.state, self.case.outcome, self.case.closed_at = CaseState.CLOSED, outcome, self.at
        self.batch.change(self.case)
        self.batch.note_list_change(self.case)
        if self.case.pk is not None:
            self.batch.ended[self.case.pk] = (self.case, self.at)
        return event

    # -- the units' lists -------------------------------------------------------------------

    def join_list(self, unit, part: str) -> None:
        """Give a unit its access row, once."""
        self.batch.add(
            CaseUnit(
                case=self.case,
                unit=unit,
                part=part,
                scope=Scope.UNIT,
                kind=self.case.kind,
                is_open=self.case.state == CaseState.OPEN,
                sort_at=self.case.opened_at,
                due_at=self.case.due_at,
            )
        )

    def leave_list(self, units: Iterable[int]) -> None:
        """Take the access rows from units that were asked by mistake: nothing of theirs remains."""
        void = (StepOutcome.REMOVED, StepOutcome.WITHDRAWN)
        staying = {s.unit_id for s in self.steps if s.outcome not in void} | {self.case.unit_id}
        gone = set(units) - staying
        if gone:
            CaseUnit.objects.filter(
                case=self.case, unit__in=gone, part__in=(Part.COHOST, Part.READER), scope=Scope.UNIT
            ).delete()


def is_replayed(case: Case) -> bool:
    """Whether the case may carry times of the past: only what was imported or seeded."""
    return case.origin != Origin.LIVE
