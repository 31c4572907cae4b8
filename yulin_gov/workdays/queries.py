"""Reading the calendar."""

from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from .calendar import Calendar
from .models import CalendarRevision, CalendarYear, SpecialDay

# The State Council publishes the next year's arrangement in October or November.
NOTICE_EXPECTED_MONTH = 11


def newest_revision() -> int:
    """The number of the last revision, 0 where there is none."""
    return CalendarRevision.objects.aggregate(newest=Max("number"))["newest"] or 0


def load_calendar() -> Calendar:
    """The calendar as committed, whole and of one revision."""
    revision = newest_revision()
    while True:
        special = dict(SpecialDay.objects.order_by().values_list("date", "is_workday"))
        # An edit may commit between the two reads; then the days belong to a later revision.
        if (after := newest_revision()) == revision:
            return Calendar(revision=revision, special=special)
        revision = after


def years_without_notice(now: datetime | None = None) -> list[int]:
    """Years in use that no official notice covers: this one, and from November the next."""
    today = timezone.localtime(now, timezone.get_default_timezone())
    years = [today.year]
    if today.month >= NOTICE_EXPECTED_MONTH:
        years.append(today.year + 1)
    official = set(CalendarYear.objects.filter(year__in=years, official=True).values_list("year", flat=True))
    return [year for year in years if year not in official]


def calendar_warnings(now: datetime | None = None) -> list[str]:
    """A sentence for each such year, for the administrators' pages and the log."""
    return [
        f"{year}年尚无国务院办公厅节假日安排，期限暂按周一至周五为工作日计算，请尽快录入并确认。"
        for year in years_without_notice(now)
    ]
