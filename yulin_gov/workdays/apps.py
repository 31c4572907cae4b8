from django.apps import AppConfig
from django.db.models.signals import post_migrate


class WorkdaysConfig(AppConfig):
    name = "yulin_gov.workdays"
    label = "workdays"
    verbose_name = "工作日历"

    def ready(self) -> None:
        post_migrate.connect(_fill_empty_calendar, sender=self)


def _fill_empty_calendar(sender, *, using: str, apps, **kwargs) -> None:
    """A flushed database has no calendar: fill it again, because every deadline stands on it."""
    from .seeding import seed_calendar

    try:
        seed_calendar(apps, using)
    except LookupError:  # migrated back to before the tables existed
        return
