"""Rows of any number of cases, gathered in memory and written in sets.

One step of one case and the import of thousands go through the same few statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection, models, transaction

from yulin_gov.notices.actions import NoticeDraft, post_notices, withdraw_notices

from . import wake
from .enums import CaseState
from .events import hash_of, is_handled, readers_of
from .models import (
    Case,
    CaseEvent,
    CaseExclusion,
    CaseUnit,
    Clock,
    ClockEntry,
    EventQueue,
    Step,
    Timer,
)

CHUNK = 2000
_IN_ORDER = (Case, Step, CaseEvent, Clock, ClockEntry, CaseExclusion, Timer)  # parents first
STEP_FIELDS = ["closed_at", "due_at", "outcome", "outcome_label", "opinion", "acted_by", "acting_for"]
STEP_FIELDS += ["position", "person", "unit"]
CLOCK_FIELDS = ["step", "state", "due_at", "next_alert_at", "alerts_done", "calendar_revision"]
CASE_FIELDS = ["state", "outcome", "closed_at", "handled_at", "due_at", "entries", "unit"]
CASE_FIELDS += ["last_sequence", "last_hash", "urgency"]


class Batch:
    """Collects new and changed rows; `write()` puts them into the database, parents first."""

    def __init__(self) -> None:
        self.new: dict[type, list] = {model: [] for model in (*_IN_ORDER, CaseUnit)}
        self.changed: dict[type, dict[int, models.Model]] = {m: {} for m in (Case, Step, Clock)}
        self.notices: list[Callable[[], list[NoticeDraft]]] = []
        self.parts: dict[int, list[CaseUnit]] = {}  # the new access rows of each case
        self.lists_changed: dict[int, Case] = {}
        self.ended: dict[int, tuple[Case, datetime]] = {}

    def add(self, row: models.Model) -> None:
        self.new[type(row)].append(row)
        if isinstance(row, CaseUnit):
            self.parts.setdefault(id(row.case), []).append(row)

    def change(self, row: models.Model) -> None:
        """Remember a changed row; one that is new in this batch is written whole anyway."""
        if row.pk is not None:
            self.changed[type(row)][row.pk] = row

    def discard_clock(self, clock: Clock) -> None:
        """Forget a clock that was made in this batch and is not needed after all."""
        self.new[Clock].remove(clock)
        self.new[ClockEntry] = [entry for entry in self.new[ClockEntry] if entry.clock is not clock]

    def take_ids(self) -> None:
        """Give the new cases and steps their ids, because the chain's hashes speak of them."""
        for model in (Case, Step):
            rows = [row for row in self.new[model] if row.pk is None]
            for row, pk in zip(rows, _next_ids(model, len(rows)), strict=True):
                row.pk = pk

    def write(self) -> None:
        """Write everything; must run inside the caller's transaction."""
        assert connection.in_atomic_block
        self.take_ids()
        fresh = {id(row) for rows in self.new.values() for row in rows}
        self._chain(self.new[CaseEvent])
        for model in _IN_ORDER:
            model.objects.bulk_create(self.new[model], batch_size=CHUNK)
        CaseUnit.objects.bulk_create(self.new[CaseUnit], batch_size=CHUNK, ignore_conflicts=True)
        self._queue(self.new[CaseEvent])
        for model, fields in ((Step, STEP_FIELDS), (Clock, CLOCK_FIELDS), (Case, CASE_FIELDS)):
            _update([row for row in self.changed[model].values() if id(row) not in fresh], fields)
        self._update_lists(fresh)
        for case, at in self.ended.values():
            Timer.objects.filter(case=case, done_at=None, cancelled_at=None).update(cancelled_at=at)
            withdraw_notices(case.work_key)  # nobody is woken for what is done
        if self.notices:
            post_notices([draft for drafts in self.notices for draft in drafts()])
        if any(is_handled(event.verb) for event in self.new[CaseEvent]):
            transaction.on_commit(wake.readers)

    def _chain(self, events: list[CaseEvent]) -> None:
        for event in events:
            case = event.case
            event.case, event.step = case, event.step  # their ids, which they had not when it was made
            event.previous_hash = case.last_hash
            event.hash = case.last_hash = hash_of(event)
            self.change(case)

    def _queue(self, events: list[CaseEvent]) -> None:
        rows = [EventQueue(event=event, reader=name) for event in events for name in readers_of(event.verb)]
        EventQueue.objects.bulk_create(rows, batch_size=CHUNK)

    def _update_lists(self, fresh: set[int]) -> None:
        for case in self.lists_changed.values():
            if id(case) not in fresh:
                CaseUnit.objects.filter(case=case).update(is_open=case.is_open, due_at=case.due_at)

    def note_list_change(self, case: Case) -> None:
        """The copies in CaseUnit have to follow the case."""
        self.lists_changed[id(case)] = case
        for row in self.parts.get(id(case), ()):
            row.is_open, row.due_at = case.state == CaseState.OPEN, case.due_at


def _next_ids(model: type[models.Model], count: int) -> list[int]:
    if not count:
        return []
    with connection.cursor() as cursor:
        sequence = f"{model._meta.db_table}_id_seq"
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [pk for (pk,) in cursor.fetchall()]


def _update(rows: Iterable[models.Model], fields: list[str]) -> None:
    rows = list(rows)
    if len(rows) == 1:
        rows[0].save(update_fields=fields)
    elif rows:
        type(rows[0]).objects.bulk_update(rows, fields, batch_size=500)
