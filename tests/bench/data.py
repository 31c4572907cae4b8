"""The bench's own database: a small city, and any number of letters in it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from yulin_gov import embedded

SQL = Path(__file__).with_name("letters.sql")
# The generator gives these the same id for the same letter.
_NUMBERED = (
    "casework_case",
    "casework_step",
    "casework_caseevent",
    "casework_clock",
    "casework_clockentry",
    "privacy_datakey",
)
_OTHERS = ("casework_caseunit", "letters_letter", "letters_letterwriter", "letters_publication")


def fresh_database() -> None:
    """Drop what an earlier run left and migrate an empty database, in `.data/bench`."""
    embedded.attach()
    server = psycopg2.connect(host=str(embedded.socket_dir()), user="postgres", dbname="postgres")
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {embedded.DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {embedded.DATABASE} OWNER {embedded.OWNER}")
    server.close()
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], check=True, env=os.environ)
    subprocess.run(
        [*manage, "collectstatic", "--noinput", "--verbosity", "0"], check=True, stdout=subprocess.DEVNULL
    )


@dataclass
class Letters:
    """The generator: brings the table of letters up to a number."""

    unit_id: int
    person_id: int
    count: int = 0

    def grow_to(self, count: int, *, due: int = 0) -> None:
        """Make letters until there are `count`, `due` of the new open ones with a reminder due now."""
        from django.db import connection

        from yulin_gov.casework.procedures import procedure_for
        from yulin_gov.organization.models import Unit
        from yulin_gov.workdays.calendar import current_calendar

        parameters = {
            "due": due,
            "unit": self.unit_id,
            "person": self.person_id,
            "procedure": procedure_for("letters.letter", Unit.objects.get(pk=self.unit_id)).pk,
            "revision": current_calendar().revision,
        }
        # As the owner: the application may not touch what is append-only, and may not analyse.
        owner = psycopg2.connect(
            host=str(embedded.socket_dir()), user=embedded.OWNER, dbname=connection.settings_dict["NAME"]
        )
        with owner, owner.cursor() as cursor:
            cursor.execute(
                "SELECT greatest(0, " + ",".join(f"(SELECT max(id) FROM {t})" for t in _NUMBERED) + ")"
            )
            first = cursor.fetchone()[0]
            last = first + count - self.count
            cursor.execute(SQL.read_text(encoding="utf-8"), {**parameters, "first": first, "last": last})
            for table in _NUMBERED:
                cursor.execute(f"SELECT setval('{table}_id_seq', %s)", [last])
        owner.autocommit = True
        with owner.cursor() as cursor:
            for table in (*_NUMBERED, *_OTHERS):
                cursor.execute(f"VACUUM ANALYZE {table}")
        owner.close()
        self.count = count
