"""Who may sign in and where they arrive. The packages above say so; accounts knows no positions."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from .models import User

STARTED, SEEN = "session_started_at", "session_seen_at"
# How stale the last sign of life may be: a session row is written at most this often.
SEEN_EVERY = timedelta(minutes=1)

_rules: list[Callable[[User], None]] = []
_landings: list[Callable[[User], str | None]] = []


def register_sign_in_rule(rule: Callable[[User], None]) -> None:
    """`rule(user)` raises Refused where this person may not sign in, their password being right."""
    if rule not in _rules:
        _rules.append(rule)


def register_landing(landing: Callable[[User], str | None]) -> None:
    """`landing(user)` names the page they arrive at, or None to leave it to the next."""
    if landing not in _landings:
        _landings.append(landing)


def check_sign_in(user: User) -> None:
    """Raise Refused if any registered rule forbids this person to sign in."""
    for rule in _rules:
        rule(user)


def landing_of(user: User) -> str:
    """Where somebody arrives who asked for nothing else: staff in their office, citizens at home."""
    for landing in _landings:
        if url := landing(user):
            return url
    return settings.LOGIN_REDIRECT_URL if user.is_official else settings.LOGOUT_REDIRECT_URL


def safe_next(request: HttpRequest, user: User | None = None) -> str:
    """The `next` asked for, if it stays on this site; else where `user` lands (home without one)."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Control characters would be refused as a header, backslashes are read as slashes by browsers.
    if allowed and wanted.startswith("/") and wanted.isprintable() and "\\" not in wanted:
        return wanted
    return landing_of(user) if user is not None else settings.LOGOUT_REDIRECT_URL


def background_poll(view):
    """Mark a view that the page calls by itself: it does not count as the person being there."""
    view.background_poll = True
    return view


def begin_session(session: SessionBase) -> None:
    session[STARTED] = session[SEEN] = int(timezone.now().timestamp())


def note_presence(session: SessionBase) -> None:
    """Remember that the person is there; writes at most once a minute."""
    now = int(timezone.now().timestamp())
    if now - session.get(SEEN, 0) >= SEEN_EVERY.total_seconds():
        session[SEEN] = now


def end_expired_session(request: HttpRequest) -> str:
    """Sign out a session past its limits; returns the sentence that says why, else an empty text."""
    session, now = request.session, timezone.now().timestamp()
    if STARTED not in session:
        begin_session(session)
        return ""
    if now - session[STARTED] > settings.SESSION_HOURS * 3600:
        sentence = f"本次登录已满{settings.SESSION_HOURS}小时，为了安全请重新登录。"
    elif now - session.get(SEEN, session[STARTED]) > settings.SESSION_IDLE_MINUTES * 60:
        sentence = f"您已超过{settings.SESSION_IDLE_MINUTES}分钟没有操作，系统已自动退出，请重新登录。"
    else:
        return ""
    logout(request)
    return sentence
