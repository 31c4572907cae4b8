"""The measured promises of the platform: `script/bench` (see there)."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SMALL, MIDDLE = 3, 10_000
DUE = 1000
GROUPS = ("page", "sweep", "submit", "public")


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--scale", type=int, default=1_000_000, help="cases in the large city")
    parser.add_argument(
        "--only", metavar="NAME", action="append", help="only this figure (page.todo.time) or group (page)"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a bound is missed")
    asked = parser.parse_args()
    wanted = tuple(asked.only or GROUPS)
    unknown = [name for name in wanted if name.split(".")[0] not in GROUPS]
    if unknown:
        parser.error(f"no such figure: {', '.join(unknown)}; groups are {', '.join(GROUPS)}")
    os.environ.setdefault("YULIN_DATA", str(ROOT / ".data" / "bench"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yulin_gov.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    started, figures = time.monotonic(), []
    groups = {name.split(".")[0] for name in wanted}
    for figure in measure(groups, max(asked.scale, 2 * MIDDLE)):
        if not figure.name.startswith(wanted):
            continue
        figures.append(figure)
        if not asked.json:
            print(figure, flush=True)
    if asked.json:
        print(json.dumps([figure.as_dict() for figure in figures], ensure_ascii=False, indent=1))
    else:
        print(f"{len(figures)} figures in {time.monotonic() - started:.0f} s")
    if not figures:
        print(f"no figure is called {', '.join(wanted)}", file=sys.stderr)
        return 2
    return int(asked.check and not all(figure.kept for figure in figures))


def measure(only: set[str], scale: int) -> Iterator:
    """Every figure asked for, in an order that lets the city grow only once."""
    from tests.bench.data import Letters, fresh_database

    fresh_database()
    import django

    django.setup()
    from tests.bench import offices, public
    from tests.bench.figures import at_most
    from tests.bench.submitting import submit_ratio

    city = offices.small_city()
    unit = city.unit("市城管局")
    letters = Letters(unit.pk, city.people["黄勇"].pk)
    letters.grow_to(SMALL)
    few = offices.page_costs(city) if "page" in only else {}
    if "submit" in only:
        yield at_most("submit.letter", *_bounded(submit_ratio(unit), 4.0))
    if "sweep" in only:
        letters.grow_to(MIDDLE, due=DUE)
        middle = offices.sweep_ms(DUE)
    if only & {"page", "sweep"}:
        _say(f"growing to {scale:,} cases …")
        letters.grow_to(scale, due=DUE if "sweep" in only else 0)
    if "page" in only:
        yield from offices.page_figures(few, offices.page_costs(city), scale)
    if "sweep" in only:
        large = offices.sweep_ms(DUE)
        detail = f"{large:.0f} ms among {scale:,} against {middle:.0f} ms among {MIDDLE:,}"
        yield at_most("sweep.1000_due", large / middle, 1.5, detail)
    if "public" in only:
        if letters.count < MIDDLE:
            letters.grow_to(MIDDLE)
        yield from public.figures()


def _bounded(measured: tuple[float, str], bound: float) -> tuple[float, float, str]:
    value, detail = measured
    return value, bound, detail


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
