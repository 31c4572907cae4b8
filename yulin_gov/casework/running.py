"""The engine: a case in memory while something happens to it.

A `RunningCase` applies the procedure's rules to the case, its steps and its clocks and leaves
what changed in a `Batch`. It asks the database for as little as possible and decides nothing
about who may act: that is the business of `actions`, the only callers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils import timezone

from yulin_gov.notices.drafts import NoticeDraft
from yulin_gov.organization.capacity import Capacity
from yulin_gov.workdays.calendar import Calendar, current_calendar

from . import telling
from .batch import Batch
from .clocks import next_alert, pressing, project
from .enums import CaseState, ClockState, ClockVerb, Origin, Part, Scope, StageKind, StepOutcome
from .events import check_data
from .joining import result_of
from .kinds import CaseKind, kind_of
from .models import Case, CaseEvent, CaseUnit, Clock, ClockEntry, Step
from .participants import Participant, participants
from .procedures import END, Alert, Procedure, Route, Stage, Term, definition_of

STEP_CLOCK = "step"
_PART_OF = {StageKind.WORK: Part.COHOST, StageKind.COUNTERSIGN: Part.COHOST, StageKind.CIRCULATE: Part.READER}


class RunningCase:
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
        self.case, self.batch, self.by, self.quiet = case, batch, by, quiet
        self.recorded_at = timezone.now()
        self.at = at or self.recorded_at
        self.definition: Procedure = definition_of(case.procedure)
        self.kind: CaseKind = kind_of(case.kind)
        self.calendar = calendar or current_calendar()
        self.steps: list[Step] = []
        self.clocks: list[Clock] = []
        self.ledgers: dict[int, list[ClockEntry]] = {}

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
        """Tell people once the batch is written, when the rows that notices speak of have ids."""
        if not self.quiet:
            self.batch.notices.append(drafts)

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
            self.start_clock(rule.name, rule.label, rule.term, rule.alerts, event, basis=rule.legal_basis)
        self.enter(self.definition.start, event, chosen)

    def enter(
        self, key: str, event: CaseEvent, chosen: Sequence[Participant] = (), *, tell: bool = True
    ) -> None:
        """Open the steps of a stage for its participants."""
        stage = self.definition.stage(key)
        self.case.entries += 1
        self.batch.change(self.case)
        opened = [self._open_step(stage, p, event) for p in (chosen or participants(stage, self.case, ()))]
        if stage.kind == StageKind.WAIT:
            for clock in self._named(stage.pauses):
                if clock.is_running and clock.due_at > self.at:  # what is late stays late
                    self.clock_entry(clock, ClockVerb.PAUSE, event, reason=stage.name)
        if tell:
            self.notify(lambda: telling.steps_opened(self.case, opened))

    def add_participant(self, stage: Stage, entry: int, participant: Participant, event: CaseEvent) -> Step:
        """One more step in the running entry of a stage."""
        step = self._open_step(stage, participant, event, entry=entry)
        self.notify(lambda: telling.steps_opened(self.case, [step]))
        return step

    def _open_step(self, stage: Stage, p: Participant, event: CaseEvent, entry: int | None = None) -> Step:
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

    def close_step(self, step: Step, outcome: str, label: str, *, opinion: str = "") -> None:
        """End one step as `outcome`, by whoever acts now, and stop its clock."""
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

    def stop_step_clocks(self, event: CaseEvent) -> None:
        """Stop the clocks of steps that have been closed."""
        for clock in self.clocks:
            if clock.step and not clock.step.is_open and clock.state != ClockState.STOPPED:
                self.clock_entry(clock, ClockVerb.STOP, event)

    def advance(
        self,
        step: Step,
        outcome: str,
        event: CaseEvent,
        facts: dict[str, bool],
        chosen: Sequence[Participant],
    ) -> Route | None:
        """After a step has been closed: is its stage done, and what follows? None: others still work."""
        stage = self.stage_of(step)
        siblings = self.siblings(step)
        result = result_of(stage, siblings)
        self.on_outcome(outcome, event)
        if result is None:
            self.stop_step_clocks(event)
            return None
        self.supersede([s for s in siblings if s.is_open])
        self.leave(stage, event)
        if result != outcome:
            self.on_outcome(result, event)
        route = stage.route(result, facts)
        if route is None:
            raise ValueError(f"{self.case.procedure}: stage {stage.key} has no way out for {result}")
        if route.to == END:
            self.finish(route.closes_as)
        else:
            self.enter(route.to, event, participants(self.definition.stage(route.to), self.case, chosen))
        return route

    def leave(self, stage: Stage, event: CaseEvent) -> None:
        """Stop the clocks of the stage's steps; after a wait, let the paused ones run again."""
        self.stop_step_clocks(event)
        if stage.kind == StageKind.WAIT:
            for clock in self._named(stage.pauses):
                if clock.state == ClockState.PAUSED:
                    self.clock_entry(clock, ClockVerb.RESUME, event, reason=stage.name)

    def on_outcome(self, outcome: str, event: CaseEvent) -> None:
        """Clocks that the procedure starts or stops by this outcome; the moment of the answer."""
        for rule in self.definition.clocks:
            live = next((c for c in self.clocks if c.name == rule.name and c.step is None), None)
            if rule.starts_on == outcome and live is None:
                self.start_clock(rule.name, rule.label, rule.term, rule.alerts, event, basis=rule.legal_basis)
            elif outcome in rule.stops_on and live and live.state != ClockState.STOPPED:
                self.clock_entry(live, ClockVerb.STOP, event)
        if outcome == self.kind.handled_by and self.case.handled_at is None:
            self.case.handled_at = self.at
            self.batch.change(self.case)

    def finish(self, outcome: str) -> CaseEvent:
        """Close the case: open steps are superseded, clocks stopped, timers cancelled."""
        self.supersede(self.open_steps)
        event = self.record("casework.closed", {"outcome": outcome})
        for clock in self.clocks:
            if clock.state != ClockState.STOPPED:
                self.clock_entry(clock, ClockVerb.STOP, event)
        self.case.state, self.case.outcome, self.case.closed_at = CaseState.CLOSED, outcome, self.at
        self.batch.change(self.case)
        self.batch.note_list_change(self.case)
        if self.case.pk is not None:
            self.batch.timers_ended[self.case.pk] = self.at
        return event

    # -- clocks ---------------------------------------------------------------------------

    def start_clock(
        self,
        name: str,
        label: str,
        term: Term,
        alerts: Sequence[Alert],
        event: CaseEvent,
        *,
        step: Step | None = None,
        basis: str = "",
    ) -> Clock:
        clock = Clock(
            case=self.case,
            step=step,
            name=name,
            label=label,
            amount=term.amount,
            unit=term.unit,
            legal_basis=basis,
        )
        self.clocks.append(clock)
        self.batch.add(clock)
        self.clock_entry(clock, ClockVerb.START, event, basis=basis, alerts=alerts)
        return clock

    def clock_entry(
        self,
        clock: Clock,
        verb: str,
        event: CaseEvent,
        *,
        amount: int = 0,
        reason: str = "",
        basis: str = "",
        alerts: Sequence[Alert] | None = None,
    ) -> ClockEntry:
        """Write a line into the ledger and let the clock's state follow from the whole of it."""
        entry = ClockEntry(
            clock=clock,
            event=event,
            verb=verb,
            at=self.at,
            amount=amount,
            reason=reason,
            legal_basis=basis,
            by=self.by.user,
            calendar_revision=self.calendar.revision,
        )
        ledger = self.ledger(clock)
        ledger.append(entry)
        now = project(clock.amount, clock.unit, ledger, self.calendar)
        if verb == ClockVerb.STOP:
            # What was due stays on record as it was, whatever the calendar says today.
            now = type(now)(ClockState.STOPPED, clock.due_at, now.left)
        clock.state, clock.due_at = now.state, now.due_at
        entry.due_at = now.due_at
        clock.calendar_revision = self.calendar.revision
        self.schedule_alert(clock, alerts if alerts is not None else self.alerts_of(clock), verb)
        self.batch.add(entry)
        self.batch.change(clock)
        return entry

    def schedule_alert(self, clock: Clock, alerts: Sequence[Alert], verb: str = "") -> None:
        """Set when the clock reminds next. A moved deadline reminds anew; what lay in the past
        when the record was imported or seeded counts as done."""
        if verb in (ClockVerb.RESTART, ClockVerb.EXTEND, ClockVerb.RECOUNT):
            clock.alerts_done = 0
        moment = next_alert(clock, alerts, self.calendar)
        past = self.recorded_at if self.quiet else None
        if verb in (ClockVerb.EXTEND, ClockVerb.RECOUNT, ClockVerb.RESUME):
            past = self.recorded_at  # reminders whose moment has gone by are not sent afterwards
        while past and moment and moment <= past:
            clock.alerts_done += 1
            moment = next_alert(clock, alerts, self.calendar)
        clock.next_alert_at = moment

    def ledger(self, clock: Clock) -> list[ClockEntry]:
        """The clock's entries so far, oldest first; read once."""
        if id(clock) not in self.ledgers:
            stored = ClockEntry.objects.filter(clock=clock).order_by("id") if clock.pk else ()
            self.ledgers[id(clock)] = list(stored)
        return self.ledgers[id(clock)]

    def alerts_of(self, clock: Clock) -> tuple[Alert, ...]:
        if clock.step:
            return self.stage_of(clock.step).alerts
        rule = self.definition.clock(clock.name)
        return rule.alerts if rule else ()

    def _named(self, names: Sequence[str]) -> list[Clock]:
        return [c for c in self.clocks if c.step is None and ("*" in names or c.name in names)]

    # -- what follows ---------------------------------------------------------------------

    def settle(self) -> None:
        """Bring the cached due times of the case, its steps and its list rows up to date."""
        due = pressing(clock for clock in self.clocks if clock.step is None)
        if due != self.case.due_at:
            self.case.due_at = due
            self.batch.change(self.case)
            self.batch.note_list_change(self.case)
        for step in self.open_steps:
            own = pressing(clock for clock in self.clocks if clock.step is step)
            step_due = min((moment for moment in (own, due) if moment), default=None)
            if step_due != step.due_at:
                step.due_at = step_due
                self.batch.change(step)

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


def is_replayed(case: Case) -> bool:
    """Whether the case may carry times of the past: only what was imported or seeded."""
    return case.origin != Origin.LIVE
