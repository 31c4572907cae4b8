"""The clocks of a running case: their ledgers, states and reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yulin_gov.organization.capacity import Capacity
from yulin_gov.workdays.calendar import Calendar

from .batch import Batch
from .clocks import next_alert, pressing, project, remind_again
from .enums import ClockState, ClockVerb
from .models import Case, CaseEvent, Clock, ClockEntry, Step
from .procedures import Alert, ClockRule, Procedure, Term

STEP_CLOCK = "step"


class Timekeeping:
    """The part of a `RunningCase` that keeps time. `clocks` are those not stopped when loaded."""

    case: Case
    batch: Batch
    by: Capacity
    at: datetime
    recorded_at: datetime
    quiet: bool
    calendar: Calendar
    definition: Procedure
    open_steps: list[Step]

    def __init__(self) -> None:
        self.clocks: list[Clock] = []
        self.ledgers: dict[int, list[ClockEntry]] = {}

    def live_clock(self, name: str) -> Clock | None:
        """The case's clock of that name that has not been stopped."""
        return next((c for c in self._named((name,)) if c.state != ClockState.STOPPED), None)

    def on_outcome(self, outcome: str, event: CaseEvent) -> None:
        """Clocks that the procedure starts or stops when a stage is left by this outcome."""
        for rule in self.definition.clocks:
            live = self.live_clock(rule.name)
            if rule.starts_on == outcome and live is None:
                self.start_rule(rule, event)
            elif outcome in rule.stops_on and live:
                self.clock_entry(live, ClockVerb.STOP, event)

    def start_rule(self, rule: ClockRule, event: CaseEvent) -> None:
        """Start one of the procedure's clocks."""
        self.start_clock(rule.name, rule.label, rule.term, rule.alerts, event, basis=rule.legal_basis)

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

    def hand_over_clock(self, old: Step, new: Step) -> None:
        """The term of a step is not renewed by passing it on: the old clock's ledger is continued."""
        mine = next((c for c in self.clocks if c.step is old), None)
        fresh = next((c for c in self.clocks if c.step is new), None)
        if mine is None or fresh is None:
            return
        self.clocks.remove(fresh)
        self.ledgers.pop(id(fresh), None)
        self.batch.discard_clock(fresh)
        mine.step = new
        self.batch.change(mine)

    def stop_step_clocks(self, event: CaseEvent) -> None:
        """Stop the clocks of steps that have been closed."""
        for clock in self.clocks:
            if clock.step and not clock.step.is_open and clock.state != ClockState.STOPPED:
                self.clock_entry(clock, ClockVerb.STOP, event)

    def stop_all_clocks(self, event: CaseEvent) -> None:
        for clock in self.clocks:
            if clock.state != ClockState.STOPPED:
                self.clock_entry(clock, ClockVerb.STOP, event)

    def pause_for_wait(self, names: Sequence[str], event: CaseEvent, reason: str) -> None:
        """Let the named clocks stand still; what is late stays late."""
        for clock in self._named(names):
            if clock.is_running and clock.due_at > self.at:
                self.clock_entry(clock, ClockVerb.PAUSE, event, reason=reason)

    def resume_after_wait(self, names: Sequence[str], since: datetime, event: CaseEvent, reason: str) -> None:
        """Let those clocks run again that stood still because of the wait begun at `since`: one
        that somebody had paused before goes on standing."""
        for clock in self._named(names):
            if clock.state == ClockState.PAUSED:
                pauses = [line.at for line in self.ledger(clock) if line.verb == ClockVerb.PAUSE]
                if pauses[-1] == since:
                    self.clock_entry(clock, ClockVerb.RESUME, event, reason=reason)

    def undo_clocks_of(self, event: CaseEvent, step: Step) -> None:
        """What taking `step` did to the case's clocks is undone: stopped ones go on as if never
        stopped, started ones end. Two queries."""
        lines = ClockEntry.objects.filter(
            event__step=step, event__verb="casework.step_taken", clock__step=None
        )
        for line in lines.select_related("clock").order_by("id"):
            clock = next((c for c in self.clocks if c.pk == line.clock_id), line.clock)
            if line.verb == ClockVerb.STOP and clock.state == ClockState.STOPPED:
                clock.case = self.case
                self.clocks.append(clock)
                self.clock_entry(clock, ClockVerb.REOPEN, event, reason="撤回")
            elif line.verb == ClockVerb.START and clock.state != ClockState.STOPPED:
                self.clock_entry(clock, ClockVerb.STOP, event, reason="撤回")

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
        self.schedule_alert(clock, self.alerts_of(clock) if alerts is None else alerts, verb)
        self.batch.add(entry)
        self.batch.change(clock)
        return entry

    def schedule_alert(self, clock: Clock, alerts: Sequence[Alert], verb: str = "") -> None:
        """Set when the clock reminds next; `verb` is what moved its deadline, if anything did.

        A new term does not remind of moments that lie before it. What was past already when the
        record was imported or seeded counts as done.
        """
        if verb and clock.is_running:
            remind_again(clock, alerts, self.calendar, self.recorded_at)
        past = self.recorded_at if self.quiet else None
        if past is None and verb in (ClockVerb.START, ClockVerb.RESTART):
            past = self.at
        moment = next_alert(clock, alerts, self.calendar)
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
            return self.definition.stage(clock.step.stage_key).alerts
        rule = self.definition.clock(clock.name)
        return rule.alerts if rule else ()

    def _named(self, names: Sequence[str]) -> list[Clock]:
        return [c for c in self.clocks if c.step is None and ("*" in names or c.name in names)]

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
