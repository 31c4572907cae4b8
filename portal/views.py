"""The public website's own pages: the first page, and how pages are shown (关怀版, 高对比)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from letters.queries import latest_published, public_figures
from yulin_gov.pagecache import cached_page

LATEST_LETTERS = 8
# Words to start from, because an empty search box helps nobody.
SEARCH_SUGGESTIONS = ("路灯", "供水", "公交", "入学", "物业")

VIEW_COOKIE = "yulin_view"
VIEW_COOKIE_SECONDS = 365 * 24 * 3600
VIEW_MODES = (
    ("standard", "标准", "平常的字号和颜色。"),
    ("large", "关怀版", "字更大、按钮更大，适合长辈。"),
    ("contrast", "高对比", "黑底白字和黄色链接，适合视力较弱的读者。"),
    ("large-contrast", "关怀版加高对比", "大字，同时黑底白字。"),
)


@require_safe
@cached_page("letters")
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "figures": public_figures(),
        "letters": latest_published(LATEST_LETTERS),
        "suggestions": SEARCH_SUGGESTIONS,
    }
    return render(request, "portal/home.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def view_mode(request: HttpRequest) -> HttpResponse:
    """Choose how pages are shown; keeps the choice in a cookie and goes back to `next`.

    A plain link may do this, so that it works without JavaScript on pages that are cached whole and
    therefore hold no form token: the cookie changes nothing but the reader's own view.
    """
    asked = request.POST if request.method == "POST" else request.GET
    next_url = _own_address(request, asked.get("next", ""))
    mode = asked.get("mode")
    if mode in {key for key, _, _ in VIEW_MODES}:
        response = HttpResponseRedirect(next_url)
        if mode == "standard":
            response.delete_cookie(VIEW_COOKIE, samesite="Lax")
        else:
            # Read by view.js as well, which switches without loading the page again.
            response.set_cookie(
                VIEW_COOKIE,
                mode,
                max_age=VIEW_COOKIE_SECONDS,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response
    context = {
        "modes": VIEW_MODES,
        "chosen": request.COOKIES.get(VIEW_COOKIE, "standard"),
        "next": next_url,
        "error": "没有这种显示方式，请从下面选择一种。" if mode else "",
    }
    return render(request, "portal/view_mode.html", context, status=400 if mode else 200)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`handler400`: see `server_error`."""
    return _plain_page("400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`. Rendered without the request: whatever a context processor or a session would ask
    may be what has just failed."""
    return _plain_page("500.html", 500)


def _plain_page(template: str, status: int) -> HttpResponse:
    page = render_to_string(template, {"city": settings.CITY, "demo": settings.DEMO})
    return HttpResponse(page, status=status)


def _own_address(request: HttpRequest, address: str) -> str:
    """`address` where it stays on this site, else the first page."""
    own = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Line breaks and NUL would make a broken Location header.
    return address if own and address.isprintable() else "/"
