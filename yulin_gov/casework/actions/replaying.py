"""Records of the past: cases that were opened and handled elsewhere, taken over in sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from yulin_gov.organization.capacity import SYSTEM, Capacity

from ..batch import Batch
from ..enums import Origin
from ..models import Case
from ..running import RunningCase
from .opening import CaseDraft, begin
from .stepping import apply_step, chosen_route


@dataclass
class PastMove:
    """Something that was done: the stage it ended, how, and when."""

    outcome: str
    at: datetime
    by: Capacity = SYSTEM
    opinion: str = ""
    events: list[tuple[str, dict]] = field(default_factory=list)


def replay_cases(
    records: Sequence[tuple[CaseDraft, Sequence[PastMove]]],
    *,
    facts: Callable[[int], dict[str, bool]] = lambda place: {},
    before_write: Callable[[list[Case]], None] = lambda cases: None,
    after_write: Callable[[list[Case]], None] = lambda cases: None,
) -> list[Case]:
    """Open and handle past cases with their true times, all in one transaction and in sets.

    Every move goes through the same engine as a person's step; no notices are sent and elapsed
    reminders count as done. `facts(place)` answers what routes ask of the record at that place
    of the list, because its business row is written only by `after_write(cases)`.
    Raises ValueError for live records, Refused where the procedure has no such way.
    """
    if any(draft.origin == Origin.LIVE for draft, _ in records):
        raise ValueError("live cases cannot be replayed")
    with transaction.atomic():
        batch = Batch()
        running_cases = begin([draft for draft, _ in records], batch)
        for place, (running, (_, moves)) in enumerate(zip(running_cases, records, strict=True)):
            for move in moves:
                _replay(running, move, facts(place))
            running.settle()
        cases = [running.case for running in running_cases]
        before_write(cases)
        batch.write()
        after_write(cases)
    return cases


def _replay(running: RunningCase, move: PastMove, facts: dict[str, bool]) -> None:
    running.at, running.by = move.at, move.by
    step = running.open_steps[0]
    choice = chosen_route(running, step, move.outcome, facts)
    apply_step(running, step, choice, facts, move.events, opinion=move.opinion)
