"""People as accounts knows them. `make_staff` holds nothing: positions are the organisation's."""

from itertools import count

from yulin_gov.accounts.enums import UserKind
from yulin_gov.accounts.models import User

PASSWORD = "Jade-River-2026"
_number = count(1)


def make_citizen(full_name="唐丽", **fields) -> User:
    return _make(full_name, UserKind.CITIZEN, **fields)


def make_staff(full_name="陈敏", **fields) -> User:
    return _make(full_name, UserKind.STAFF, **fields)


def _make(full_name, kind, *, username="", password=PASSWORD, **fields) -> User:
    username = username or f"person{next(_number)}"
    return User.objects.create_user(username, password, full_name=full_name, kind=kind, **fields)
