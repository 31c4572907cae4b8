"""Urging (催办, 督办) and its answers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yulin_gov.organization.capacity import Capacity
from yulin_gov.organization.models import Unit
from yulin_gov.refused import Refused

from .. import rules, telling
from ..batch import Batch
from ..enums import UrgeKind
from ..models import Case, Urge
from ..running import RunningCase, is_replayed
from ..visibility import cases_visible_to
from .stepping import check_not_excluded, lock_case


def urge_case(
    case: Case,
    *,
    by: Capacity,
    reason: str,
    kind: str = UrgeKind.REMIND,
    unit: Unit | None = None,
    answer_by: datetime | None = None,
    idempotency_key: str | None = None,
    at: datetime | None = None,
) -> Urge:
    """Press for an open case. Whoever holds its open steps in the urged unit is told at once
    (inbox, desktop, SMS), and the unit's leader. The same key again returns the first urge.

    `unit` defaults to the unit that has to act now. `at` is for demonstration records only.
    Raises Refused for a closed case, an empty text, or somebody who may not urge.
    """
    if not reason.strip():
        raise Refused("请填写催办内容。", field="reason")
    with transaction.atomic():
        locked = lock_case(case.pk)
        if idempotency_key:
            first = Urge.objects.filter(idempotency_key=idempotency_key).first()
            if first is not None:
                return first
        if not locked.is_open:
            raise Refused("该办件已办结，不需要催办。")
        if not by.is_system:
            seen = cases_visible_to(by.user, [by]).filter(pk=locked.pk)
            if not rules.may_urge(locked, by) or not seen.exists():
                raise Refused("您没有催办权限。")
        check_not_excluded(locked, by)
        if at and not is_replayed(locked):
            raise ValueError("only seeding may say when something happened")
        batch = Batch()
        running = RunningCase.load(locked, batch, by=by, at=at, quiet=bool(at))
        acting = next((s for s in running.open_steps if s.is_host), None)
        if unit and unit.pk not in {locked.unit_id, *(s.unit_id for s in running.steps)}:
            raise Refused("该单位未参与办理，不能催办。", field="unit")
        urge = Urge.objects.create(
            case=locked,
            step=acting,
            kind=kind,
            reason=reason.strip(),
            by=by.user,
            acting_for=by.acting_for,
            by_unit=by.unit,
            unit=unit or (acting.unit if acting else locked.unit),
            urged_at=running.at,
            answer_by=answer_by,
            idempotency_key=idempotency_key,
        )
        said = {"urge": urge.pk, "kind": kind, "unit": urge.unit_id}
        running.record("casework.urged", said, step=acting)
        running.notify(lambda: telling.urged(urge, running.open_steps))
        batch.write()
    return urge


def answer_urge(urge: Urge, *, by: Capacity, answer: str, at: datetime | None = None) -> Urge:
    """Answer an urge (反馈), once; whoever urged is told."""
    if not answer.strip():
        raise Refused("请填写反馈内容。", field="answer")
    with transaction.atomic():
        case = lock_case(urge.case_id)
        urge = Urge.objects.select_related("by_unit", "case").get(pk=urge.pk)
        if urge.answered_at is not None:
            raise Refused("该催办已反馈，请刷新后查看。")
        if not by.is_system and not rules.may_answer_urge(urge, by):
            raise Refused("您没有反馈该催办的权限。")
        check_not_excluded(case, by)
        if at and not is_replayed(case):
            raise ValueError("only seeding may say when something happened")
        batch = Batch()
        running = RunningCase.load(case, batch, by=by, at=at, quiet=bool(at))
        urge.answered_at, urge.answered_by, urge.answer = running.at, by.user, answer.strip()
        urge.save(update_fields=["answered_at", "answered_by", "answer"])
        running.record("casework.urge_answered", {"urge": urge.pk})
        running.notify(lambda: telling.urge_answered(urge))
        batch.write()
    return urge
