"""What notices do by themselves."""

import time

from celery import shared_task

from . import retention, wake
from .delivery import deliver

RUN_SECONDS = 15  # then a worker is free for others; what is left is taken by the next run


@shared_task(name=wake.TASK)
def deliver_notices() -> None:
    """Every few seconds and after each commit that posts: deliver what is due."""
    wake.woken()
    if not deliver(until=time.monotonic() + RUN_SECONDS):
        wake.wake()


@shared_task(name="notices.forget_old_notices")
def forget_old_notices() -> None:
    """Nightly: erase contacts no longer needed, and delete what was read or settled long ago."""
    retention.drop_stale_pop_ups()
    retention.erase_contacts()
    retention.delete_old_deliveries()
    retention.delete_old_notices()
