"""What anybody may read, against a view that does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.figures import Figure, at_least
from tests.bench.serving import requests_per_second, serving

SHARE = 0.6
ROUNDS = 3


def figures() -> Iterator[Figure]:
    """Answers per second of the public list and of one published letter, as shares of the bare view's.

    Measured in turns, so that a busy moment of the machine meets both; the best round counts.
    """
    from letters.queries import latest_published

    pages = {"list": "/letters/", "letter": latest_published(1)[0].url}
    best: dict[str, float] = dict.fromkeys(["bare", *pages], 0.0)
    with serving("tests.bench.bare:application") as bare, serving("yulin_gov.wsgi:application") as platform:
        for _ in range(ROUNDS):
            best["bare"] = max(best["bare"], requests_per_second(bare, "/"))
            for name, path in pages.items():
                best[name] = max(best[name], requests_per_second(platform, path))
    for name in pages:
        detail = f"{best[name]:.0f} requests/s against {best['bare']:.0f}"
        yield at_least(f"public.{name}", best[name] / best["bare"], SHARE, detail)
