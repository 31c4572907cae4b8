"""The demo city: its units, posts and people, written through the domain functions.

`seed` adds what is missing and leaves what is there alone, so it can be repeated at any time.
"""

from collections.abc import Callable
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from yulin_gov.accounts.enums import UserKind
from yulin_gov.accounts.models import User

from .. import actions
from ..models import Appointment, Delegation, Division, Position, SupervisionScope, Unit
from . import sets
from .accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from .tables import StaffRow, UnitRow, staff_rows, unit_rows

Report = Callable[[str], object]

# Long enough ago for every demo story to have happened while its people were in office.
FOUNDED = date(2013, 7, 1)
IN_OFFICE_SINCE = date(2024, 1, 2)

# 陈敏 代 黎绍华, in 市政府办公室 文秘科.
_DEPUTY, _PRINCIPAL = "chen.min", "li.shaohua"
_DELEGATED_FOR = timedelta(days=180)

_CITIZEN_PHONE = "19900000100"


def seed(report: Report) -> None:
    """Write the demo organisation in one transaction; `report` is told each part in Chinese."""
    with transaction.atomic():
        units = _units(report)
        positions = _positions(units, report)
        people = _people(report)
        _appointments(positions, people, report)
        _delegation(people, report)
        _supervision(units, report)


def _units(report: Report) -> dict[str, Unit]:
    units = Unit.objects.in_bulk(field_name="code")
    new = []
    for number, row in enumerate(unit_rows(), start=1):
        if row.code not in units:
            units[row.code] = _unit(row, parent=units.get(row.parent), sort=number * 10)
            new.append(units[row.code])
    sets.create_units(new)
    report(f"组织机构：新增单位{len(new)}个，共{len(units)}个")
    return units


def _unit(row: UnitRow, *, parent: Unit | None, sort: int) -> Unit:
    return Unit(
        code=row.code,
        name=row.name,
        short_name=row.short_name,
        number_prefix=row.number_prefix,
        kind=row.kind,
        parent=parent,
        exchanges_documents=row.exchanges_documents,
        circulates_inside=row.circulates_inside,
        receives_letters=row.receives_letters,
        phone=row.phone,
        address=row.address,
        duties=row.duties,
        sort=sort,
        valid_from=FOUNDED,
    )


def _positions(units: dict[str, Unit], report: Report) -> dict[tuple[str, str, str], Position]:
    """The posts of `staff.csv` by unit code, division and title; writes their divisions too."""
    divisions = _divisions(units)
    positions = {
        (row.unit.code, row.division.name if row.division else "", row.title): row
        for row in Position.objects.select_related("unit", "division")
    }
    new = []
    for number, row in enumerate(staff_rows(), start=1):
        if _key(row) in positions:
            continue
        positions[_key(row)] = Position(
            unit=units[row.unit],
            division=divisions[row.unit, row.division] if row.division else None,
            title=row.title,
            duties=row.duties,
            roles=sorted(row.roles),
            administrator=row.administrator,
            sort=number * 10,
        )
        new.append(positions[_key(row)])
    sets.create_positions(new)
    report(f"内设机构和职位：新增职位{len(new)}个，共{len(positions)}个")
    return positions


def _divisions(units: dict[str, Unit]) -> dict[tuple[str, str], Division]:
    divisions = {(row.unit.code, row.name): row for row in Division.objects.select_related("unit")}
    new = []
    for number, row in enumerate(staff_rows(), start=1):
        if row.division and (row.unit, row.division) not in divisions:
            divisions[row.unit, row.division] = Division(
                unit=units[row.unit], name=row.division, sort=number * 10
            )
            new.append(divisions[row.unit, row.division])
    sets.create_divisions(new)
    return divisions


def _people(report: Report) -> dict[str, User]:
    people = User.objects.in_bulk(field_name="username")
    names = {row.username: row.name for row in staff_rows()}
    citizen, *_, names[citizen] = DEMO_ACCOUNTS[0]
    missing = names.keys() - people.keys()
    # Hashing is slow on purpose; once is enough where everybody shares the password.
    password = make_password(DEMO_PASSWORD) if missing else ""
    new = [
        User(username=username, full_name=name, kind=UserKind.STAFF, password=password)
        for username, name in names.items()
        if username in missing
    ]
    for user in new:
        people[user.username] = user
        if user.username == citizen:
            user.kind, user.phone, user.email = UserKind.CITIZEN, _CITIZEN_PHONE, "citizen@yulin.example"
    sets.create_users(new)
    report(f"演示账号：新增{len(new)}个，共{len(people)}个")
    return people


def _appointments(positions: dict, people: dict[str, User], report: Report) -> None:
    # Somebody who once held the post and was released stays released.
    held = set(Appointment.objects.values_list("person_id", "position_id"))
    pairs = [(people[row.username], positions[_key(row)]) for row in staff_rows()]
    new = [
        Appointment(person=person, position=position, from_date=IN_OFFICE_SINCE)
        for person, position in pairs
        if (person.pk, position.pk) not in held
    ]
    sets.appoint_all(new)
    report(f"任职：新增{len(new)}项，共{len(held) + len(new)}项")


def _key(row: StaffRow) -> tuple[str, str, str]:
    return row.unit, row.division, row.title


def _delegation(people: dict[str, User], report: Report) -> None:
    principal, deputy = people[_PRINCIPAL], people[_DEPUTY]
    if Delegation.objects.filter(principal=principal, deputy=deputy).exists():
        return
    appointment = Appointment.objects.current().filter(person=principal).select_related("position").first()
    if appointment is None:
        return
    actions.delegate(
        appointment.position,
        principal=principal,
        deputy=deputy,
        to_at=timezone.now() + _DELEGATED_FOR,
        reason="外出参加业务培训",
    )
    report(f"职位代理：{deputy} 代 {principal}")


def _supervision(units: dict[str, Unit], report: Report) -> None:
    """Supervisors look after the city government and all below it."""
    covered = set(SupervisionScope.objects.values_list("position_id", flat=True))
    for position in Position.objects.filter(roles__contains=["supervisor"]).exclude(pk__in=covered):
        actions.add_supervision(position, unit=units["zhengfu"])
        report(f"监察范围：{position} → {units['zhengfu']}")
