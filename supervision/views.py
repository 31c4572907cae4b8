"""The supervisor's pages: what is late, what is about to be, what was urged."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from yulin_gov.casework.context import viewer_of
from yulin_gov.casework.exporting import export_response
from yulin_gov.casework.kinds import kind_of
from yulin_gov.casework.lists import label_count
from yulin_gov.keyset import read_page
from yulin_gov.organization.access import capacity_required

from .queries import COUNTED, figures_for, overdue_cases, pressing_cases, urges_by

EXPORTED = 5000


@capacity_required(role="supervisor")
def overdue(request: HttpRequest) -> HttpResponse:
    """Open cases that are late, the longest late first."""
    return _cases(request, "overdue", "超期办件", overdue_cases(viewer_of(request)))


@capacity_required(role="supervisor")
def pressing(request: HttpRequest) -> HttpResponse:
    """Open cases that fall due soon."""
    return _cases(request, "pressing", "即将到期", pressing_cases(viewer_of(request)))


def _cases(request: HttpRequest, place: str, title: str, cases: QuerySet) -> HttpResponse:
    cases = cases.select_related("unit")
    if request.GET.get("export"):
        return _export(request, title, cases.order_by("due_at", "id")[:EXPORTED])
    page = read_page(cases.order_by(), ("due_at", "id"), key=request.GET.get("key", ""))
    rows = [(case, kind_of(case.kind).label) for case in page]
    context = {"title": title, "page": page, "rows": rows, **_head(request, place)}
    return render(request, "supervision/cases.html", context)


@capacity_required(role="supervisor")
def urges(request: HttpRequest) -> HttpResponse:
    """What one has urged, and what was answered."""
    page = read_page(urges_by(viewer_of(request)).order_by(), ("-id",), key=request.GET.get("key", ""))
    return render(request, "supervision/urges.html", {"page": page, **_head(request, "urges")})


def _head(request: HttpRequest, place: str) -> dict:
    """Figures and tabs that all pages of supervision begin with."""
    figures = figures_for(viewer_of(request))
    entries = [
        ("overdue", "超期办件", label_count(figures.overdue, COUNTED)),
        ("pressing", "即将到期", label_count(figures.pressing, COUNTED)),
        ("urges", "我的督办", ""),
    ]
    tabs = [
        {"label": label, "url": reverse(f"supervision:{name}"), "count": count, "current": name == place}
        for name, label, count in entries
    ]
    shown = [
        {"label": "超期在办", "value": label_count(figures.overdue, COUNTED), "press": figures.overdue > 0},
        {"label": "三日内到期", "value": label_count(figures.pressing, COUNTED)},
        {"label": "督办待反馈", "value": label_count(figures.unanswered, COUNTED)},
    ]
    return {"tabs": tabs, "figures": shown}


def _export(request: HttpRequest, title: str, cases) -> HttpResponse:
    headers = ["编号", "标题", "类别", "承办单位", "收到时间", "到期时间"]
    rows = [[c.number, c.title, kind_of(c.kind).label, c.unit.name, c.opened_at, c.due_at] for c in cases]
    return export_response(request, title, headers, rows)
