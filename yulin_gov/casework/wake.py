"""Waking the worker after a commit. Losing a wake-up loses nothing: beat comes by every few seconds."""

import logging

logger = logging.getLogger(__name__)


def readers() -> None:
    """Ask a worker to hand queued events to their readers."""
    from .events import handling_readers
    from .tasks import drain_events

    if handling_readers():
        _send(drain_events)


def _send(task) -> None:
    try:
        task.apply_async(ignore_result=True, retry=False)
    except Exception as error:  # a broker that is away must not undo what has been committed
        logger.warning("worker not woken: %s", error)


def recounting() -> None:
    """Ask a worker to recount deadlines after a calendar change."""
    from .tasks import recount_clocks

    _send(recount_clocks)
