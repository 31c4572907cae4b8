"""What the application's database role may do: rows, never tables.

Migrations run as the owner. After them the role that serves the web and the workers gets its
rights on whatever exists, so that a new table needs no thought.
"""

import logging

from django.conf import settings
from django.db import connection, connections

from .append_only import append_only_tables

log = logging.getLogger(__name__)


def grant_after_migrate(sender, using: str = "default", **kwargs) -> None:
    """`post_migrate` receiver. Does nothing where the application's role is the owner itself."""
    if using == connection.alias:
        grant_to(settings.APP_ROLE)


def grant_to(role: str) -> None:
    """Give `role` the rows of every table, and of append-only tables reading and adding only."""
    quote = connections["default"].ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user = %s, EXISTS(SELECT FROM pg_roles WHERE rolname = %s)", [role, role]
        )
        is_owner, exists = cursor.fetchone()
        if is_owner:
            return
        if not exists:
            log.warning("The role %s does not exist; nothing was granted.", role)
            return
        name = quote(role)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table in append_only_tables():
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quote(table)} FROM {name}")
        # What has been migrated is the owner's to say.
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {name}")
