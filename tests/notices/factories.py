"""The cast: people with and without a position, and notices as services post them."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from yulin_gov.accounts.enums import UserKind
from yulin_gov.accounts.models import User
from yulin_gov.notices.actions import NoticeDraft
from yulin_gov.organization.models import Appointment, Delegation, Position, Unit

_number = count(1)


def make_user(name="陈敏", *, kind=UserKind.STAFF, **fields):
    return User.objects.create_user(f"test-{next(_number)}", full_name=name, kind=kind, **fields)


def make_unit(name="市住建局"):
    return Unit.objects.create(code=f"test-{next(_number)}", name=name)


def make_holder(unit, role, name="陈敏", *, title="", **fields):
    """A new person who holds `role` in `unit`, in a position of their own."""
    user = make_user(name, **fields)
    position = Position.objects.create(unit=unit, title=title or f"职位{next(_number)}", roles=[role])
    Appointment.objects.create(person=user, position=position)
    return user


def make_deputy(principal, name="庞洁", *, kinds=()):
    """A new person who acts for `principal` in all their positions today."""
    deputy, now = make_user(name), timezone.now()
    for appointment in principal.appointments.all():
        Delegation.objects.create(
            position=appointment.position,
            principal=principal,
            deputy=deputy,
            kinds=list(kinds),
            from_at=now - timedelta(hours=1),
            to_at=now + timedelta(days=1),
        )
    return deputy


def draft(key="", **fields):
    """A notice about case 12, to whomever `fields` names."""
    fields = {"kind": "casework.due", "title": "信件明日到期", "subject_key": "case:12", **fields}
    return NoticeDraft(key=key or f"test-{next(_number)}", **fields)


def noon(days=1):
    """A moment outside quiet hours, by default tomorrow: everything posted today is then due."""
    day = timezone.localtime() + timedelta(days=days)
    return day.replace(hour=12, minute=0, second=0, microsecond=0)
