"""How often public pages are looked at: counted in the process, written in batches."""

import os
from collections import Counter, deque

from django.db import connection
from django.utils import timezone

LONGEST_PATH = 300

# Sorted, so that two processes that write the same pages take the rows in the same order.
ADD = """
INSERT INTO pagecache_pagevisits AS visits (path, day, count)
SELECT path, %s, count FROM unnest(%s::text[], %s::bigint[]) AS seen (path, count)
ON CONFLICT (path, day) DO UPDATE SET count = visits.count + excluded.count
"""

# Appending is atomic, adding to a number that several threads share is not.
_seen: deque[str] = deque()
_unwritten: Counter[str] = Counter()

count = _seen.append


def forget() -> None:
    """Drop what is not yet written."""
    _seen.clear()
    _unwritten.clear()


# What the parent has seen, the parent writes.
os.register_at_fork(after_in_child=forget)


def gather() -> None:
    """Add up what was seen, so that waiting for the database costs memory per page, not per visit.

    Only for the one thread that writes.
    """
    for _ in range(len(_seen)):
        _unwritten[_seen.popleft()] += 1


def write() -> None:
    """Add the counted visits to today's rows; one statement. A failure keeps them for later."""
    gather()
    storable = (item for item in _unwritten.items() if len(item[0]) <= LONGEST_PATH and "\0" not in item[0])
    batch = sorted(storable)
    if batch:
        with connection.cursor() as cursor:
            cursor.execute(ADD, [timezone.localdate(), *map(list, zip(*batch, strict=True))])
    _unwritten.clear()
