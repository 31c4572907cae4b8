"""Dates and deadlines in templates: `{% load workdays_tags %}`."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html

from ..calendar import current_calendar
from ..phrases import deadline_phrase
from ..terms import TermUnit, last_day, local_day

register = template.Library()


@register.simple_tag
def deadline_tag(due: datetime | None, unit: str = TermUnit.WORKDAYS, verb: str = "") -> str:
    """The phrase as a tag, empty without a due time: `{% deadline_tag step.due_at verb="签收" %}`."""
    if not due:
        return ""
    phrase = deadline_phrase(due, timezone.now(), current_calendar(), unit, verb)
    return format_html('<span class="tag tag-{}" title="{}">{}</span>', phrase.level, until(due), phrase.text)


@register.filter
def deadline(due: datetime | None, unit: str = TermUnit.WORKDAYS) -> str:
    """`{{ case.due_at|deadline }}`, or with the term's unit: `{{ clock.due_at|deadline:clock.unit }}`."""
    return deadline_tag(due, unit)


@register.filter
def until(due: datetime | None) -> str:
    """The moment something is due; midnight is said as 24:00 of the last day."""
    if not due:
        return ""
    day, moment = last_day(due), timezone.localtime(due, timezone.get_default_timezone())
    clock = "24:00" if day != moment.date() else f"{moment:%H:%M}"
    return f"截止 {cn_date(day)} {clock}"


@register.filter
def due_day(due: datetime | None) -> date | None:
    """The last day in time: `{{ case.due_at|due_day|cn_date }}`."""
    return last_day(due) if due else None


@register.filter
def cn_date(value: date | datetime | None) -> str:
    """2026年11月22日"""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@register.filter
def cn_datetime(value: datetime | None) -> str:
    """2026年11月22日 09:30"""
    if not value:
        return ""
    return f"{cn_date(value)} {timezone.localtime(value, timezone.get_default_timezone()):%H:%M}"


@register.filter
def short_date(value: date | datetime | None) -> str:
    """11-22"""
    day = _day(value)
    return f"{day:%m-%d}" if day else ""


def _day(value: date | datetime | None) -> date | None:
    return local_day(value) if isinstance(value, datetime) else value or None
