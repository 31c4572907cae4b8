"""Which days are worked, and counting them. Pure arithmetic; only `current_calendar` asks the database."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate

# How old a process's knowledge of the revision may be, in seconds.
RECHECK_SECONDS = 5.0
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """One revision of the calendar.

    `special` holds the days that a notice names (True = worked); all others follow the plain week.
    Every count is a difference of `workday_number`s, so that ten years cost what ten days cost.
    """

    revision: int
    special: Mapping[date, bool] = field(repr=False, hash=False)

    def is_workday(self, day: date) -> bool:
        """Whether `day` is worked: make-up days are, holidays and other weekends are not."""
        return self.special.get(day, day.weekday() < 5)

    def add_workdays(self, day: date, n: int) -> date:
        """The `n`th working day after `day` (before it where `n` is negative); `day` itself for 0.

        `day` is never counted: “5 working days” begins on the next one. OverflowError past year 9999.
        """
        if n == 0:
            return day
        if n > 0:
            return self.numbered_workday(self.workday_number(day) + n)
        return self.numbered_workday(self.workday_number(day - _DAY) + n + 1)

    def workdays_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`; negative if `end` is earlier."""
        return self.workday_number(end) - self.workday_number(start)

    def workday_number(self, day: date) -> int:
        """How many working days there are from the beginning of the calendar to `day`, inclusive."""
        ordinal = day.toordinal()
        days, corrections = self._exceptions
        return _plain_number(ordinal) + corrections[bisect_right(days, ordinal)]

    def numbered_workday(self, number: int) -> date:
        """The working day whose `workday_number` is `number`."""
        days, _ = self._exceptions
        weeks, rest = divmod(number - 1, 5)
        plain = weeks * 7 + rest + 1
        # No exception can move the plain answer by more than all of them together, weekends included.
        reach = 2 * len(days) + 7
        window = range(max(plain - reach, 1), plain + reach)
        position = bisect_left(window, number, key=lambda o: self.workday_number(date.fromordinal(o)))
        return date.fromordinal(window[position])

    @cached_property
    def _exceptions(self) -> tuple[list[int], list[int]]:
        """Ordinals of days that differ from the plain week, and the running sum of their effect."""
        days = sorted(day for day, worked in self.special.items() if worked != (day.weekday() < 5))
        effects = (1 if self.special[day] else -1 for day in days)
        return [day.toordinal() for day in days], list(accumulate(effects, initial=0))


def _plain_number(ordinal: int) -> int:
    """Weekdays from day 1 (a Monday) to `ordinal`, holidays unknown."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)


_known: Calendar | None = None
_checked_at = 0.0


def current_calendar() -> Calendar:
    """The calendar in force, kept in the process; its revision is read again every few seconds."""
    global _known, _checked_at
    now = time.monotonic()
    known = _known
    if known is not None and now - _checked_at < RECHECK_SECONDS:
        return known
    from .queries import load_calendar, newest_revision

    if known is None or newest_revision() != known.revision:
        known = load_calendar()
    _known, _checked_at = known, now
    return known


def forget_calendar() -> None:
    """Make the next `current_calendar` read everything again."""
    global _known
    _known = None
