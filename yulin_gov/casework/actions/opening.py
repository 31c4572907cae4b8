"""Opening cases, one or thousands."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from yulin_gov.organization.capacity import SYSTEM, Capacity
from yulin_gov.organization.models import Unit
from yulin_gov.refused import Refused

from ..batch import Batch
from ..enums import Origin, Urgency
from ..kinds import kind_of
from ..models import Case, CaseExclusion, ProcedureVersion
from ..participants import Participant
from ..procedures import procedure_for
from ..running import RunningCase
from .claims import release_in


@dataclass
class CaseDraft:
    """What is needed to open a case.

    `at` may lie in the past only for imported, reported or demonstration records. `exclude`
    are units and persons that must never see it. `idempotency_key` makes a second opening fail
    on the database's constraint; callers look for the first one before.
    """

    kind: str
    title: str
    unit: Unit
    by: Capacity = SYSTEM
    applicant: AbstractBaseUser | None = None
    urgency: str = Urgency.ORDINARY
    origin: str = Origin.LIVE
    at: datetime | None = None
    parent: Case | None = None
    idempotency_key: str | None = None
    procedure: ProcedureVersion | None = None
    assign: Sequence[Participant] = ()
    exclude: Sequence[Unit | AbstractBaseUser] = ()
    exclude_reason: str = ""


# Sealed kinds show this instead of what the writer called it.
SEALED_TITLE = "保密办件"
# No 0, O, 1, I, L: people read these over the telephone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def open_case(kind: str, payload: Any, *, origin: Case | None = None) -> Case:
    """Open a case of any registered kind from a kernel payload: what one app asks of another.

    The kind's own `open` makes case and business row together; `origin` becomes the parent.
    """
    opener = kind_of(kind).open
    if opener is None:
        raise ValueError(f"{kind} cannot be opened by others")
    return opener(payload, parent=origin)


def open_cases(drafts: Sequence[CaseDraft], *, loud: bool = False) -> list[Case]:
    """Open any number of cases with a handful of statements, in one transaction.

    Writes cases, access rows, first steps, clocks with their ledgers, events with their queue
    rows, and a to-do notice for each first step. Imported, reported and demonstration records
    are quiet: no notices, elapsed reminders count as done; `loud` sends them all the same, for
    showing what lateness looks like. Raises Refused where no procedure is published.
    """
    with transaction.atomic():
        batch = Batch()
        cases = [running.case for running in begin(drafts, batch, loud=loud)]
        batch.write()
    return cases


def begin(drafts: Sequence[CaseDraft], batch: Batch, *, loud: bool = False) -> list[RunningCase]:
    """Open cases in memory only; whoever calls writes the batch."""
    now = timezone.now()
    numbers = _numbers(drafts)
    versions: dict[tuple[str, int], ProcedureVersion] = {}
    running_cases = []
    for draft, number in zip(drafts, numbers, strict=True):
        if draft.at and draft.origin == Origin.LIVE:
            raise ValueError("only import and seeding may say when something happened")
        kind = kind_of(draft.kind)
        place = (kind.procedure_key, draft.unit.pk)
        if draft.procedure is None and place not in versions:
            versions[place] = procedure_for(kind.procedure_key, draft.unit)
        case = Case(
            kind=draft.kind,
            number=number,
            public_ref="".join(secrets.choice(_ALPHABET) for _ in range(12)),
            title=SEALED_TITLE if kind.sealed else draft.title,
            procedure=draft.procedure or versions[place],
            unit=draft.unit,
            applicant=None if kind.sealed else draft.applicant,
            urgency=draft.urgency,
            origin=draft.origin,
            parent=draft.parent,
            opened_at=draft.at or now,
            idempotency_key=draft.idempotency_key,
        )
        quiet = draft.origin != Origin.LIVE and not loud
        running = RunningCase(case, batch, by=draft.by, at=case.opened_at, quiet=quiet)
        case.barred = _barred(draft.exclude)
        running.open(draft.assign)
        for excluded in draft.exclude:
            exclude_in(running, excluded, reason=draft.exclude_reason)
        running.settle()
        running_cases.append(running)
    return running_cases


def exclude_in(running: RunningCase, excluded: Unit | AbstractBaseUser, *, reason: str) -> None:
    """Note in memory that a unit or person must never see the case."""
    key = "unit" if isinstance(excluded, Unit) else "person"
    held = [s for s in running.open_steps if getattr(s, f"{key}_id") == excluded.pk]
    if key == "unit" and (held or excluded.pk == running.case.unit_id):
        raise Refused("该单位正在承办或参与该件，须先转办或取消其参与，再设置回避。", field="exclude")
    running.batch.add(CaseExclusion(case=running.case, reason=reason, **{key: excluded}))
    running.record("casework.excluded", {key: excluded.pk, "reason": reason})
    running.case.barred = tuple(a | b for a, b in zip(running.case.barred, _barred([excluded]), strict=True))
    for step in held:
        release_in(running, step, "回避")


def _barred(excluded: Sequence[Unit | AbstractBaseUser]) -> tuple[frozenset[int], frozenset[int]]:
    units = frozenset(e.pk for e in excluded if isinstance(e, Unit))
    return units, frozenset(e.pk for e in excluded if not isinstance(e, Unit))


def _numbers(drafts: Sequence[CaseDraft]) -> list[str]:
    by_kind: dict[str, int] = {}
    for draft in drafts:
        by_kind[draft.kind] = by_kind.get(draft.kind, 0) + 1
    made = {key: iter(kind_of(key).number(count)) for key, count in by_kind.items()}
    return [next(made[draft.kind]) for draft in drafts]
