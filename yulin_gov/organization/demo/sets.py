"""A whole city at once: the organisation's verbs in sets, with everything each of them leaves behind.

`organization.actions` founds one unit in some twenty statements, which is right for an
administrator and slow for a city. These write the same rows (the unit's first name, history, the
audit event; `tests/organization/test_demo.py` compares) with a few statements for all. What one
form can judge is checked here; what needs the other rows is left to the database's constraints
and triggers, whose refusals come out as `Refused`.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.utils import bulk_create_with_history

from yulin_gov.accounts.models import AuditEvent, User
from yulin_gov.refused import Refused

from ..models import Appointment, Division, Position, Unit, UnitName
from ..refusals import refusing


def create_units(units: Sequence[Unit]) -> None:
    """Found units; each parent is saved already or stands before its children.

    The parents' trigger needs to see the rows above, so each level is one statement.
    """
    levels = sorted(units, key=_level)
    with refusing():
        for _, level in groupby(levels, key=_level):
            level = list(level)
            for unit in level:
                unit.parent_id = unit.parent.pk if unit.parent else None
            _insert(Unit, level, history=True)
        UnitName.objects.bulk_create(
            UnitName(unit=unit, name=unit.name, valid_from=unit.valid_from) for unit in units
        )
        _audit("organization.unit_created", ((unit.code, {"name": unit.name}) for unit in units))


def _level(unit: Unit) -> int:
    return 1 + _level(unit.parent) if unit.parent else 0


def create_divisions(divisions: Sequence[Division]) -> None:
    with refusing():
        _insert(Division, divisions)
        _audit("organization.division_created", ((row.unit.code, {"name": row.name}) for row in divisions))


def create_positions(positions: Sequence[Position]) -> None:
    """Create posts; their divisions are saved already, their roles sorted."""
    with refusing():
        _insert(Position, positions, history=True)
        _audit(
            "organization.position_created",
            (
                (
                    row.unit.code,
                    {
                        "id": row.pk,
                        "title": row.title,
                        "roles": row.roles,
                        "administrator": row.administrator,
                    },
                )
                for row in positions
            ),
        )


def create_users(users: Sequence[User]) -> None:
    """Open accounts whose password is hashed already."""
    with refusing():
        _insert(User, users)
        _audit("accounts.created", ((user.username, {"kind": user.kind}) for user in users))


def appoint_all(appointments: Sequence[Appointment]) -> None:
    """Appoint staff to posts; both are saved already."""
    with refusing():
        _insert(Appointment, appointments, history=True)
        _audit(
            "organization.appointed",
            (
                (
                    row.person.username,
                    {"appointment": row.pk, "position": row.position_id, "from": row.from_date.isoformat()},
                )
                for row in appointments
            ),
        )


def _insert(model: type[models.Model], rows: Sequence[models.Model], *, history: bool = False) -> None:
    for row in rows:
        _refuse_bad_fields(row)
    if history:
        bulk_create_with_history(rows, model)
    else:
        model.objects.bulk_create(rows)


def _refuse_bad_fields(row: models.Model) -> None:
    # References would cost a query for each row; they come from the database a moment ago.
    references = [field.name for field in row._meta.concrete_fields if field.is_relation]
    try:
        row.clean_fields(exclude=references)
    except ValidationError as error:
        name, errors = next(iter(error.error_dict.items()))
        label = row._meta.get_field(name).verbose_name
        raise Refused(f"{row}：{label}：{''.join(errors[0].messages)}", field=name) from error


def _audit(verb: str, subjects: Iterable[tuple[str, dict]]) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(verb=verb, subject=subject, data=data) for subject, data in subjects
    )
