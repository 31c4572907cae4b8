"""submit_letter() against the same rows written by plain multi-row INSERTs."""

from __future__ import annotations

import secrets
import time
from statistics import median

import psycopg2
from django.db import connection, transaction
from psycopg2 import sql
from psycopg2.extras import Json

from letters.actions import LetterDraft, submit_letter

LETTERS = 150
_TEXT = (
    "每晚七点以后江南公园东门一段路灯全部不亮，老人和孩子散步很不安全，已经持续两周，请有关部门尽快派人检修。"
    * 4
)


def _draft(unit) -> LetterDraft:
    return LetterDraft(
        unit=unit,
        title="江南公园东门路灯连续两周不亮请检修",
        text=_TEXT,
        name="林晓",
        phone="13807750000",
        may_publish=True,
    )


def submit_ratio(unit) -> tuple[float, str]:
    """Median time of one letter through the action over the median of its rows by hand.

    The rows are read back by the transaction that wrote them, so that exactly those are written
    again: same tables, same columns, new keys, one INSERT a table, one transaction a letter.
    """
    submitted, plain = [], []
    insert = _plain_insert(unit)
    for place in range(LETTERS):
        started = time.perf_counter()
        submit_letter(_draft(unit), idempotency_key=secrets.token_urlsafe(16))
        submitted.append(time.perf_counter() - started)
        started = time.perf_counter()
        insert(place)
        plain.append(time.perf_counter() - started)
    action, rows = median(submitted[20:]) * 1000, median(plain[20:]) * 1000
    return action / rows, f"{action:.2f} ms against {rows:.2f} ms"


def _plain_insert(unit):
    """A function that writes one letter's rows anew, each time under keys not used before."""
    tables = _rows_of_one_letter(unit)
    direct = psycopg2.connect(connection.get_connection_params() and _dsn())
    shift = 10**9

    def insert(place: int) -> None:
        moved = shift + place * 1000
        with direct, direct.cursor() as cursor:
            for table, columns, rows in tables:
                values = [
                    tuple(_renewed(c, v, moved) for c, v in zip(columns, row, strict=True)) for row in rows
                ]
                line = sql.SQL("({})").format(sql.SQL(",").join([sql.Placeholder()] * len(columns)))
                statement = sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
                    sql.Identifier(table),
                    sql.SQL(",").join(map(sql.Identifier, columns)),
                    sql.SQL(",").join([line] * len(values)),
                )
                cursor.execute(statement, [value for row in values for value in row])

    return insert


def _dsn() -> str:
    given = connection.settings_dict
    return f"host={given['HOST']} dbname={given['NAME']} user={given['USER']}"


def _rows_of_one_letter(unit) -> list[tuple[str, list[str], list[tuple]]]:
    """Every row that one submit_letter() writes, by table, in the order of foreign keys."""
    found = []
    with transaction.atomic():
        submit_letter(_draft(unit), idempotency_key=secrets.token_urlsafe(16))
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(
                    f"SELECT * FROM {connection.ops.quote_name(table)}"
                    # Savepoints have numbers of their own, above that of their transaction.
                    " WHERE xmin::text::bigint >= pg_current_xact_id()::text::bigint ORDER BY 1"
                )
                rows = cursor.fetchall()
                if rows:
                    found.append((table, [column.name for column in cursor.description], rows))
        transaction.set_rollback(True)
    order = [
        "casework_case",
        "casework_step",
        "casework_caseevent",
        "casework_clock",
        "privacy_datakey",
        "letters_letter",
    ]
    return sorted(found, key=lambda item: order.index(item[0]) if item[0] in order else len(order))


_KEYS = {"id", "case_id", "step_id", "event_id", "clock_id", "letter_id", "data_key_id", "object_id"}
_UNIQUE = {"number", "public_ref", "idempotency_key", "code_index"}


def _renewed(column: str, value, moved: int):
    if column in _KEYS and value is not None:
        return value + moved
    if column in _UNIQUE and value:
        return f"{str(value)[:10]}{moved}"
    return Json(value) if isinstance(value, dict) else value
