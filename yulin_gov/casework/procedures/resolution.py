"""Which version applies, and its parsed definition."""

from __future__ import annotations

from django.db.models import F, Q

from yulin_gov.refused import Refused

from ..models import ProcedureVersion
from .definition import Procedure, parse


def procedure_for(key: str, unit) -> ProcedureVersion:
    """The newest published version of `key` for `unit`: its own, else the city's. One query.

    Raises Refused where none is published.
    """
    version = (
        ProcedureVersion.objects.filter(Q(unit=unit) | Q(unit=None), key=key, published_at__isnull=False)
        .defer("definition")  # parsed once per process, see below
        .order_by(F("unit").asc(nulls_last=True), "-number")
        .first()
    )
    if version is None:
        raise Refused("该业务尚未发布办事流程，请联系系统管理员。")
    return version


def definition_of(version: ProcedureVersion) -> Procedure:
    """The parsed definition. A published version never changes, so it is parsed once per process."""
    if version.published_at is None:
        return parse(version.definition)
    if version.sha256 not in _parsed:
        _parsed[version.sha256] = parse(version.definition)
    return _parsed[version.sha256]


_parsed: dict[str, Procedure] = {}
