"""Editing the calendar. Every edit is one numbered revision with a reason.

Each action takes the calendar's lock, writes the change and its revision in one transaction, and
after commit forgets the process's copy and sends `signals.calendar_changed`.
"""

from collections.abc import Iterable
from datetime import date
from functools import partial
from itertools import pairwise

from django.db import connection, transaction

from yulin_gov.refused import Refused

from .calendar import forget_calendar
from .models import FIRST_YEAR, LAST_YEAR, CalendarRevision, CalendarYear, SpecialDay
from .seeding import OfficialDay
from .signals import calendar_changed

ENTERED = "管理员录入"


@transaction.atomic
def set_day(day: date, *, is_workday: bool, name: str, by_id: int | None, reason: str) -> CalendarRevision:
    """Make `day` worked (调休) or free (放假), whatever the plain week says.

    Refused for a day outside the calendar, an empty name or reason, or where nothing would change.
    """
    _check_year(day.year, field="date")
    name = _clean(name, "请填写名称，例如“春节”或“春节调休”。", 60, field="name")
    reason = _clean(reason, "请填写修订原因。", 300, field="reason")
    _lock_calendar()
    known = SpecialDay.objects.filter(date=day).first()
    if known and (known.is_workday, known.name) == (is_workday, name):
        raise Refused(f"{_say(day)}已是{_kind(is_workday)}（{name}），无需修改。", field="date")
    SpecialDay.objects.update_or_create(
        date=day, defaults={"is_workday": is_workday, "name": name, "source": ENTERED}
    )
    return _revise(f"{_say(day)}设为{_kind(is_workday)}（{name}）", reason, by_id, day, day)


@transaction.atomic
def clear_day(day: date, *, by_id: int | None, reason: str) -> CalendarRevision:
    """Let `day` follow the plain week again. Refused where it already does."""
    reason = _clean(reason, "请填写修订原因。", 300, field="reason")
    _lock_calendar()
    deleted, _ = SpecialDay.objects.filter(date=day).delete()
    if not deleted:
        raise Refused(f"{_say(day)}没有特殊安排，无需清除。", field="date")
    return _revise(f"{_say(day)}恢复为{_kind(day.weekday() < 5)}", reason, by_id, day, day)


@transaction.atomic
def confirm_year(year: int, *, notice: str, by_id: int | None, reason: str) -> CalendarRevision:
    """Confirm that the days entered for `year` are those of the official `notice`.

    Refused while no day has been entered: no year is without holidays.
    """
    _check_year(year, field="year")
    notice = _clean(notice, "请填写通知的标题和文号。", 2000, field="notice")
    reason = _clean(reason, "请填写修订原因。", 300, field="reason")
    _lock_calendar()
    if not SpecialDay.objects.filter(date__year=year).exists():
        raise Refused(f"{year}年尚未录入任何节假日，请先录入再确认。", field="year")
    CalendarYear.objects.update_or_create(year=year, defaults={"official": True, "notice": notice})
    return _revise(f"确认{year}年节假日安排", reason, by_id, date(year, 1, 1), date(year, 12, 31))


@transaction.atomic
def adopt_notice(
    year: int, days: Iterable[OfficialDay], *, notice: str, by_id: int | None, reason: str
) -> CalendarRevision:
    """Replace all special days of `year` by those of its official notice, in one revision.

    Refused for days of another year, a day named twice, or no holiday at all.
    """
    _check_year(year, field="year")
    notice = _clean(notice, "请填写通知的标题和文号。", 2000, field="notice")
    reason = _clean(reason, "请填写修订原因。", 300, field="reason")
    days = sorted(days)
    if all(day.is_workday for day in days):
        raise Refused(f"{year}年的安排中没有节假日，请检查后重新录入。", field="days")
    for earlier, later in pairwise(days):
        if earlier.date == later.date:
            raise Refused(f"{_say(later.date)}重复出现，请只保留一行。", field="days")
    for day in days:
        if day.date.year != year:
            raise Refused(f"{_say(day.date)}不属于{year}年，请检查后重新录入。", field="days")
    named = [
        SpecialDay(
            date=day.date,
            is_workday=day.is_workday,
            name=_clean(day.name, f"请填写{_say(day.date)}的名称。", 60, field="days"),
            source=notice[:200],
        )
        for day in days
    ]
    _lock_calendar()
    SpecialDay.objects.filter(date__year=year).delete()
    SpecialDay.objects.bulk_create(named)
    CalendarYear.objects.update_or_create(year=year, defaults={"official": True, "notice": notice})
    return _revise(f"录入{year}年节假日安排", reason, by_id, date(year, 1, 1), date(year, 12, 31))


def _lock_calendar() -> None:
    """One editor at a time: a revision must not become visible before a lower one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('workdays.calendar'))")


def _revise(summary: str, reason: str, by_id: int | None, first: date, last: date) -> CalendarRevision:
    revision = CalendarRevision.objects.create(
        summary=summary, reason=reason, by_id=by_id, first_day=first, last_day=last
    )
    announce = partial(
        calendar_changed.send, CalendarRevision, revision=revision.number, first_day=first, last_day=last
    )
    transaction.on_commit(forget_calendar)
    # A listener's failure must not look like a failed edit: the edit is committed.
    transaction.on_commit(announce, robust=True)
    return revision


def _check_year(year: int, *, field: str) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(f"工作日历只覆盖{FIRST_YEAR}年至{LAST_YEAR}年。", field=field)


def _clean(text: str, if_empty: str, longest: int, *, field: str) -> str:
    text = text.strip()
    if not text:
        raise Refused(if_empty, field=field)
    if "\x00" in text:
        raise Refused("文字中含有无法识别的字符，请删除后重试。", field=field)
    if len(text) > longest:
        raise Refused(f"文字过长，请控制在{longest}字以内。", field=field)
    return text


def _say(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _kind(is_workday: bool) -> str:
    return "工作日" if is_workday else "休息日"
