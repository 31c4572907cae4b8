"""What every office page needs: the side bar with its counts, and who one is acting as."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest
from django.urls import reverse

from yulin_gov.notices.queries import unread_label

from .kinds import all_kinds
from .lists import Viewer, Waiting, count_waiting, label_count
from .menu import entries_for

_COUNTED = 99


def viewer_of(request: HttpRequest) -> Viewer:
    """The person behind an office request. Only for pages that require a capacity."""
    return Viewer(request.user, request.capacities, request.capacity)


def office(request: HttpRequest) -> dict:
    """Context processor for pages under /office/ and /supervision/; nothing elsewhere.

    One query, and none on pages that show neither side bar nor bell, like a 404.
    """
    inside = request.path.startswith(("/office/", "/supervision/"))
    if not inside or not request.user.is_authenticated or getattr(request, "capacity", None) is None:
        return {}

    @cache
    def waiting() -> Waiting:
        return count_waiting(viewer_of(request), limit=_COUNTED)

    searched = next((kind for kind in all_kinds() if kind.list_url), None)
    return {
        "office_menu": lambda: _menu(request, waiting()),
        "unread": lambda: unread_label(waiting().unread),
        "office_search_url": reverse(searched.list_url) if searched else "",
        "office_search_text": request.GET.get("q", ""),
    }


def _menu(request: HttpRequest, waiting: Waiting) -> list[dict]:
    capacity = request.capacity
    work = [
        _entry(request, "待办", reverse("casework:todo"), waiting.to_do),
        _entry(request, "待阅", reverse("casework:to_read"), waiting.to_read, quiet=True),
        _entry(request, "已办", reverse("casework:done")),
    ]
    services = [
        _entry(request, kind.label, reverse(kind.list_url))
        for kind in all_kinds()
        if kind.list_url and capacity.covers(kind.key)
    ]
    other = [_entry(request, entry.label, reverse(entry.url_name)) for entry in entries_for(capacity)]
    other.append(_entry(request, "职位代理", reverse("organization:delegations")))
    return [{"label": "", "entries": group} for group in (work, services, other) if group]


def _entry(request: HttpRequest, label: str, url: str, count: int = 0, *, quiet: bool = False) -> dict:
    shown = label_count(count, _COUNTED) if count else ""
    return {"label": label, "url": url, "count": shown, "quiet": quiet, "current": request.path == url}
