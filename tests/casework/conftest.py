"""Fixtures of casework's tests."""

from __future__ import annotations

import io
import pickle

import pytest
from django.db import connection

from tests import cast

from .procedures import defining, plain, simple

__all__ = ["defining", "plain", "simple"]

# Not the audit log: migrations write to it as well, and no test reads what the cast left there.
_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(accounts|organization)_'"
    " AND relname <> 'accounts_auditevent'"
)
_kept: dict = {}


@pytest.fixture
def city(request) -> cast.City:
    """The cast, built once and afterwards put back as the rows it became: a tenth of the time."""
    if "committed_db" not in request.fixturenames:
        request.getfixturevalue("db")
    with connection.cursor() as cursor:
        if _kept:
            _put_back(cursor)
        else:
            city = cast.build()
            _keep(cursor)
            _kept["city"] = pickle.dumps(city)
    return pickle.loads(_kept["city"])


def _keep(cursor) -> None:
    cursor.execute(_TABLES)
    _kept["rows"], advance = {}, []
    for (table,) in cursor.fetchall():
        rows = io.StringIO()
        cursor.cursor.copy_expert(f"COPY {table} TO STDOUT", rows)
        if count := rows.getvalue().count("\n"):
            _kept["rows"][table] = rows.getvalue()
            cursor.execute(
                "SELECT pg_get_serial_sequence(%s, column_name) FROM information_schema.columns"
                " WHERE table_name = %s AND column_name IN ('id', 'history_id')",
                [table, table],
            )
            advance += [(name, count + 50) for (name,) in cursor.fetchall() if name]
    _kept["advance"] = "SELECT " + ", ".join(
        f"(SELECT max(nextval('{name}')) FROM generate_series(1, {count}))" for name, count in advance
    )


def _put_back(cursor) -> None:
    for table, rows in _kept["rows"].items():
        cursor.cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(rows))
    cursor.execute(_kept["advance"])  # emptying a committed database begins the numbers anew
