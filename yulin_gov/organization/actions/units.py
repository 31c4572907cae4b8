"""Units, divisions and positions: founded, renamed, moved, merged, abolished; never deleted."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils.timezone import localdate

from yulin_gov.accounts.audit import record_audit
from yulin_gov.accounts.models import User
from yulin_gov.accounts.validation import refuse_invalid
from yulin_gov.refused import Refused

from ..enums import UnitKind
from ..models import Appointment, Division, Position, Unit, UnitName
from ..refusals import refusing
from ..signals import unit_succeeded
from .people import end_appointment


def create_unit(
    code: str,
    *,
    name: str,
    kind: str = UnitKind.DEPARTMENT,
    parent: Unit | None = None,
    by: User | None = None,
    **facts,
) -> Unit:
    """Found a unit; its first name counts from `valid_from` (default today).

    `facts` are further fields of Unit (short_name, number_prefix, sort, receives_letters, …).
    Raises Refused with the field at fault.
    """
    unit = Unit(code=code, name=name, kind=kind, parent=parent, **facts)
    refuse_invalid(unit)
    with refusing():
        unit.save()
        UnitName.objects.create(unit=unit, name=name, valid_from=unit.valid_from)
        record_audit("organization.unit_created", by=by, subject=unit.code, data={"name": name})
    return unit


def change_unit(unit: Unit, *, by: User | None = None, **facts) -> Unit:
    """Change public facts and switches of a unit; name, parent and validity have verbs of their own."""
    own = {"name", "parent", "path", "valid_to"} & facts.keys()
    if own:
        raise ValueError(f"use rename_unit, move_unit, abolish_unit for {sorted(own)}")
    return _change(unit, facts, "organization.unit_changed", subject=unit.code, by=by)


def rename_unit(
    unit: Unit, *, name: str, short_name: str | None = None, on: date | None = None, by: User | None = None
) -> UnitName:
    """The unit is called `name` from the day `on` (default today); the old name stays on record.

    A name given on the same day or later is replaced. Raises Refused for a day still to come,
    because everything shows the current name from now on.
    """
    on = on or localdate()
    if on > localdate():
        raise Refused("更名日期不能晚于今天，请到当天再办理。", field="on")
    old = unit.name
    with refusing():
        Unit.objects.select_for_update().get(pk=unit.pk)
        if not unit.names.exists():
            UnitName.objects.create(unit=unit, name=old, valid_from=min(unit.valid_from, on))
        unit.names.filter(valid_from__gte=on).delete()
        unit.names.filter(valid_to=None).update(valid_to=on - timedelta(days=1))
        unit.names.filter(valid_to__gte=on).update(valid_to=on - timedelta(days=1))
        unit.name = name
        if short_name is not None:
            unit.short_name = short_name
        refuse_invalid(unit)
        unit.save()
        current = UnitName.objects.create(unit=unit, name=name, valid_from=on)
        data = {"from": old, "to": name, "on": on.isoformat()}
        record_audit("organization.unit_renamed", by=by, subject=unit.code, data=data)
    return current


def move_unit(unit: Unit, *, parent: Unit | None, by: User | None = None) -> None:
    """Put the unit, and everything below it, under another parent. Refused below itself."""
    if parent == unit:
        raise Refused("单位不能是自己的上级。", field="parent")
    with refusing():
        unit.parent = parent
        refuse_invalid(unit)
        unit.save()
        data = {"parent": parent.code if parent else None}
        record_audit("organization.unit_moved", by=by, subject=unit.code, data=data)


def abolish_unit(unit: Unit, *, on: date | None = None, by: User | None = None) -> None:
    """`on` (default today) is the unit's last day. Refused while units or people hang on it."""
    on = on or localdate()
    below = unit.children.current(on + timedelta(days=1)).count()
    if below:
        raise Refused(f"还有{below}个下级单位，请先调整或撤销它们。")
    people = Appointment.objects.current().filter(position__unit=unit).count()
    if people:
        raise Refused(f"该单位还有{people}人在任，请先免职，或者并入其他单位。")
    with refusing():
        _close(unit, on)
        record_audit("organization.unit_abolished", by=by, subject=unit.code, data={"on": on.isoformat()})


def succeed_unit(unit: Unit, *, into: Unit, by: User | None = None) -> None:
    """Merge `unit` into `into` today: open work and lower units move, appointments end.

    Sends `unit_succeeded` first, so that open work has its new home before anybody's claims are
    released. Old documents keep the name they were issued under.
    """
    if unit == into:
        raise Refused("不能并入本单位。", field="into")
    if not into.is_current:
        raise Refused("接收单位已经撤销。", field="into")
    with refusing():
        unit_succeeded.send(sender=Unit, unit=unit, successor=into)
        for child in unit.children.current():
            move_unit(child, parent=into, by=by)
        for appointment in Appointment.objects.current().filter(position__unit=unit):
            end_appointment(appointment, by=by, reason=f"单位并入{into.name}")
        _close(unit, localdate())
        record_audit("organization.unit_succeeded", by=by, subject=unit.code, data={"successor": into.code})


def _close(unit: Unit, on: date) -> None:
    with refusing():
        unit.valid_to = on
        refuse_invalid(unit)
        unit.save()
        unit.names.filter(valid_to=None).update(valid_to=on)


def create_division(unit: Unit, *, name: str, sort: int = 0, by: User | None = None) -> Division:
    """An inner division (内设机构) of `unit`. Refused: a name the unit has already, or an empty one."""
    division = Division(unit=unit, name=name, sort=sort)
    refuse_invalid(division)
    with refusing():
        division.save()
        record_audit("organization.division_created", by=by, subject=unit.code, data={"name": name})
    return division


def change_division(division: Division, *, by: User | None = None, **facts) -> Division:
    """Change name or sort of a division; the same refusals. Writes nothing where nothing differs."""
    return _change(division, facts, "organization.division_changed", subject=division.unit.code, by=by)


def create_position(
    unit: Unit,
    *,
    title: str,
    division: Division | None = None,
    duties: str = "",
    roles: Iterable[str] = (),
    administrator: str = "",
    sort: int = 0,
    by: User | None = None,
) -> Position:
    """A post in `unit`, perhaps in one of its divisions, with registered role keys.

    Refused: an unknown role, a division of another unit, an administrator with further roles.
    """
    position = Position(
        unit=unit,
        division=division,
        title=title,
        duties=duties,
        roles=_sorted(roles),
        administrator=administrator,
        sort=sort,
    )
    refuse_invalid(position)
    with refusing():
        position.save()
        data = {"title": title, "roles": position.roles, "administrator": administrator}
        record_audit(
            "organization.position_created", by=by, subject=unit.code, data={"id": position.pk, **data}
        )
    return position


def change_position(position: Position, *, by: User | None = None, **facts) -> Position:
    """Change title, duties, sort, roles or administrator of a post; who holds it follows at once."""
    if "roles" in facts:
        facts["roles"] = _sorted(facts["roles"])
    return _change(position, facts, "organization.position_changed", subject=str(position), by=by)


def _sorted(roles: Iterable[str]) -> list[str]:
    return sorted(set(roles))


def _change(instance, facts: dict, verb: str, *, subject: str, by: User | None):
    """Set the facts that differ; nothing different writes nothing, so an import can be repeated."""
    changed = {name: value for name, value in facts.items() if getattr(instance, name) != value}
    if not changed:
        return instance
    for name, value in changed.items():
        setattr(instance, name, value)
    refuse_invalid(instance)
    with refusing():
        instance.save()
        data = {"id": instance.pk, **{name: _plain(value) for name, value in changed.items()}}
        record_audit(verb, by=by, subject=subject, data=data)
    return instance


def _plain(value):
    return value if isinstance(value, bool | int | list | None) else str(value)
