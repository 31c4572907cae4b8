"""Tables that are only ever added to.

The trigger binds everybody, the owner of the tables included; the application's role lacks the
rights besides (see `grants`).
"""

from django.db import connection

TRIGGER = "append_only"

_FUNCTION = """
CREATE OR REPLACE FUNCTION yulin_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""


def append_only_sql(table: str) -> tuple[str, str]:
    """SQL for `migrations.RunSQL(*append_only_sql("app_table"))`: forward and reverse.

    UPDATE, DELETE and TRUNCATE of the table then fail with `IntegrityError` (SQLSTATE 23001),
    even where no row would have been touched, and the grants of the application's role shrink
    to SELECT and INSERT after the migration.
    """
    if not table.isidentifier():
        raise ValueError(f"not a table name: {table!r}")
    forward = f"""{_FUNCTION}
CREATE TRIGGER {TRIGGER} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION yulin_append_only();
"""
    # The function stays: other tables use it.
    return forward, f"DROP TRIGGER IF EXISTS {TRIGGER} ON {table};"


def append_only_tables() -> list[str]:
    """The tables that carry the trigger, as the database itself knows them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE t.tgname = %s AND n.nspname = current_schema() ORDER BY 1",
            [TRIGGER],
        )
        return [name for (name,) in cursor.fetchall()]
