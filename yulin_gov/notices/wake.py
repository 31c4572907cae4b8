"""Waking the deliverer after a commit, without ever making a request wait for Redis.

A wake-up is a courtesy: beat runs the same task every few seconds. So it is sent at most once
while one is pending, gives up within a fraction of a second, and after a failure this process
does not try again for as long as beat needs to make it good.
"""

import logging
import time
from collections.abc import Callable
from functools import lru_cache

import redis
from django.conf import settings
from django.db import transaction
from kombu.pools import producers

from yulin_gov.celery import app

logger = logging.getLogger(__name__)

TASK = "notices.deliver_notices"
PERIOD = 3  # seconds between two runs by beat
_PATIENCE = 0.3  # seconds Redis has to answer
_PENDING = "yulin:notices:wake"
_silent_until = 0.0


def wake_on_commit() -> None:
    """Wake the deliverer when the current transaction commits; once, however often asked for."""
    connection = transaction.get_connection()
    if any(entry[1] is wake for entry in connection.run_on_commit):
        return
    transaction.on_commit(wake, robust=True)


def wake() -> None:
    """Ask Celery for a delivery run now. Never raises, never waits for more than about a second."""

    def unless_pending() -> None:
        # While one wake-up waits for a worker, another would find nothing left to do.
        if _redis().set(_PENDING, 1, nx=True, ex=PERIOD):
            _publish(TASK)

    _as_a_courtesy(unless_pending)


def wake_task(name: str) -> None:
    """Ask Celery to run another task that beat repeats anyway; under the same promises as `wake`."""
    _as_a_courtesy(lambda: _publish(name))


def woken() -> None:
    """Said by the task before it looks for work: a commit from now on needs a new wake-up."""
    try:
        _redis().delete(_PENDING)
    except redis.RedisError:
        logger.warning("The wake-up mark could not be cleared; it expires by itself.")


@lru_cache(maxsize=1)
def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=_PATIENCE, socket_timeout=_PATIENCE, retry=None
    )


def _as_a_courtesy(send: Callable[[], None]) -> None:
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        send()
    except Exception as error:  # any failure of transport is made good by beat
        _silent_until = time.monotonic() + PERIOD
        logger.warning("A worker was not woken (%s); beat will do it.", type(error).__name__)


def _publish(task: str) -> None:
    # Celery's own connections retry for ever by default; these fail at once.
    options = {
        "max_retries": 0,
        "socket_connect_timeout": _PATIENCE,
        "socket_timeout": _PATIENCE,
        "retry_on_timeout": False,
    }
    connection = app.connection_for_write(transport_options=options, connect_timeout=_PATIENCE)
    with producers[connection].acquire(block=True, timeout=_PATIENCE) as producer:
        app.send_task(task, producer=producer, retry=False, expires=PERIOD * 10, ignore_result=True)
