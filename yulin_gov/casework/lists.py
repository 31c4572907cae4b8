"""The office's lists: to-do, to-read, done, and a unit's cases.

All page by key and cost the same with three rows and with a million: each reads one page from
an index that has its order, and counts stop at a limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from yulin_gov.accounts.models import User
from yulin_gov.keyset import Page, read_page
from yulin_gov.notices.queries import unread_inbox_of
from yulin_gov.organization.capacity import Capacity

from .models import Case, CaseUnit, Step
from .visibility import excluded_from, part_seen_by

COUNTED = 1000  # counts stop here and say “1000+”
TODO_ORDERS = {"due": ("due_at", "id"), "newest": ("-id",)}
CASE_ORDERS = {"newest": ("-sort_at", "-case_id"), "due": ("due_at", "case_id")}


@dataclass(frozen=True)
class Viewer:
    """A person, everything he may act as, and as what he acts now."""

    user: User
    capacities: Sequence[Capacity]
    capacity: Capacity


def todo_for(
    viewer: Viewer,
    *,
    to_read: bool = False,
    kind: str = "",
    late_at=None,
    order: str = "due",
    key: str = "",
    size: int = 20,
) -> Page[Step]:
    """One page of the open steps waiting for the viewer's capacity, the most pressing first.

    Two queries: the page's ids from the three ways a step can be somebody's, then the rows.
    `late_at` keeps what was due before that moment. An unreadable `key` gives the first page.
    """
    branches = [_filtered(branch, viewer, kind, late_at) for branch in _branches(viewer.capacity, to_read)]
    rows = Step.objects.select_related("case__unit", "unit", "person")
    return read_page(rows, TODO_ORDERS[order], key=key, size=size, branches=branches)


def count_todo(viewer: Viewer, *, to_read: bool = False, kind: str = "", limit: int = COUNTED) -> int:
    """How many steps wait, counted to `limit` + 1 at most. One query."""
    branches = [
        _filtered(branch, viewer, kind, None).order_by().values("pk")[: limit + 1]
        for branch in _branches(viewer.capacity, to_read)
    ]
    if not branches:
        return 0
    return branches[0].union(*branches[1:], all=True)[: limit + 1].count()


@dataclass(frozen=True)
class Waiting:
    """What waits for a person, each counted to a limit + 1."""

    to_do: int
    to_read: int
    unread: int


def count_waiting(viewer: Viewer, *, limit: int) -> Waiting:
    """To-dos and to-reads of the viewer's capacity and the person's unread notices. One query,
    because every page of the office asks it."""
    kinds = ("to_do", "to_read", "unread")
    waiting = [
        (kind, _filtered(branch, viewer, "", None).order_by())
        for kind, to_read in (("to_do", False), ("to_read", True))
        for branch in _branches(viewer.capacity, to_read)
    ]
    waiting.append(("unread", unread_inbox_of(viewer.user).order_by()))
    heads = [
        rows.annotate(waits_as=Value(kinds.index(kind))).values_list("waits_as", flat=True)[: limit + 1]
        for kind, rows in waiting
    ]
    found = Counter(heads[0].union(*heads[1:], all=True) if len(heads) > 1 else heads[0])
    return Waiting(**{kind: min(found[place], limit + 1) for place, kind in enumerate(kinds)})


def _branches(capacity: Capacity, to_read: bool) -> list[QuerySet[Step]]:
    """The open steps of a capacity: the pools of its roles, its position's, and its person's.

    Disjoint, and each the prefix of an index, which an OR over all of them would not be.
    """
    if capacity.unit is None:
        return []
    steps = Step.objects.filter(closed_at=None, to_read=to_read)
    if capacity.kinds:
        steps = steps.filter(case_kind__in=capacity.kinds)
    pools = [
        steps.filter(unit=capacity.unit, role=role, position=None, person=None)
        for role in sorted(capacity.roles)
    ]
    named = Q(unit=capacity.unit, role__in=capacity.roles)
    principal = capacity.acting_for or capacity.user
    return [
        *pools,
        steps.filter(named, position=capacity.position, person=None),
        steps.filter(named, person=principal),
    ]


def _filtered(steps: QuerySet[Step], viewer: Viewer, kind: str, late_at) -> QuerySet[Step]:
    if kind:
        steps = steps.filter(case_kind=kind)
    if late_at:
        steps = steps.filter(due_at__lte=late_at)
    return steps.filter(~excluded_from("case_id", viewer.user, viewer.capacities))


def done_by(viewer: Viewer, *, kind: str = "", key: str = "", size: int = 20) -> Page[Step]:
    """One page of the steps the person has taken, in whatever capacity, the latest first. One query."""
    steps = Step.objects.filter(acted_by=viewer.user, closed_at__isnull=False)
    steps = _filtered(steps, viewer, kind, None).select_related("case__unit", "unit", "acting_for")
    return read_page(steps, ("-closed_at", "-id"), key=key, size=size)


def unit_cases(
    viewer: Viewer,
    kind: str,
    *,
    is_open: bool | None = None,
    late_at=None,
    order: str = "newest",
    key: str = "",
    size: int = 20,
    matching: QuerySet[Case] | None = None,
) -> Page[CaseUnit]:
    """One page of the cases of a kind in which the capacity's unit takes part. One query.

    Rows are CaseUnit with their case. `matching` narrows to cases of another query (search).
    """
    rows = _unit_rows(viewer, kind)
    if is_open is not None:
        rows = rows.filter(is_open=is_open)
    if order == "due":
        rows = rows.filter(is_open=True, due_at__isnull=False)
    if late_at:
        rows = rows.filter(is_open=True, due_at__lte=late_at)
    if matching is not None:
        rows = rows.filter(case__in=matching)
    return read_page(rows.select_related("case__unit"), CASE_ORDERS[order], key=key, size=size)


def _unit_rows(viewer: Viewer, kind: str) -> QuerySet[CaseUnit]:
    capacity = viewer.capacity
    if capacity.unit is None or not capacity.covers(kind):
        return CaseUnit.objects.none()
    # A unit that is in a case twice (host and reader) is listed once: by the first row one may see.
    twice = CaseUnit.objects.filter(
        part_seen_by(capacity), case=OuterRef("case"), unit=OuterRef("unit"), pk__lt=OuterRef("pk")
    )
    return CaseUnit.objects.filter(
        part_seen_by(capacity),
        ~Exists(twice),
        ~excluded_from("case_id", viewer.user, viewer.capacities),
        kind=kind,
    )


def count_unit_cases(viewer: Viewer, kind: str, *, limit: int = COUNTED) -> int:
    """How many open cases of a kind the unit has, counted to `limit` + 1 at most. One query."""
    return _unit_rows(viewer, kind).filter(is_open=True).order_by()[: limit + 1].count()


def label_count(count: int, limit: int = COUNTED) -> str:
    """“12”, “1000+”."""
    return f"{limit}+" if count > limit else str(count)
