"""A unit and people who hold something in it."""

from itertools import count

from tests.accounts.factories import make_staff
from yulin_gov.accounts.models import User
from yulin_gov.organization.models import Appointment, Position, Unit

_number = count(1)


def make_unit(name="市住建局", **fields) -> Unit:
    return Unit.objects.create(code=fields.pop("code", f"T{next(_number)}"), name=name, **fields)


def make_position(*roles, unit=None, title="", **fields) -> Position:
    title = title or f"职位{next(_number)}"
    return Position.objects.create(unit=unit or make_unit(), title=title, roles=list(roles), **fields)


def make_holder(*roles, unit=None, administrator="", full_name="陈敏", **fields) -> User:
    """A person who holds the roles in a position of their own from today."""
    person = make_staff(full_name, **fields)
    position = make_position(*roles, unit=unit, administrator=administrator)
    Appointment.objects.create(person=person, position=position)
    return person
