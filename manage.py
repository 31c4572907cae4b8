#!/usr/bin/env python
"""Django's command line for the platform."""

import os
import sys

# Only these change tables; they run as the owner of the database, everything else as the
# application's role, which owns none.
OWNER_COMMANDS = {"migrate", "sqlmigrate", "makemigrations", "showmigrations", "flush"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yulin_gov.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["YULIN_DATABASE_ROLE"] = "owner"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
