"""What time alone brings about."""

from celery import shared_task

from .actions import settle_ended_appointments


@shared_task
def settle_ended() -> int:
    """Ends of office planned ahead take effect after their last day; a second run does no harm."""
    return settle_ended_appointments()
