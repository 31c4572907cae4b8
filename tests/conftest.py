"""What every test may ask for: a database used as the application's role, and a cast."""

from __future__ import annotations

import gc

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases

from yulin_gov import embedded, pagecache

from . import cast

# Tests need no collected files, and hashing that is slow on purpose is slow for them too;
# everything else is as the platform runs.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# Rows that belong to the schema rather than to a test.
_KEPT = (
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "workdays_",
)


def pytest_collection_finish() -> None:
    """Fifteen hundred collected tests are a large heap: do not search it for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings_parallel_suffix):
    """The owner creates and migrates the test database; the tests run as the application's
    role, which owns no table, as the platform does."""
    _become(embedded.OWNER)
    with django_db_blocker.unblock():
        created = setup_databases(verbosity=0, interactive=False, aliases=("default",))
        connection.close()
    _become(embedded.APP)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        _become(embedded.OWNER)
        teardown_databases(created, verbosity=0)


def _become(role: str) -> None:
    if settings.EMBEDDED_POSTGRES:
        connection.settings_dict["USER"] = role


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker):
    """A database in which commits are real, for tests with threads, processes and kills.

    Everything written is emptied afterwards, past the triggers, as the tables' owner.
    """
    with django_db_blocker.unblock():
        yield
        connections.close_all()
    _empty()


def _empty() -> None:
    url = connection.settings_dict
    owner = psycopg2.connect(
        host=url["HOST"], port=url["PORT"] or None, dbname=url["NAME"], user=embedded.OWNER
    )
    with owner, owner.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        tables = [name for (name,) in cursor.fetchall() if not name.startswith(_KEPT)]
        cursor.execute(
            "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname = 'append_only'"
        )
        guarded = [name for (name,) in cursor.fetchall()]
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        # The city's own procedures refer to units and people and so would go with them.
        cursor.execute(
            "CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM casework_procedureversion"
            " WHERE unit_id IS NULL AND published_by_id IS NULL AND key NOT LIKE 'test.%'"
        )
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        cursor.execute("INSERT INTO casework_procedureversion SELECT * FROM kept")
        cursor.execute("SELECT setval('casework_procedureversion_id_seq', (SELECT max(id) + 1 FROM kept))")
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
    owner.close()


@pytest.fixture(autouse=True)
def _no_pages_kept():
    """The page cache lives as long as the process: no test finds another's pages in it."""
    yield
    pagecache.forget()


@pytest.fixture
def city(request) -> cast.City:
    """The cast of the tests; with `committed_db` it is committed, else it is rolled back."""
    if "committed_db" not in request.fixturenames:
        request.getfixturevalue("db")
    return cast.build()
