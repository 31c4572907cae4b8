"""Periods as PostgreSQL ranges, for constraints that refuse an overlap."""

from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeBoundary
from django.db.models import Func


class Dates(Func):
    """Both days belong to the period; an empty end is open."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Moments(Func):
    """The end belongs to whatever comes next."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


BOTH_DAYS = RangeBoundary(inclusive_lower=True, inclusive_upper=True)
UNTIL = RangeBoundary(inclusive_lower=True, inclusive_upper=False)
