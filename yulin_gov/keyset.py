"""Paging by key: the next page begins where this one ended, whatever was added meanwhile.

Offsets read everything before them; a key reads its page from the index.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass
class Page(Generic[Row]):
    """One page: its rows, and the keys of the page after and before it ("" where there is none)."""

    rows: list[Row] = field(default_factory=list)
    older: str = ""
    newer: str = ""

    def __iter__(self):
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def read_page(
    rows: QuerySet[Row],
    order: Sequence[str],
    *,
    key: str = "",
    size: int = 20,
    branches: Sequence[QuerySet[Row]] | None = None,
) -> Page[Row]:
    """The page after `key` in `order` (field names, “-” for descending, the last one unique).

    With `branches` (disjoint querysets of the same model, each with an index in this order) the
    page is merged from their heads: one query for the ids and one for `rows`; there the leading
    field may be null, and nulls come last in ascending order. A key that cannot be read gives the first page.
    """
    backwards, values = _decode(key, order, nullable=branches is not None)
    direction = [_reverse(name) for name in order] if backwards else list(order)
    if branches is None:
        found = list(_after(rows, direction, values)[: size + 1])
    else:
        found = _merged(rows, branches, direction, values, size + 1)
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    page = Page(found)
    if found:
        first, last = found[0], found[-1]
        if more or backwards:
            page.older = _encode("a", last, order)
        if (values and not backwards) or (backwards and more):
            page.newer = _encode("b", first, order)
    return page


def _merged(rows, branches, order, values, count) -> list:
    columns = list(dict.fromkeys([*(name.lstrip("-") for name in order), "pk"]))
    heads = [
        head.values_list(*columns)[:count] for branch in branches for head in _heads(branch, order, values)
    ]
    if not heads:
        return []
    found = list(heads[0].union(*heads[1:], all=True) if len(heads) > 1 else heads[0])
    for name in reversed(order):  # the heads are short: merge them here
        place = columns.index(name.lstrip("-"))
        found.sort(key=lambda row, at=place: (row[at] is None, row[at] or 0), reverse=name.startswith("-"))
    ids = [row[-1] for row in found[:count]]
    by_id = rows.in_bulk(ids)
    return [by_id[pk] for pk in ids if pk in by_id]


def _heads(branch: QuerySet, order: Sequence[str], values: list | None) -> list[QuerySet]:
    """The branch after the key; split by whether the leading field is null, because one condition
    over both could not enter the index at the right place."""
    leading = order[0].lstrip("-")
    if not branch.model._meta.get_field(leading).null:
        return [_after(branch, order, values)]
    dated = branch.filter(**{f"{leading}__isnull": False})
    undated = branch.filter(**{leading: None})
    # Ordered by the null as well, or the planner walks the primary key instead of our index.
    last = undated.order_by(*order)
    descending = order[0].startswith("-")
    if values is None:
        return [dated.order_by(*order), last]
    if values[0] is None:  # the key stands among the undated, which come last when ascending
        rest = _after(undated, order[1:], values[1:]).order_by(*order)
        return [dated.order_by(*order), rest] if descending else [rest]
    return [_after(dated, order, values)] if descending else [_after(dated, order, values), last]


def _after(rows: QuerySet, order: Sequence[str], values: list | None) -> QuerySet:
    """The rows strictly after the values; the leading field is never null among them."""
    rows = rows.order_by(*order)
    if values is None:
        return rows
    beyond, equal = Q(pk__in=[]), Q()
    for name, value in zip(order, values, strict=True):
        plain = name.lstrip("-")
        further = "lt" if name.startswith("-") else "gt"
        beyond |= equal & Q(**{f"{plain}__{further}": value})
        equal &= Q(**{plain: value})
    if len(order) > 1:  # the leading bound stands alone as well, so that the index is entered there
        rows = rows.filter(
            **{f"{order[0].lstrip('-')}__{'lte' if order[0].startswith('-') else 'gte'}": values[0]}
        )
    return rows.filter(beyond)


def _reverse(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _encode(direction: str, row: Model, order: Sequence[str]) -> str:
    values = [getattr(row, name.lstrip("-")) for name in order]
    plain = [direction, *(v.isoformat() if isinstance(v, datetime) else v for v in values)]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(key: str, order: Sequence[str], *, nullable: bool) -> tuple[bool, list | None]:
    if len(key) > 500:  # none of ours is
        return False, None
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
        if direction not in ("a", "b") or len(values) != len(order):
            return False, None
        read = [_value(name, value) for name, value in zip(order, values, strict=True)]
        if None in read[1 if nullable else 0 :]:  # only a leading field of branches may be null
            return False, None
    except (ValueError, TypeError):
        return False, None
    return direction == "b", read


def _value(name: str, value):
    """Times are times and ids are numbers: whatever else stands in a key was made up."""
    if name.lstrip("-").endswith("_at"):
        if value is None:
            return None
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(name)
        return moment
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**62:
        raise ValueError(name)
    return value
