"""A search costs what it shows: the newest matches, whatever the words."""

import time

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yulin_gov import embedded
from yulin_gov.search.queries import search

OWNER = {"user": embedded.OWNER} if settings.EMBEDDED_POSTGRES else {}

GENERATE = """
INSERT INTO search_searchrow (kind, object_id, title, excerpt, url, sort_at, is_public, unit_ids, vector)
SELECT 'letters.letter', n, '标题', '摘录', '/', timestamptz '2026-01-01' - n * interval '1 minute', true,
       ARRAY[n % 300],
       (CASE WHEN n % 2 = 0 THEN '''常见'':5B ''词语'':7B ' ELSE '' END
        || CASE WHEN n % 10000 = 0 THEN '''罕见'':9B ' ELSE '' END
        || CASE WHEN n > 15000 THEN '''旧事'':11B ' ELSE '' END
        || (SELECT string_agg('''字' || (n * 7 + i * i) % 5000 || ''':' || i + 20 || 'B', ' ')
            FROM generate_series(1, 20) i))::tsvector
FROM generate_series(1, 30000) n
"""


@pytest.fixture
def many(committed_db):
    with connection.cursor() as cursor:
        cursor.execute(GENERATE)
    # Statistics are the owner's to gather; in production autovacuum does.
    owner = psycopg2.connect(**{**connection.get_connection_params(), "cursor_factory": None, **OWNER})
    with owner, owner.cursor() as cursor:
        cursor.execute("ANALYZE search_searchrow")
    owner.close()


def result(query: str, **options) -> tuple[str, int]:
    """How many were found, and how many attempts the candidates took."""
    with CaptureQueriesContext(connection) as queries:
        start = time.perf_counter()
        page = search(query, **options)
        assert time.perf_counter() - start < 0.5  # far from it; the machine may be busy
    return page.total_text, sum("matching AS" in entry["sql"] for entry in queries)


def test_frequent_and_rare_words_are_found_without_reading_everything(many):
    assert result("常见") == ("1000+", 1)
    assert result("罕见") == ("3", 1)
    assert result("常见 罕见") == ("3", 1)
    assert result("未知的词") == ("0", 1)
    # A frequent word in a small unit.
    assert result("常见", public=False, unit_ids=[4]) == ("100", 1)
    # A phrase of frequent words is checked on the newest candidates only.
    assert result("“常见词语”") == ("1000+", 1)
    assert result("“词语常见”") == ("0", 1)
    # Frequent, but not among the newest: the moment moves back until there are enough.
    assert result("旧事") == ("1000+", 2)

    # Nobody loses the newest ones on any of these ways.
    assert [hit.object_id for hit in search("常见", limit=3).hits] == [2, 4, 6]
    assert [hit.object_id for hit in search("旧事", limit=3).hits] == [15001, 15002, 15003]
