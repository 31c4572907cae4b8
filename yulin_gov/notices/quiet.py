"""Quiet hours: when no SMS and no e-mail leaves."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils import timezone


def loud_at(moment: datetime) -> datetime:
    """`moment` itself, or the end of the quiet hours it falls into.

    The hours are `settings.QUIET_HOURS` on the local clock, from the first (inclusive) to the
    second (exclusive), over midnight where the first is later. Equal hours mean never quiet.
    """
    start, end = (time.fromisoformat(text) for text in settings.QUIET_HOURS)
    local = timezone.localtime(moment)
    clock = local.time()
    if start <= end:
        quiet = start <= clock < end
    else:
        quiet = clock >= start or clock < end
    if not quiet:
        return moment
    day = local.date() + timedelta(days=1 if start > end and clock >= start else 0)
    return timezone.make_aware(datetime.combine(day, end))


def is_quiet(moment: datetime) -> bool:
    """Whether `moment` lies in the quiet hours."""
    return loud_at(moment) != moment
