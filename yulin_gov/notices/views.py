"""The inbox, and what the office pages poll: the bell and the desktop pop-ups."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yulin_gov.keyset import read_page

from .actions import mark_all_read, mark_read, take_desktop_notices
from .queries import COUNTED, inbox_of, unread_count, unread_inbox_of, unread_label

PAGE_SIZE = 30
_LARGEST_ID = 2**63 - 1


@never_cache
@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """未读 or 全部, newest first, paged by key."""
    show_all = request.GET.get("show") == "all"
    entries = inbox_of(request.user) if show_all else unread_inbox_of(request.user)
    key = request.GET.get("page", "")
    page = read_page(entries.select_related("notice", "acting_for"), ["-id"], key=key, size=PAGE_SIZE)
    # Counted and dated by one query: the newest unread entry is how far “all read” reaches.
    unread_ids = list(unread_inbox_of(request.user).values_list("pk", flat=True)[: COUNTED + 1])
    unread, address = unread_label(len(unread_ids)), reverse("notices:inbox")
    context = {
        "entries": page,
        "show_all": show_all,
        "unread": unread,
        "up_to": unread_ids[0] if unread_ids else 0,
        "tabs": [
            {"label": "未读", "url": address, "count": unread, "current": not show_all},
            {"label": "全部", "url": f"{address}?show=all", "current": show_all},
        ],
        "newer": _address(page.newer, show_all),
        "older": _address(page.older, show_all),
    }
    return render(request, "notices/inbox.html", context)


@never_cache
@login_required
@require_safe
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the entry as read and go where it leads."""
    entry = get_object_or_404(inbox_of(request.user).select_related("notice"), pk=_id(pk))
    if request.method == "GET":
        mark_read(request.user, entry.pk)
    return redirect(entry.notice.url or "notices:inbox")


@login_required
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one entry as read and stay on the page."""
    entry = get_object_or_404(inbox_of(request.user), pk=_id(pk))
    mark_read(request.user, entry.pk)
    return _back(request)


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what was there when the page was shown; later arrivals stay unread."""
    up_to = _id(request.POST.get("up_to"))
    count = mark_all_read(request.user, up_to=up_to)
    messages.success(request, f"已将 {count} 条提醒标为已读。" if count else "没有未读提醒。")
    return _back(request)


@never_cache
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The bell with its count, polled by htmx; nothing for somebody no longer signed in."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)  # htmx then leaves the page as it is
    count = unread_label(unread_count(request.user))
    # Without the request: what the page around it needs would be asked for with every poll.
    return HttpResponse(render_to_string("components/bell.html", {"unread": count}))


@never_cache
@require_safe
def desktop(request: HttpRequest) -> HttpResponse:
    """The pop-ups to show now, polled by office.js; giving them out marks them as sent."""
    if not request.user.is_authenticated:
        return JsonResponse({"notices": []}, status=403)
    taken = take_desktop_notices(request.user) if request.method == "GET" else []
    shown = [
        {
            "id": delivery.pk,
            "title": delivery.notice.title,
            "body": delivery.notice.body,
            "url": reverse("notices:open", args=[delivery.entry]) if delivery.entry else delivery.notice.url,
        }
        for delivery in taken
    ]
    return JsonResponse({"notices": shown})


# These two are asked by the page, not by the person: they are no sign that somebody is there.
bell.background_poll = desktop.background_poll = True


def _address(key: str, show_all: bool) -> str:
    return f"?{urlencode({'page': key, **({'show': 'all'} if show_all else {})})}" if key else ""


def _id(written: str | int | None) -> int | None:
    """An id from an address, or None for anything that cannot be one."""
    try:
        number = int(written or "")
    except ValueError:
        return None
    return number if 0 < number <= _LARGEST_ID else None


def _back(request: HttpRequest) -> HttpResponse:
    show_all = request.POST.get("show") == "all"
    return redirect(reverse("notices:inbox") + ("?show=all" if show_all else ""))
