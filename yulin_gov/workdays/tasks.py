"""What the calendar does by itself."""

import logging

from celery import shared_task

from .queries import calendar_warnings

log = logging.getLogger(__name__)


@shared_task
def warn_of_missing_year() -> list[str]:
    """Daily: say in the log which years deadlines reach without an official notice."""
    warnings = calendar_warnings()
    for sentence in warnings:
        log.warning(sentence)
    return warnings
