"""The office's list of letters: what was asked, and the rows that answer it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from yulin_gov.casework.lists import CASE_ORDERS, Viewer, unit_cases
from yulin_gov.casework.models import Case, CaseUnit, Step
from yulin_gov.keyset import Page
from yulin_gov.search.queries import search

from .enums import KIND, Outcome
from .findable import OFFICE
from .models import LetterWriter
from .queries import masked_writer

TABS = {"open": "办理中", "late": "超期", "closed": "已办结", "all": "全部"}
EXPORTED = 5000  # rows at most
FOUND = 200  # the best of a search; whoever needs more asks more exactly
LONGEST_QUERY = 100


@dataclass(frozen=True)
class Asked:
    """What the list's address says; nonsense counts as not said."""

    state: str = "open"
    order: str = "newest"
    words: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        state, order = query.get("state", ""), query.get("order", "")
        words = " ".join(query.get("q", "").replace("\0", "").split())[:LONGEST_QUERY]
        # Who searches from the bar above every page means all letters.
        default = "all" if words else "open"
        return cls(state if state in TABS else default, order if order in CASE_ORDERS else "newest", words)

    @property
    def query(self) -> str:
        said = {"state": self.state, "order": self.order, "q": self.words}
        return urlencode({name: value for name, value in said.items() if value})

    def with_state(self, state: str) -> str:
        return replace(self, state=state).query

    @property
    def can_be_ordered(self) -> bool:
        """Only open letters have a time that presses."""
        return self.state == "open"


@dataclass(frozen=True)
class Row:
    """A letter in the list."""

    case: Case
    writer: dict[str, str]
    stages: str
    outcome: str


def read_list(
    viewer: Viewer, asked: Asked, *, key: str = "", size: int = 20
) -> tuple[Page[CaseUnit], list[Row]]:
    """One page and its rows; three queries, and those of the search where words were given."""
    page = unit_cases(viewer, KIND, **_conditions(viewer, asked), key=key, size=size)
    return page, _rows([found.case for found in page])


def exported_rows(viewer: Viewer, asked: Asked) -> Iterator[list]:
    """The filtered list for a file, writers masked."""
    _, rows = read_list(viewer, asked, size=EXPORTED)
    for row in rows:
        case = row.case
        yield [
            case.number,
            case.title,
            row.writer["name"],
            case.unit.name,
            case.opened_at,
            case.due_at,
            row.stages,
            row.outcome,
            case.handled_at,
        ]


def _conditions(viewer: Viewer, asked: Asked) -> dict:
    conditions: dict = {"is_open": {"open": True, "closed": False}.get(asked.state)}
    if asked.state == "late":
        conditions |= {"late_at": timezone.now(), "order": "due"}
    elif asked.can_be_ordered:
        conditions["order"] = asked.order
    if asked.words:
        unit_ids = [viewer.capacity.unit_id] if viewer.capacity.unit_id else []
        found = search(asked.words, kinds=[OFFICE], public=False, unit_ids=unit_ids, limit=FOUND)
        conditions["matching"] = Case.objects.filter(pk__in=[hit.object_id for hit in found.hits])
    return conditions


def _rows(cases: Sequence[Case]) -> list[Row]:
    ids = [case.pk for case in cases]
    writers = LetterWriter.objects.select_related("data_key").in_bulk(ids)
    stages: dict[int, list[str]] = {}
    for case_id, name in Step.objects.filter(case__in=ids, closed_at=None).values_list("case", "stage_name"):
        stages.setdefault(case_id, []).append(name)
    return [
        Row(
            case,
            masked_writer(writers[case.pk]),
            "、".join(dict.fromkeys(stages.get(case.pk, ()))),
            Outcome(case.outcome).label if case.outcome in Outcome else "",
        )
        for case in cases
    ]
