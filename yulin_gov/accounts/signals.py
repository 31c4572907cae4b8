"""Sign-ins, failures, lockouts and sign-outs go to the audit log."""

from datetime import timedelta

from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.utils import timezone

from .audit import record_audit
from .models import AuditEvent, User
from .sign_in import begin_session


@receiver(user_logged_in, dispatch_uid="accounts.signed_in")
def signed_in(sender, request, user, **kwargs) -> None:
    if request is not None and hasattr(request, "session"):
        begin_session(request.session)
    record_audit("accounts.signed_in", by=user, subject=user.username, request=request)


@receiver(user_logged_out, dispatch_uid="accounts.signed_out")
def signed_out(sender, request, user, **kwargs) -> None:
    if user is not None:
        record_audit("accounts.signed_out", by=user, subject=user.username, request=request)


@receiver(user_login_failed, dispatch_uid="accounts.sign_in_failed")
def sign_in_failed(sender, credentials, request=None, **kwargs) -> None:
    if getattr(request, "axes_locked_out", False):
        return  # the lockout is on record; hammering at it must not fill the log
    record_audit("accounts.sign_in_failed", by=None, subject=_known(credentials), request=request)


@receiver(user_locked_out, dispatch_uid="accounts.locked_out")
def locked_out(sender, request=None, username="", **kwargs) -> None:
    subject = _known({"username": username})
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    recorded = AuditEvent.objects.filter(verb="accounts.locked_out", subject=subject, at__gt=since)
    if not recorded.exists():
        record_audit("accounts.locked_out", by=None, subject=subject, request=request)


def _known(credentials: dict) -> str:
    """The username, where there is such an account: people type passwords into the wrong field."""
    username = User.normalize_username(str(credentials.get("username") or "")).replace("\x00", "")
    return username if User.objects.filter(username=username).exists() else "（未知账号）"
