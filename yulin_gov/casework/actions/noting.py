"""Writing into a case's log what takes no step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from yulin_gov.organization.capacity import Capacity

from ..batch import Batch
from ..running import RunningCase
from .stepping import check_not_excluded, lock_case


@contextmanager
def noting(case_id: int, *, by: Capacity, at: datetime | None = None) -> Iterator[RunningCase]:
    """Lock the case around a change that is the app's own and moves nothing.

    `record(verb, data)` on what is yielded writes the app's events. The caller has checked who
    may; whoever is excluded is refused. `at` is for imported and demonstration records only.
    """
    with transaction.atomic():
        batch = Batch()
        running = RunningCase.load(lock_case(case_id), batch, by=by, at=at, quiet=bool(at))
        check_not_excluded(running.case, by)
        yield running
        batch.write()
