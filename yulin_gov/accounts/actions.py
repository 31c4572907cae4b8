"""What can be done to an account: one verb, one function. Each writes an audit event."""

import secrets

from axes.utils import reset as forget_failures
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from yulin_gov.messaging.phones import normal_phone
from yulin_gov.refused import Refused

from .audit import record_audit
from .enums import UserKind
from .models import User
from .validation import refuse_invalid

# Without characters that are mistaken for one another when read from a slip of paper.
_READABLE = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"


def create_user(
    username: str,
    *,
    full_name: str,
    password: str | None = None,
    password_hash: str = "",
    kind: str = UserKind.CITIZEN,
    phone: str = "",
    email: str = "",
    must_change_password: bool = False,
    by: User | None = None,
    request: HttpRequest | None = None,
) -> User:
    """Open an account and return it.

    `password` is stored as given: its strength is checked where people choose one themselves
    (`check_password_strength`). `password_hash` takes a hash made once for many accounts; with
    neither the account cannot sign in. Raises Refused (with `field`) for a taken username, a bad
    phone or e-mail address, an empty name.
    """
    user = User(
        username=User.normalize_username(username),
        full_name=full_name.strip(),
        kind=kind,
        phone=normal_phone(phone) if phone else "",
        email=User.objects.normalize_email(email),
        must_change_password=must_change_password,
    )
    if password_hash:
        user.password = password_hash
    else:
        user.set_password(password)
    refuse_invalid(user)
    try:
        with transaction.atomic():
            user.save()
            record_audit(
                "accounts.created", by=by, subject=user.username, data={"kind": kind}, request=request
            )
    except IntegrityError as error:
        raise Refused("该账号已被使用。", field="username") from error
    return user


def check_password_strength(password: str, *, user: User | None = None) -> None:
    """Raise Refused (field "new") with every reason why this password is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused("".join(error.messages), field="new") from error


def change_password(
    user: User, *, new: str, old: str | None = None, by: User | None, request: HttpRequest | None = None
) -> None:
    """Set the password somebody chose; the demand to change it is met.

    `old` is checked where given. Every other session of the user ends, because a session is bound
    to the password. Raises Refused with field "old" or "new".
    """
    if old is not None and not user.check_password(old):
        raise Refused("原密码不正确。", field="old")
    check_password_strength(new, user=user)
    if user.check_password(new):
        raise Refused("新密码不能与原密码相同。", field="new")
    with transaction.atomic():
        _set_password(user, new, must_change=False)
        record_audit("accounts.password_changed", by=by, subject=user.username, request=request)


def reset_password(user: User, *, by: User | None, request: HttpRequest | None = None) -> str:
    """Give the account a random password, to be changed at the next sign-in; returns it, once.

    All sessions of the user end and failed attempts are forgotten.
    """
    password = "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))
    with transaction.atomic():
        _set_password(user, password, must_change=True)
        forget_failures(username=user.username)
        record_audit("accounts.password_reset", by=by, subject=user.username, request=request)
    return password


def _set_password(user: User, password: str, *, must_change: bool) -> None:
    user.set_password(password)
    user.must_change_password = must_change
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])


def lock_user(user: User, *, by: User | None, reason: str = "", request: HttpRequest | None = None) -> None:
    """Close the account: no sign-in, and sessions already open end with their next request."""
    if by is not None and by.pk == user.pk:
        raise Refused("不能停用自己的账号。")
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            raise Refused("该账号已经停用。")
        record_audit(
            "accounts.locked", by=by, subject=user.username, data={"reason": reason}, request=request
        )
    user.is_active = False


def unlock_user(user: User, *, by: User | None, request: HttpRequest | None = None) -> None:
    """Open the account again, and forget its failed attempts."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=True)
        forget_failures(username=user.username)
        record_audit("accounts.unlocked", by=by, subject=user.username, request=request)
    user.is_active = True


def change_contact(
    user: User,
    *,
    phone: str | None = None,
    email: str | None = None,
    by: User | None,
    request: HttpRequest | None = None,
) -> None:
    """Change phone or e-mail address; None leaves one as it is. Raises Refused with its field."""
    if phone is not None:
        user.phone = normal_phone(phone) if phone else ""
    if email is not None:
        user.email = User.objects.normalize_email(email)
    refuse_invalid(user, exclude=["password"])
    with transaction.atomic():
        user.save(update_fields=["phone", "phone_index", "email"])
        record_audit("accounts.contact_changed", by=by, subject=user.username, request=request)
