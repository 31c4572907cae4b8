"""The one door to the audit log."""

from django.http import HttpRequest

from .models import AuditEvent, User
from .network import client_ip


def record_audit(
    verb: str,
    *,
    by: User | None,
    subject: str = "",
    data: dict | None = None,
    request: HttpRequest | None = None,
) -> AuditEvent:
    """Write one audit event in the caller's transaction and return it.

    `verb` is namespaced (`accounts.signed_in`); `by` is None for the system and for people not
    signed in. `subject` and `data` hold references (ids, keys, usernames), never personal data
    beyond the ordinary. `data` must be JSON; dates go in as ISO text. A longer subject is cut to
    200 characters.
    """
    if by is not None and not by.pk:
        by = None
    return AuditEvent.objects.create(
        actor=by,
        verb=verb,
        subject=subject.replace("\x00", "")[:200],
        data=data or {},
        ip=client_ip(request) if request is not None else None,
    )
