"""How often somebody may try query codes: counted in Redis, by address and by phone.

A code is past guessing; the limits keep people from trying all the same. Every try is spent
before anybody looks, and given back when it was right, so that many at once gain nothing.
"""

import logging

from django.core.cache import cache

from .codes import phone_index

WINDOW = 15 * 60  # seconds
BY_PHONE, BY_ADDRESS = 8, 30  # wrong tries within the window

logger = logging.getLogger(__name__)


def spend_try(address: str | None, phone: str) -> bool:
    """Count one try; False where there have been too many. Without Redis nobody is kept out."""
    try:
        counts = [(_count(name), most) for name, most in _counters(address, phone)]
    except Exception:  # whatever the cache's client raises when its server is away
        logger.exception("tries cannot be counted")
        return True
    return all(count <= most for count, most in counts)


def give_back(address: str | None, phone: str) -> None:
    """The try was right and does not count."""
    try:
        for name, _ in _counters(address, phone):
            cache.decr(name)
    except Exception:  # expired meanwhile, or the server is away: nothing to give back
        logger.debug("a try was not given back", exc_info=True)


def _counters(address: str | None, phone: str) -> list[tuple[str, int]]:
    return [
        (f"letters.tries:phone:{phone_index(phone)}", BY_PHONE),
        (f"letters.tries:address:{address or 'local'}", BY_ADDRESS),
    ]


def _count(name: str) -> int:
    cache.add(name, 0, timeout=WINDOW)
    return cache.incr(name)
