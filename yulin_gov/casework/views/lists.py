"""To-do, to-read and done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from ..context import viewer_of
from ..exporting import export_response
from ..kinds import all_kinds, kind_of
from ..lists import COUNTED, TODO_ORDERS, count_todo, done_by, label_count, todo_for

EXPORTED = 5000
_TITLES = {False: ("待办", "当前没有待办事项"), True: ("待阅", "当前没有待阅事项")}


def todo(request: HttpRequest) -> HttpResponse:
    """What waits for the capacity one acts in, the most pressing first."""
    return _waiting(request, to_read=False)


def to_read(request: HttpRequest) -> HttpResponse:
    """What has been sent to be read."""
    return _waiting(request, to_read=True)


def _waiting(request: HttpRequest, *, to_read: bool) -> HttpResponse:
    viewer, asked = viewer_of(request), _asked(request)
    wanted = {
        "to_read": to_read,
        "kind": asked["kind"],
        "late_at": timezone.now() if asked["late"] else None,
        "order": asked["order"],
    }
    if request.GET.get("export"):
        steps = todo_for(viewer, **wanted, size=EXPORTED)
        return _export(request, _TITLES[to_read][0], steps)
    page = todo_for(viewer, **wanted, key=request.GET.get("key", ""))
    total = count_todo(viewer, to_read=to_read)
    title, empty = _TITLES[to_read]
    context = {"title": title, "empty": empty, "page": page, "total": f"共 {label_count(total, COUNTED)} 件"}
    return render(request, "casework/todo.html", {**context, **_filters(request, asked)})


def done(request: HttpRequest) -> HttpResponse:
    """What one has done oneself, in whatever capacity."""
    viewer, asked = viewer_of(request), _asked(request)
    if request.GET.get("export"):
        return _export(request, "已办", done_by(viewer, kind=asked["kind"], size=EXPORTED))
    page = done_by(viewer, kind=asked["kind"], key=request.GET.get("key", ""))
    return render(request, "casework/done.html", {"page": page, **_filters(request, asked)})


def _asked(request: HttpRequest) -> dict:
    """What the filter bar says; nonsense counts as not said."""
    known = {kind.key for kind in all_kinds()}
    kind, order = request.GET.get("kind", ""), request.GET.get("order", "due")
    return {
        "kind": kind if kind in known else "",
        "order": order if order in TODO_ORDERS else "due",
        "late": request.GET.get("late") == "1",
    }


def _filters(request: HttpRequest, asked: dict) -> dict:
    query = request.GET.copy()
    query.pop("key", None)
    return {"asked": asked, "kinds": all_kinds(), "query": query.urlencode()}


def _export(request: HttpRequest, name: str, steps) -> HttpResponse:
    headers = ["编号", "标题", "类别", "环节", "承办单位", "收到时间", "到期时间", "办理结果", "办理时间"]
    rows = [
        [
            step.case.number,
            step.case.title,
            kind_of(step.case.kind).label,
            step.stage_name,
            step.case.unit.name,
            step.case.opened_at,
            step.due_at,
            step.outcome_label,
            step.closed_at,
        ]
        for step in steps
    ]
    return export_response(request, name, headers, rows)
