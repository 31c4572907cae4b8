"""Versions of what pages depend on: announcing a change, reading, folding.

Plain SQL, because each of these is one statement that the ORM cannot say.
"""

from collections.abc import Iterable

from django.db import connection, transaction

from yulin_gov.pagecache.store import store

BUMP = "INSERT INTO pagecache_pagechange (key) SELECT unnest(%s::text[])"

# Both tables are read in one statement, hence from one snapshot: folding is never half seen.
READ = """
SELECT key, sum(number)::bigint, bool_and(pg_visible_in_snapshot(xid, %(since)s::pg_snapshot)
       OR xid = pg_current_xact_id_if_assigned())
FROM (SELECT key, number, xid FROM pagecache_pageversion WHERE key = ANY(%(keys)s)
      UNION ALL
      SELECT key, 1, xid FROM pagecache_pagechange WHERE key = ANY(%(keys)s)) AS version
GROUP BY key
"""

# Two processes may fold at the same time: rows are taken once, counters in the order of keys.
FOLD = """
WITH folded AS (
    DELETE FROM pagecache_pagechange WHERE id IN (
        SELECT id FROM pagecache_pagechange ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED)
    RETURNING key)
INSERT INTO pagecache_pageversion AS version (key, number)
SELECT key, count(*) FROM folded GROUP BY key ORDER BY key
ON CONFLICT (key) DO UPDATE SET number = version.number + excluded.number, xid = excluded.xid
"""


def bump(*keys: str) -> None:
    """Every page that depends on one of `keys` is out of date once this transaction commits.

    One INSERT in the caller's transaction; takes no lock that another writer could wait for.
    Side effects: this process drops the pages at once and again after commit; the others
    follow within half a second. Keys are at most 200 characters.
    """
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(BUMP, [sorted(set(keys))])
    # Now, so that the writer sees its own change; after commit, because until then somebody
    # may have rendered the old state again.
    store.drop(keys)
    transaction.on_commit(lambda: store.drop(keys))


def snapshot() -> str:
    """Which transactions are visible at this moment; to be taken before a page is rendered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return cursor.fetchone()[0]


def versions_of(keys: Iterable[str], *, since: str | None = None) -> dict[str, int] | None:
    """The present version of each key (0 where nothing ever changed); one query.

    None if one of them changed after the snapshot `since`: then nobody can say whether a page
    rendered in between shows the old state or the new one.
    """
    keys = list(keys)
    with connection.cursor() as cursor:
        cursor.execute(READ, {"keys": keys, "since": since})
        rows = cursor.fetchall()
    if since is not None and not all(settled for _, _, settled in rows):
        return None
    return dict.fromkeys(keys, 0) | {key: number for key, number, _ in rows}


def fold_changes() -> None:
    """Count pending changes into their versions. Changes no version; keeps reading cheap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pagecache_pagechange)")
        if cursor.fetchone()[0]:
            cursor.execute(FOLD)
