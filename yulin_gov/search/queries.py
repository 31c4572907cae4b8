"""Finding: the newest thousand rows that match, those with all words in the title first.

A search costs what it shows, not what there is. The index on the vectors gives all matches, but a
word in every second row has a hundred thousand of them, and fetching each only to see how new it
is takes far too long; walking from the newest row on, testing each, reads everything where the
word is rare. So the index is always asked, but for a frequent word together with the index on
`sort_at`: rows since a moment chosen so that about twice as many match as are needed. Both
answers meet as bitmaps, before any row is touched.

How frequent a word is, PostgreSQL knows (EXPLAIN; it keeps the thousand commonest words). A word
may be frequent only in old rows: where too few come back, the moment is moved further back. What
PostgreSQL does not know is that testing a row means unpacking its vector; `cpu_tuple_cost` tells
it, so that it uses both indexes rather than one and a test.

The index cannot tell positions or weights. It answers the `broad` query (all words, all parts);
what is exact is checked on the candidates only, so that a phrase of two frequent words costs no
more than two thousand tests.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.safestring import SafeString

from yulin_gov.search.highlighting import excerpt, highlight
from yulin_gov.search.tsquery import SearchQuery, parse_query

MOST_RANKED = 1000
MOST_CHECKED = 2000  # candidates where positions have to be checked as well
# Below this many candidates, finding the moment costs more than it saves.
WORTH_A_MOMENT = 10 * MOST_RANKED

# What reads is rolled back, which undoes these settings even inside a caller's transaction.
ESTIMATE = """
SET LOCAL enable_seqscan = off; SET LOCAL cpu_tuple_cost = 1; SET LOCAL work_mem = '32MB';
SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0;
EXPLAIN (FORMAT JSON)
SELECT FROM search_searchrow WHERE {walked} UNION ALL
SELECT FROM search_searchrow WHERE {scope} AND vector @@ %(broad)s::tsquery"""

MOMENT = """
SELECT sort_at FROM search_searchrow WHERE {walked} ORDER BY sort_at DESC OFFSET %(back)s LIMIT 1"""

# Materialized, so that “the newest first” does not tempt the planner to walk and test.
CANDIDATES = """
WITH matching AS MATERIALIZED (
    SELECT id, sort_at FROM search_searchrow
    WHERE {scope} AND vector @@ %(broad)s::tsquery AND {since})
SELECT id FROM matching ORDER BY sort_at DESC, id DESC LIMIT %(most)s"""

# In two steps, so that only what is exact, and of it only the newest, is tested for its title.
RANK = """
WITH exact AS MATERIALIZED (
    SELECT * FROM search_searchrow WHERE id = ANY(%(candidates)s) AND {exact}
    ORDER BY sort_at DESC, id DESC LIMIT %(ranked)s),
ranked AS MATERIALIZED (SELECT *, vector @@ %(in_title)s::tsquery AS in_title FROM exact)
SELECT id, kind, object_id, title, excerpt, url, sort_at, in_title, (SELECT count(*) FROM ranked)
FROM ranked WHERE {after}
ORDER BY in_title DESC, sort_at DESC, id DESC LIMIT %(limit)s"""

_KEY = re.compile(r"([01])_(-?\d{1,16})_(\d{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Hit:
    kind: str
    object_id: int
    title_html: SafeString
    excerpt_html: SafeString
    url: str
    sort_at: datetime


@dataclass(frozen=True)
class SearchPage:
    """`total_text` is a number, or “1000+”; `next` is the `after` of the next page, or None."""

    hits: list[Hit]
    total_text: str = "0"
    next: str | None = None


@dataclass(frozen=True)
class _Scope:
    """Which rows may be found at all, as SQL conditions and their parameters."""

    conditions: str
    walked: str
    parameters: dict[str, Any]


def search(
    query: str,
    *,
    kinds: Collection[str] | None = None,
    public: bool = True,
    unit_ids: Collection[int] | None = None,
    exclude: Iterable[tuple[str, int]] = (),
    limit: int = 20,
    after: str | None = None,
) -> SearchPage:
    """What matches all words of `query`, those with all of them in the title first, then by time.

    Public rows, or with `public=False` those of `unit_ids`, which then must be given; `kinds`
    narrows; `exclude` names (kind, object_id) that must not be found whatever else allows it.
    At most the 1000 newest matches are ranked and can be paged through. A query without any
    word finds nothing; an `after` that is none of ours begins at the first page.
    """
    scope = _scope(kinds, public, unit_ids, exclude)
    parsed = parse_query(query)
    if parsed is None:
        return SearchPage([])
    with transaction.atomic(), connection.cursor() as cursor:
        candidates = _candidates(cursor, parsed, scope)
        rows = _ranked(cursor, parsed, candidates, limit + 1, _position(after)) if candidates else []
        transaction.set_rollback(True)
    total = rows[0][-1] if rows else 0
    return SearchPage(
        hits=[_hit(row, parsed.needles) for row in rows[:limit]],
        total_text=f"{MOST_RANKED}+" if total >= MOST_RANKED else str(total),
        next=_key(rows[limit - 1]) if len(rows) > limit else None,
    )


def _scope(
    kinds: Collection[str] | None,
    public: bool,
    unit_ids: Collection[int] | None,
    exclude: Iterable[tuple[str, int]],
) -> _Scope:
    conditions, parameters = [], {}
    if public:
        conditions.append("is_public")
    elif unit_ids is None:
        raise ValueError("search(public=False) needs unit_ids: nobody sees the rows of all units by default.")
    if unit_ids is not None:
        conditions.append("unit_ids && %(unit_ids)s::int[]")
        parameters["unit_ids"] = list(unit_ids)
    if kinds is not None:
        conditions.append("kind = ANY(%(kinds)s)")
        parameters["kinds"] = list(kinds)
    if excluded := [f"{kind} {object_id}" for kind, object_id in exclude]:
        conditions.append("kind || ' ' || object_id <> ALL(%(excluded)s)")
        parameters["excluded"] = excluded
    return _Scope(" AND ".join(conditions), "is_public" if public else "true", parameters)


def _candidates(cursor, query: SearchQuery, scope: _Scope) -> list[int]:
    """The ids of the newest rows that match broadly."""
    most = MOST_RANKED if query.exact == query.broad else MOST_CHECKED
    parameters = {**scope.parameters, "broad": query.broad, "most": most}
    cursor.execute(ESTIMATE.format(walked=scope.walked, scope=scope.conditions), parameters)
    rows, matching = (plan["Plan Rows"] for plan in cursor.fetchone()[0][0]["Plan"]["Plans"])
    back = 2 * most * rows // matching if matching > WORTH_A_MOMENT else rows
    while True:
        moment = _moment(cursor, scope, back) if back < rows else None
        since = "true" if moment is None else "sort_at >= %(moment)s"
        sql = CANDIDATES.format(scope=scope.conditions, since=since)
        cursor.execute(sql, {**parameters, "moment": moment})
        found = [row_id for (row_id,) in cursor.fetchall()]
        if moment is None or len(found) == most:
            return found
        back *= 4


def _moment(cursor, scope: _Scope, back: int) -> datetime | None:
    """When the row was that stands `back` rows behind the newest; None if there are not so many."""
    cursor.execute(MOMENT.format(walked=scope.walked), {"back": back})
    return next((moment for (moment,) in cursor.fetchall()), None)


def _ranked(
    cursor, query: SearchQuery, candidates: list[int], limit: int, position: tuple | None
) -> list[tuple]:
    exact = "true" if query.exact == query.broad else "vector @@ %(exact)s::tsquery"
    after = "true" if position is None else "(in_title, sort_at, id) < (%(title)s, %(time)s, %(id)s)"
    parameters = {
        "in_title": query.in_title,
        "exact": query.exact,
        "candidates": candidates,
        "ranked": MOST_RANKED,
        "limit": limit,
        **dict(zip(("title", "time", "id"), position or (), strict=False)),
    }
    cursor.execute(RANK.format(exact=exact, after=after), parameters)
    return cursor.fetchall()


def _hit(row: tuple, needles: tuple[str, ...]) -> Hit:
    _, kind, object_id, title, text, url, sort_at, *_ = row
    return Hit(kind, object_id, highlight(title, needles), excerpt(text, needles), url, sort_at)


def _key(row: tuple) -> str:
    row_id, sort_at, in_title = row[0], row[6], row[7]
    return f"{in_title:d}_{(sort_at - _EPOCH) // timedelta(microseconds=1)}_{row_id}"


def _position(after: str | None) -> tuple[bool, datetime, int] | None:
    match = _KEY.fullmatch(after or "")
    if match is None:
        return None
    in_title, microseconds, row_id = map(int, match.groups())
    return in_title == 1, _EPOCH + timedelta(microseconds=microseconds), row_id
