"""The one door to the audit log."""

from django.http import HttpRequest

from .models import AuditEvent, User
from .network import client_ip

_labels = {
    "accounts.created": "开户",
    "accounts.signed_in": "登录",
    "accounts.signed_out": "退出",
    "accounts.sign_in_failed": "登录失败",
    "accounts.sign_in_refused": "拒绝登录",
    "accounts.locked_out": "登录暂停（多次失败）",
    "accounts.locked": "停用账号",
    "accounts.unlocked": "启用账号",
    "accounts.password_changed": "修改密码",
    "accounts.password_reset": "重置密码",
    "accounts.contact_changed": "修改联系方式",
}


def register_audit_verbs(labels: dict[str, str]) -> None:
    """Give verbs their Chinese names for the audit administrator; from an app's `ready()`."""
    _labels.update(labels)


def verb_label(verb: str) -> str:
    """The verb's Chinese name, or the verb itself where nobody named it."""
    return _labels.get(verb, verb)


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
