"""Statistics over cases, as the architecture defines them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from yulin_gov.workdays.calendar import current_calendar
from yulin_gov.workdays.terms import TermUnit, due_at, last_day

from .kinds import kind_of
from .models import Case, Clock


@dataclass(frozen=True)
class Statistics:
    """Received = handled + declined + open; handled = on_time + late; overdue are among the open."""

    received: int = 0
    handled: int = 0
    declined: int = 0
    open: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    urged: int = 0
    units: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def case_statistics(
    kind: str,
    *,
    origin: str | None = None,
    term: int | None = None,
    term_unit: str = TermUnit.WORKDAYS,
    now: datetime | None = None,
) -> Statistics:
    """Count the cases of a kind; children never count.

    handled: an answer was sent or a decision delivered. on_time: by the end of the `term`-th
    day (working days unless `term_unit` says calendar days) after the day received. Without
    `term` each case's own main clock decides. open: neither handled nor declined. overdue: open
    and past that day. Cases count for the unit responsible at the end. Four queries at most.
    """
    now = now or timezone.now()
    cases = Case.objects.filter(kind=kind, parent=None)
    if origin:
        cases = cases.filter(origin=origin)
    declined = Q(outcome=kind_of(kind).declined_as)
    totals = cases.aggregate(
        received=Count("pk"),
        handled=Count("pk", filter=Q(handled_at__isnull=False)),
        declined=Count("pk", filter=declined & Q(handled_at=None)),
        open=Count("pk", filter=Q(handled_at=None) & ~declined),
        units=Count("unit", distinct=True),
    )
    urged = cases.filter(urges__isnull=False).values("pk").distinct().count()
    waiting = cases.filter(handled_at=None).exclude(declined)
    count = _by_term(term, term_unit, now) if term is not None else _by_clock(kind, now)
    on_time, overdue = count(cases.filter(handled_at__isnull=False), waiting)
    return Statistics(
        **totals, on_time=on_time, late=totals["handled"] - on_time, overdue=overdue, urged=urged
    )


def _by_term(term: int, unit: str, now: datetime) -> Callable:
    """Deadlines depend on the day received only: count pairs of days and compare those."""
    calendar = current_calendar()
    deadlines: dict[date, date] = {}

    def last(received: date) -> date:
        if received not in deadlines:
            start = timezone.make_aware(datetime.combine(received, datetime.min.time()))
            deadlines[received] = last_day(due_at(start, term, unit, calendar))
        return deadlines[received]

    def count(handled, waiting) -> tuple[int, int]:
        pairs = handled.annotate(received=TruncDate("opened_at"), answered=TruncDate("handled_at"))
        grouped = pairs.order_by().values_list("received", "answered").annotate(n=Count("pk"))
        on_time = sum(n for received, answered, n in grouped if answered <= last(received))
        days = waiting.annotate(received=TruncDate("opened_at")).order_by().values_list("received")
        today = timezone.localdate(now)
        return on_time, sum(n for received, n in days.annotate(n=Count("pk")) if today > last(received))

    return count


def _by_clock(kind: str, now: datetime) -> Callable:
    """The case's own main clock: stopped before it was due, or running past it."""

    def count(handled, waiting) -> tuple[int, int]:
        main = Clock.objects.filter(name=kind_of(kind).main_clock, step=None, due_at__isnull=False)
        late = Q(case__in=handled, due_at__lte=F("case__handled_at"))
        overdue = Q(case__in=waiting, due_at__lte=now)
        found = main.filter(late | overdue).aggregate(
            late=Count("case", filter=late, distinct=True),
            overdue=Count("case", filter=overdue, distinct=True),
        )
        return handled.count() - found["late"], found["overdue"]

    return count
