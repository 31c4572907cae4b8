"""Waking the worker after a commit. Losing a wake-up loses nothing: beat comes by every few seconds."""

from yulin_gov.notices.wake import wake_task


def readers() -> None:
    """Ask a worker to hand queued events to their readers."""
    wake_task("yulin_gov.casework.tasks.drain_events")


def recounting() -> None:
    """Ask a worker to recount deadlines after a calendar change."""
    wake_task("yulin_gov.casework.tasks.recount_clocks")
