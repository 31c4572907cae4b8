"""Putting things into the search and taking them out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from yulin_gov.search.models import SearchRow
from yulin_gov.search.segmentation import clean, tokens

LONGEST_TEXT = 20_000  # characters that can be found; a tsvector holds at most 1 MB
LONGEST_EXCERPT = 2_000  # characters that can be shown around a word
LAST_POSITION = 16_383  # PostgreSQL counts no further
ROWS_AT_ONCE = 500

# Sorted, so that two writers of the same rows take them in the same order.
PUT = """
INSERT INTO search_searchrow AS present
    (kind, object_id, title, excerpt, url, sort_at, is_public, unit_ids, vector)
SELECT kind, object_id, title, excerpt, url, sort_at, is_public, unit_ids::int[], vector::tsvector
FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
            %s::bool[], %s::text[], %s::text[])
    AS new (kind, object_id, title, excerpt, url, sort_at, is_public, unit_ids, vector)
ORDER BY kind, object_id
ON CONFLICT (kind, object_id) DO UPDATE SET
    title = excluded.title, excerpt = excluded.excerpt, url = excluded.url, sort_at = excluded.sort_at,
    is_public = excluded.is_public, unit_ids = excluded.unit_ids, vector = excluded.vector
WHERE (present.title, present.excerpt, present.url, present.sort_at, present.is_public, present.unit_ids,
       present.vector)
    IS DISTINCT FROM (excluded.title, excluded.excerpt, excluded.url, excluded.sort_at, excluded.is_public,
                      excluded.unit_ids, excluded.vector)
"""


@dataclass(frozen=True)
class SearchDocument:
    """Something that can be found. `kind` and `object_id` name it; a public one is found by
    everybody, others by those who search for one of `unit_ids`."""

    kind: str
    object_id: int
    title: str
    text: str
    url: str
    is_public: bool
    unit_ids: Iterable[int]
    sort_at: datetime


def index_row(
    kind: str,
    object_id: int,
    *,
    title: str,
    text: str,
    url: str,
    is_public: bool,
    unit_ids: Iterable[int],
    sort_at: datetime,
) -> None:
    """Make one thing findable, or bring what is found up to date; in the caller's transaction."""
    index_rows([SearchDocument(kind, object_id, title, text, url, is_public, unit_ids, sort_at)])


def index_rows(documents: Iterable[SearchDocument]) -> None:
    """`index_row` for many, one statement for every 500. Of two with the same name the last counts."""
    latest = {(document.kind, document.object_id): document for document in documents}
    rows = [_row(document) for document in latest.values()]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            columns = zip(*rows[start : start + ROWS_AT_ONCE], strict=True)
            cursor.execute(PUT, [list(column) for column in columns])


def remove_row(kind: str, object_id: int) -> None:
    """Nobody finds it any more; no error if nobody could."""
    SearchRow.objects.filter(kind=kind, object_id=object_id).delete()


def _row(document: SearchDocument) -> tuple:
    title = " ".join(clean(document.title).split())[:300]
    text = clean(document.text)[:LONGEST_TEXT]
    unit_ids = ",".join(str(int(unit_id)) for unit_id in sorted(set(document.unit_ids)))
    return (
        document.kind,
        document.object_id,
        title,
        " ".join(text[:LONGEST_EXCERPT].split()),
        document.url,
        document.sort_at,
        document.is_public,
        f"{{{unit_ids}}}",
        _vector(title, text),
    )


def _vector(title: str, text: str) -> str:
    """The tsvector's text; the text's offsets begin well behind the title's, so that no phrase
    spans both. Words are letters, numbers and symbols only, hence need no escaping."""
    positions = defaultdict(set)
    for word, offset in tokens(title, every_piece=True):
        positions[word].add((offset + 1, "A"))
    behind = len(title) + 10
    for word, offset in tokens(text):
        positions[word].add((min(behind + offset, LAST_POSITION), "B"))
    return " ".join(
        f"'{word}':{','.join(f'{position}{weight}' for position, weight in sorted(places)[:255])}"
        for word, places in positions.items()
    )
