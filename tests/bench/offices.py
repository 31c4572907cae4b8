"""The office's pages and the sweep, in a city of any size."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.test import Client
from django.urls import reverse

from tests import cast
from tests.bench.figures import Figure, PageCost, at_most, page_cost
from yulin_gov.casework.actions import sweep_deadlines
from yulin_gov.casework.models import Case

MOST_QUERIES, MOST_TIME = 12, 1.3


def small_city() -> cast.City:
    """The cast of the tests: its clerk is the one who looks."""
    return cast.build()


def page_costs(city: cast.City) -> dict[str, PageCost]:
    """The clerk's to-do page, her list of letters, and one open letter."""
    client = Client()
    client.force_login(city.people["梁敏"], backend="django.contrib.auth.backends.ModelBackend")
    case = Case.objects.filter(state="open", steps__role="letter_clerk").order_by("-id")[0]
    return {
        "todo": page_cost(client, reverse("casework:todo")),
        "letters": page_cost(client, reverse("office_letters:list")),
        "case": page_cost(client, reverse("casework:case", args=[case.pk])),
    }


def page_figures(few: dict[str, PageCost], many: dict[str, PageCost], scale: int) -> Iterator[Figure]:
    """The same queries, at most twelve, and at most 1.3 times the time."""
    for name, small in few.items():
        large = many[name]
        same = f"{small.queries} with 3 cases, {large.queries} with {scale:,}"
        yield at_most(f"page.{name}.queries", large.queries, min(MOST_QUERIES, small.queries), same)
        times = f"{large.ms:.1f} ms against {small.ms:.1f} ms"
        yield at_most(f"page.{name}.time", large.ms / small.ms, MOST_TIME, times)


def sweep_ms(expected: int) -> float:
    """The time of the sweep that finds `expected` reminders due."""
    started = time.perf_counter()
    done = sweep_deadlines()
    taken = (time.perf_counter() - started) * 1000
    if done.alerts != expected:
        raise RuntimeError(f"{done.alerts} reminders instead of {expected}")
    return taken
