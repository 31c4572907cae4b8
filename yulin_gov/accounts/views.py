"""Signing in and out, the password, and the two pages of a refused request."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from yulin_gov.refused import Refused

from .actions import change_password
from .audit import record_audit
from .forms import PasswordForm, SignInForm
from .middleware import is_signed_in
from .sign_in import check_sign_in, safe_next


@never_cache
@ensure_csrf_cookie
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """One form for staff and citizens; each arrives where they belong, or at a safe `next`."""
    if request.method != "POST" and is_signed_in(request):
        return redirect(safe_next(request, request.user))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        try:
            if user is None:
                raise Refused("账号或密码不正确，请核对后重新输入。")
            _admit(request, user)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return redirect(safe_next(request, user))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/sign_in.html", context)


def _admit(request: HttpRequest, user) -> None:
    try:
        check_sign_in(user)
    except Refused as refusal:
        data = {"reason": refusal.sentence}
        record_audit("accounts.sign_in_refused", by=user, subject=user.username, data=data, request=request)
        raise
    login(request, user)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out on POST; a link followed here asks first, because a link must not sign anybody out."""
    if request.method != "POST":
        return render(request, "accounts/sign_out.html")
    logout(request)
    messages.success(request, "您已退出登录。")
    return redirect(settings.LOGIN_URL)


@never_cache
@sensitive_post_parameters("old", "new", "again")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's password: chosen freely, or demanded at the first sign-in."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        new, old = form.cleaned_data["new"], form.cleaned_data["old"]
        try:
            change_password(request.user, new=new, old=old, by=request.user, request=request)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, "密码已修改，其他设备上的登录已失效。")
            return redirect(safe_next(request, request.user))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/password.html", context)


def locked_out(request: HttpRequest, response=None, credentials=None) -> HttpResponse:
    """Too many failures (settings.AXES_*): 429, the same whether or not the account exists."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    page = render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)
    page["Retry-After"] = str(minutes * 60)
    return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: nearly always a page left open too long, so say what to do."""
    return render(request, "accounts/csrf_failure.html", status=403)
