"""The official calendar 2004 to 2026, as the State Council's yearly notices set it."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

SEEDED_YEARS = range(2004, 2027)


class OfficialDay(NamedTuple):
    date: date
    is_workday: bool
    name: str


def official_days(years: range) -> Iterator[OfficialDay]:
    """The days `chinesecalendar` knows in `years`: holidays and make-up workdays, named in Chinese."""
    from chinese_calendar.constants import Holiday, holidays, workdays

    names = {holiday.value: _formal(holiday.chinese) for holiday in Holiday}
    for day, key in holidays.items():
        if day.year in years:
            yield OfficialDay(day, False, names[key])
    for day, key in workdays.items():
        if day.year in years:
            yield OfficialDay(day, True, f"{names[key]}调休")


def official_notice(year: int) -> str:
    """The title under which the year's arrangement is published."""
    return f"国务院办公厅关于{year}年部分节假日安排的通知"


def seed_calendar(apps, using: str = "default") -> None:
    """Fill an empty calendar; one that has any revision is left alone.

    `apps` is the app registry, or a migration's state of it.
    """
    revisions = apps.get_model("workdays", "CalendarRevision").objects.using(using)
    if revisions.exists():
        return
    special_day = apps.get_model("workdays", "SpecialDay")
    calendar_year = apps.get_model("workdays", "CalendarYear")
    special_day.objects.using(using).bulk_create(
        [
            special_day(**day._asdict(), source=official_notice(day.date.year))
            for day in official_days(SEEDED_YEARS)
        ],
        ignore_conflicts=True,
    )
    calendar_year.objects.using(using).bulk_create(
        [calendar_year(year=year, official=True, notice=official_notice(year)) for year in SEEDED_YEARS],
        ignore_conflicts=True,
    )
    revisions.create(
        summary=f"{SEEDED_YEARS[0]}至{SEEDED_YEARS[-1]}年节假日和调休安排",
        reason="初始数据",
        first_day=date(SEEDED_YEARS[0], 1, 1),
        last_day=date(SEEDED_YEARS[-1], 12, 31),
    )


def _formal(name: str) -> str:
    """清明 is the solar term, 清明节 the holiday; likewise for the others."""
    return {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}.get(name, name)
