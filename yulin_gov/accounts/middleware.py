"""Limits of a session, and the first password.

A request without the session's cookie passes untouched: even looking at its session would mark
the answer as depending on the cookie, and keep anonymous pages out of the page cache.
"""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from .sign_in import end_expired_session, note_presence


def is_signed_in(request: HttpRequest) -> bool:
    """Whether somebody is signed in, asked without touching a session that is not there."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return request.user.is_authenticated


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect the whole page, also where htmx asked for a part of it."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def page_behind(request: HttpRequest, otherwise: str) -> str:
    """The page from which htmx asked for a part; `otherwise` where its header says none of ours."""
    try:
        return request.htmx.current_url_abs_path or otherwise
    except ValueError:  # no address at all
        return otherwise


class SessionLimitsMiddleware:
    """Ends a session that was idle too long or is too old, and says so on the next page."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_signed_in(request) and (sentence := end_expired_session(request)):
            messages.warning(request, sentence)
            if getattr(request, "htmx", False):
                query = urlencode({"next": page_behind(request, "/")})
                return go_to(request, f"{settings.LOGIN_URL}?{query}")
        # Others go on as strangers: what needs a sign-in asks for it and shows the message.
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> None:
        if is_signed_in(request) and not getattr(view, "background_poll", False):
            note_presence(request.session)


class FirstPasswordMiddleware:
    """Whoever signed in with a password given by somebody else changes it before anything else."""

    allowed = frozenset({"accounts:password", "accounts:sign-out"})

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        if not is_signed_in(request) or not request.user.must_change_password:
            return None
        if request.resolver_match.view_name in self.allowed:
            return None
        query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return go_to(request, f"{reverse('accounts:password')}{'?' if query else ''}{query}")
