"""Publishing procedures."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from yulin_gov.accounts.audit import record_audit
from yulin_gov.organization.capacity import SYSTEM, Capacity
from yulin_gov.organization.models import Position, Unit
from yulin_gov.refused import Refused

from ..kinds import all_kinds
from ..models import ProcedureVersion
from ..procedures import InvalidDefinition, Procedure, parse
from ..procedures.definition import sha256_of
from ..procedures.validation import problems_of


def publish_procedure(
    key: str, definition: dict | Procedure, *, by: Capacity = SYSTEM, unit: Unit | None = None
) -> ProcedureVersion:
    """Validate a definition and publish it as the next version for the city or one unit.

    Running cases keep the version they began with. Publishing what is published already
    changes nothing. Raises Refused with every problem found.
    """
    if isinstance(definition, Procedure):
        definition = definition.as_json()
    try:
        procedure = parse(definition)
    except InvalidDefinition as problem:
        raise Refused(str(problem)) from problem
    problems = [p for kind in _kinds_of(key) for p in _problems(procedure, kind)] or _problems(
        procedure, None
    )
    problems += _missing_places(procedure)
    if problems:
        raise Refused("".join(problems))
    normal = procedure.as_json()
    digest = sha256_of(normal)
    with transaction.atomic():
        _one_at_a_time(key)
        versions = ProcedureVersion.objects.filter(key=key, unit=unit)
        newest = versions.filter(published_at__isnull=False).order_by("-number").first()
        if newest is not None and newest.sha256 == digest:
            return newest
        number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
        version = ProcedureVersion.objects.create(
            key=key,
            unit=unit,
            number=number,
            title=procedure.title,
            definition=normal,
            sha256=digest,
            published_at=timezone.now(),
            published_by=by.user,
        )
        record_audit(
            "casework.procedure_published", by=by.user, subject=str(version), data={"sha256": digest}
        )
    return version


def _one_at_a_time(key: str) -> None:
    """Two people publishing one procedure must not take the same number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"procedure:{key}"])


def _missing_places(procedure: Procedure) -> list[str]:
    """Fixed units and positions that do not exist: nobody would ever get the step."""
    problems = []
    for stage in procedure.stages:
        kind, _, name = stage.assignee.partition(":")
        if kind == "unit" and not Unit.objects.current().filter(code=name).exists():
            problems.append(f"环节“{stage.name}”所指定的单位（{name}）不存在。")
        if kind == "position" and not Position.objects.filter(pk=int(name)).exists():
            problems.append(f"环节“{stage.name}”所指定的职位（{name}）不存在。")
    return problems


def _kinds_of(key: str) -> list:
    return [kind for kind in all_kinds() if kind.procedure_key == key]


def _problems(procedure: Procedure, kind) -> list[str]:
    if kind is None:
        return problems_of(procedure)
    return problems_of(procedure, mandatory=kind.mandatory, exempt_ends=kind.exempt_ends)
