"""What Celery calls. Each task takes nothing, claims rows itself and may be lost or doubled."""

from celery import shared_task

from . import actions


@shared_task
def sweep_deadlines() -> None:
    """Every few seconds: reminders and timers whose moment has come."""
    actions.sweep_deadlines()


@shared_task
def drain_events() -> None:
    """Every few seconds, and after commits: events to their readers."""
    actions.drain_events()


@shared_task
def anchor_events() -> None:
    """Nightly: seal the day's events."""
    actions.anchor_events()


@shared_task
def recount_clocks() -> None:
    """Every minute, and after a calendar change: deadlines counted under an older calendar."""
    while actions.recount_clocks() == 200:
        pass
