"""Each figure is a ratio of two things measured in the same run on the same machine."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext


@dataclass(frozen=True)
class Figure:
    """A named ratio with its bound: `at_least` or `at_most`."""

    name: str
    value: float
    bound: float
    at_least: bool
    detail: str

    @property
    def kept(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def as_dict(self) -> dict:
        kind = "at_least" if self.at_least else "at_most"
        return {
            "name": self.name,
            "value": round(self.value, 3),
            kind: self.bound,
            "kept": self.kept,
            "detail": self.detail,
        }

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{'ok  ' if self.kept else 'MISS'} {self.name:<32} {self.value:7.3f} {sign} {self.bound:<6} {self.detail}"


def at_least(name: str, value: float, bound: float, detail: str) -> Figure:
    return Figure(name, value, bound, True, detail)


def at_most(name: str, value: float, bound: float, detail: str) -> Figure:
    return Figure(name, value, bound, False, detail)


def milliseconds(action: Callable[[], object], *, times: int, warm: int = 5) -> float:
    """The median duration of an action, after some runs that do not count."""
    for _ in range(warm):
        action()
    gc.collect()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


@dataclass(frozen=True)
class PageCost:
    """What one page takes: queries and the median milliseconds in the process."""

    queries: int
    ms: float


def page_cost(client: Client, path: str, *, times: int = 60) -> PageCost:
    """The cost of a page through the whole of Django, without the network."""
    for _ in range(5):
        client.get(path)
    reset_queries()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answers {answer.status_code}")
    return PageCost(len(captured), milliseconds(lambda: client.get(path), times=times))
