"""Reading the organisation: who holds a role where, what lies below, who receives letters."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, TextField

from .capacity import Capacity
from .models import Appointment, Delegation, SupervisionScope, Unit, UnitName


class Holder(NamedTuple):
    """Somebody who acts in a role: in person, or as deputy for `acting_for_id`."""

    user_id: int
    position_id: int
    acting_for_id: int | None = None


def holders_of(
    unit_id: int, role: str, at: datetime | None = None, *, kind: str | None = None
) -> list[Holder]:
    """Who holds `role` in the unit at `at` (aware; default now), deputies after the appointed.

    With `kind` only deputies whose scope includes this case kind; without, all. Locked accounts
    are left out.
    """
    return holders_of_many([(unit_id, role)], at, kind=kind)[unit_id, role]


def holders_of_many(
    pairs: Iterable[tuple[int, str]], at: datetime | None = None, *, kind: str | None = None
) -> dict[tuple[int, str], list[Holder]]:
    """`holders_of` for many (unit id, role) pairs in two queries; every pair asked for has a list."""
    found: dict[tuple[int, str], list[Holder]] = {pair: [] for pair in pairs}
    if not found:
        return found
    where = Q(
        position__unit__in={unit for unit, _ in found},
        position__roles__overlap=sorted({role for _, role in found}),
    )
    place = ("position_id", "position__unit_id", "position__roles")
    appointed = Appointment.objects.current(at).filter(where, person__is_active=True)
    for person, position, unit, roles in appointed.values_list("person_id", *place):
        _add(found, unit, roles, Holder(person, position))
    standing_in = Delegation.objects.current(at).filter(where, deputy__is_active=True)
    if kind is not None:
        standing_in = standing_in.filter(Q(kinds=[]) | Q(kinds__contains=[kind]))
    rows = standing_in.order_by("position__sort", "id").values_list("deputy_id", "principal_id", *place)
    for deputy, principal, position, unit, roles in rows:
        _add(found, unit, roles, Holder(deputy, position, principal))
    return found


def _add(found: dict, unit: int, roles: list[str], holder: Holder) -> None:
    for role in roles:
        holders = found.get((unit, role))
        # Two delegations of different scope make one deputy, not two.
        if holders is not None and holder not in holders:
            holders.append(holder)


def appointed_in(units: Iterable[int], at: datetime | None = None) -> QuerySet[Appointment]:
    """Appointments in force in these units, with person, position and division loaded."""
    found = Appointment.objects.current(at).filter(position__unit__in=units, person__is_active=True)
    return found.select_related("person", "position__unit", "position__division").order_by(
        "position__unit__sort", "position__sort", "id"
    )


def subtree_of(unit: Unit) -> QuerySet[Unit]:
    """The unit and everything below it, abolished units included."""
    return Unit.objects.below(unit)


def units_receiving_letters() -> QuerySet[Unit]:
    """Units a citizen can write to today, in their order."""
    return Unit.objects.current().filter(receives_letters=True)


def supervised_unit_ids(capacity: Capacity | None) -> set[int] | None:
    """Ids of the units this supervisor looks after, explicit subtrees only; one query.

    None for whoever is no supervisor; an empty set for a supervisor without any scope.
    """
    if capacity is None or "supervisor" not in capacity.roles:
        return None
    above = (
        SupervisionScope.objects.filter(position=capacity.position)
        .annotate(below=ExpressionWrapper(OuterRef("path"), output_field=TextField()))
        .filter(below__startswith=F("unit__path"))
    )
    return set(Unit.objects.filter(Exists(above)).order_by().values_list("pk", flat=True))


def name_on(unit: Unit, day: date) -> str:
    """What the unit was called on that day; its present name where nothing is on record."""
    names = UnitName.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), unit=unit, valid_from__lte=day)
    return names.values_list("name", flat=True).first() or unit.name
