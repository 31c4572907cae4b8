"""Deadlines are said in people's words."""

from datetime import date

import pytest
from django.template import Context, Template

from tests.workdays.test_calendar import OFFICIAL
from tests.workdays.test_terms import at
from yulin_gov.workdays.calendar import forget_calendar
from yulin_gov.workdays.phrases import deadline_phrase

FRIDAY_END = at("2026-11-28T00:00")


@pytest.mark.parametrize(
    ("now", "text", "level"),
    [
        ("2026-11-20T09:00", "剩余 5 个工作日", "ok"),
        ("2026-11-25T23:00", "剩余 2 个工作日", "ok"),
        ("2026-11-26T09:00", "明日到期", "soon"),
        ("2026-11-27T00:00", "今日到期", "soon"),
        ("2026-11-27T23:59:59", "今日到期", "soon"),
        ("2026-11-28T00:00", "已超期", "late"),  # a weekend: no working day has passed yet
        ("2026-11-30T09:00", "已超期 1 个工作日", "late"),
        ("2026-12-01T09:00", "已超期 2 个工作日", "late"),
    ],
)
def test_working_days(now, text, level):
    assert deadline_phrase(FRIDAY_END, at(now), OFFICIAL) == (text, level)


def test_on_friday_a_deadline_on_monday_presses():
    assert deadline_phrase(at("2026-11-24T00:00"), at("2026-11-20T09:00"), OFFICIAL) == (
        "剩余 1 个工作日",
        "soon",
    )


@pytest.mark.parametrize(
    ("due", "now", "text", "level"),
    [
        ("2027-01-20T00:00", "2026-11-20T09:00", "剩余 60 日", "ok"),
        ("2026-11-23T00:00", "2026-11-22T09:00", "今日到期", "soon"),
        ("2026-11-23T00:00", "2026-11-20T09:00", "剩余 2 日", "soon"),
        ("2026-11-23T00:00", "2026-11-24T09:00", "已超期 2 日", "late"),
    ],
)
def test_calendar_days(due, now, text, level):
    assert deadline_phrase(at(due), at(now), OFFICIAL, "days") == (text, level)


@pytest.mark.parametrize(
    ("now", "text", "level"),
    [
        ("2026-11-19T17:00", "签收剩余 10 个工作小时", "ok"),
        ("2026-11-20T17:30", "签收剩余 3 个工作小时", "soon"),
        ("2026-11-18T17:00", "签收剩余 17 个工作小时", "ok"),
        ("2026-11-22T10:00", "签收明日 10:00 到期", "soon"),
        ("2026-11-23T07:00", "签收剩余 3 小时", "soon"),
        ("2026-11-23T09:20", "签收剩余 40 分钟", "soon"),
        ("2026-11-23T09:59:59", "签收剩余 1 分钟", "soon"),
        ("2026-11-23T10:00", "签收已超期", "late"),
        ("2026-11-23T10:20", "签收已超期 20 分钟", "late"),
        ("2026-11-23T16:00", "签收已超期 3 小时", "late"),
    ],
)
def test_working_hours_with_a_verb(now, text, level):
    assert deadline_phrase(at("2026-11-23T10:00"), at(now), OFFICIAL, "hours", "签收") == (text, level)


def test_a_last_day_that_is_a_day_off_is_named():
    assert deadline_phrase(at("2026-02-18T00:00"), at("2026-02-15T09:00"), OFFICIAL) == (
        "2月17日到期",
        "soon",
    )


def _render(text: str, **values) -> str:
    return Template("{% load workdays_tags %}" + text).render(Context(values))


def test_dates_in_templates():
    moment = at("2026-11-03T23:30")
    assert _render("{{ d|cn_date }} {{ d|short_date }}", d=date(2026, 11, 3)) == "2026年11月3日 11-03"
    assert _render("{{ d|cn_date }}，{{ d|cn_datetime }}", d=moment) == "2026年11月3日，2026年11月3日 23:30"
    assert _render("{{ d|cn_date }}{{ d|short_date }}{{ d|cn_datetime }}{{ d|deadline }}", d=None) == ""
    assert _render("{{ d|due_day|cn_date }} {{ d|until }}", d=FRIDAY_END) == (
        "2026年11月27日 截止 2026年11月27日 24:00"
    )


@pytest.mark.django_db
def test_a_deadline_is_a_tag_with_a_word_a_level_and_the_exact_moment():
    forget_calendar()
    late = _render("{{ d|deadline }}", d=at("2024-11-28T00:00"))
    assert late.startswith('<span class="tag tag-late" title="截止 2024年11月27日 24:00">已超期 ')
    hours = _render('{% deadline_tag d unit="hours" verb="<签收>" %}', d=at("2024-11-28T10:00"))
    assert 'title="截止 2024年11月28日 10:00">&lt;签收&gt;已超期 ' in hours
