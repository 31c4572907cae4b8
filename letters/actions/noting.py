"""Writing into a letter's log what takes no step."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from yulin_gov.casework.actions.stepping import check_not_excluded, lock_case
from yulin_gov.casework.batch import Batch
from yulin_gov.casework.running import RunningCase
from yulin_gov.organization.capacity import Capacity


@contextmanager
def noting(case_id: int, *, by: Capacity, at: datetime | None = None) -> Iterator[RunningCase]:
    """Lock the case around a change of the app's own; `record` events on what is yielded."""
    with transaction.atomic():
        batch = Batch()
        running = RunningCase.load(lock_case(case_id), batch, by=by, at=at, quiet=bool(at))
        check_not_excluded(running.case, by)
        yield running
        batch.write()
