"""Deadlines are a projection of their ledger: pausing conserves, extending adds, calendars move."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.workdays.test_calendar import OFFICIAL
from yulin_gov.casework import actions
from yulin_gov.casework.clocks import project, written
from yulin_gov.casework.models import Case, CaseEvent, CaseUnit, Clock, ClockEntry
from yulin_gov.casework.verification import verify_events
from yulin_gov.notices.models import Notice
from yulin_gov.refused import Refused
from yulin_gov.workdays import actions as calendars
from yulin_gov.workdays.calendar import current_calendar
from yulin_gov.workdays.terms import due_at, left_at, shift

from .procedures import open_step

moments = st.datetimes(datetime(2024, 1, 1), datetime(2025, 9, 1), timezones=st.just(UTC))
units = st.sampled_from(["workdays", "days", "hours"])
gaps = st.timedeltas(timedelta(minutes=1), timedelta(days=40))


class Line:
    def __init__(self, verb, at, amount=0):
        self.verb, self.at, self.amount = verb, at, amount


@given(moments, st.integers(1, 60), units, st.lists(st.tuples(gaps, gaps), max_size=4))
def test_pauses_conserve_what_is_left(start, amount, unit, pauses):
    lines, at = [Line("start", start)], start
    for worked, rested in pauses:
        due = project(amount, unit, lines, OFFICIAL).due_at
        stop = min(at + worked, due - timedelta(seconds=1))  # what is late is never paused
        left = left_at(stop, due, unit, OFFICIAL)
        at = stop + rested
        lines += [Line("pause", stop), Line("resume", at)]
        assert project(amount, unit, lines[:-1], OFFICIAL).left == left
        after = project(amount, unit, lines, OFFICIAL)
        assert left_at(at, after.due_at, unit, OFFICIAL) == left
        assert after.due_at > at - timedelta(seconds=1)


@given(moments, st.integers(1, 60), units, gaps, gaps, st.integers(1, 30))
def test_extending_while_paused_gives_the_same_as_extending_before(start, amount, unit, worked, rested, more):
    due = project(amount, unit, [Line("start", start)], OFFICIAL).due_at
    stop = min(start + worked, due - timedelta(seconds=1))
    pause, resume, extend = Line("pause", stop), Line("resume", stop + rested), Line("extend", stop, more)
    during = project(amount, unit, [Line("start", start), pause, extend, resume], OFFICIAL)
    before = project(amount, unit, [Line("start", start), extend, pause, resume], OFFICIAL)
    afterwards = project(amount, unit, [Line("start", start), pause, resume, extend], OFFICIAL)
    assert during == before
    if unit != "hours":  # seconds are rounded down at each pause
        assert during == afterwards


@given(moments, st.integers(1, 60), units, gaps, st.integers(1, 30))
def test_extension_and_restart_are_what_they_say(start, amount, unit, later, more):
    plain = project(amount, unit, [Line("start", start)], OFFICIAL)
    assert plain.due_at == due_at(start, amount, unit, OFFICIAL)
    longer = project(amount, unit, [Line("start", start), Line("extend", start + later, more)], OFFICIAL)
    assert (
        longer.due_at
        == shift(plain.due_at, more, unit, OFFICIAL)
        == due_at(start, amount + more, unit, OFFICIAL)
    )
    anew = project(
        amount, unit, [Line("start", start), Line("pause", start), Line("restart", start + later)], OFFICIAL
    )
    assert anew == project(amount, unit, [Line("start", start + later)], OFFICIAL)


@given(moments, st.integers(1, 60), units, gaps)
def test_stopping_keeps_the_due_date_and_reopening_goes_on_as_if_never_stopped(start, amount, unit, later):
    running = [Line("start", start)]
    due = project(amount, unit, running, OFFICIAL).due_at
    stopped = [*running, Line("stop", start + later)]
    assert project(amount, unit, stopped, OFFICIAL).due_at == due
    assert project(amount, unit, [*stopped, Line("reopen", start + 2 * later)], OFFICIAL) == project(
        amount, unit, running, OFFICIAL
    )
    paused = [*running, Line("pause", start)]
    again = [*paused, Line("stop", start + later), Line("reopen", start + later)]
    assert project(amount, unit, again, OFFICIAL) == project(amount, unit, paused, OFFICIAL)


# -- in the database ----------------------------------------------------------------------


def promised(case):
    return Clock.objects.get(case=case, name="promised")


def test_every_copy_of_the_due_time_follows_the_clock(city, simple):
    case = simple()
    actions.extend_clock(case, "promised", by=city.as_("庞洁"), amount=5, reason="情况复杂")
    due = promised(case).due_at
    step = open_step(case)
    assert Case.objects.get(pk=case.pk).due_at == due == CaseUnit.objects.get(case=case).due_at
    assert step.due_at == Clock.objects.get(step=step).due_at < due
    actions.pause_clock(case, "promised", by=city.as_("庞洁"), reason="专家评审", legal_basis="第四十五条")
    assert Case.objects.get(pk=case.pk).due_at is None is CaseUnit.objects.get(case=case).due_at
    actions.resume_clock(case, "promised", by=city.as_("庞洁"), reason="评审结束")
    assert Case.objects.get(pk=case.pk).due_at == due  # the same day: nothing was lost
    assert CaseEvent.objects.get(case=case, verb="casework.clock_resumed").data["due_at"] == written(due)
    assert verify_events().faults == []


def test_clocks_refuse_what_makes_no_sense(city, simple):
    case, by = simple(), city.as_("庞洁")
    why = {"by": by, "reason": "原因", "legal_basis": "依据"}
    for act, field in (
        (lambda: actions.extend_clock(case, "promised", by=by, amount=0, reason="x"), "amount"),
        (lambda: actions.extend_clock(case, "promised", by=by, amount=1, reason=" "), "reason"),
        (lambda: actions.pause_clock(case, "promised", by=by, reason="x", legal_basis=""), "legal_basis"),
        (lambda: actions.restart_clock(case, "promised", by=by, reason="x", legal_basis=""), "legal_basis"),
        (lambda: actions.resume_clock(case, "promised", by=by, reason="x"), None),
        (lambda: actions.pause_clock(case, "nothing", **why), None),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.field == field
    actions.pause_clock(case, "promised", **why)
    with pytest.raises(Refused, match="已处于停表"):
        actions.pause_clock(case, "promised", **why)


def test_an_extension_reminds_anew_of_what_lies_ahead_again(city, simple):
    case = simple()
    first = promised(case)
    actions.sweep_deadlines(now=first.due_at + timedelta(hours=1))
    assert promised(case).alerts_done == 2
    actions.extend_clock(case, "promised", by=city.as_("庞洁"), amount=5, reason="情况复杂")
    assert promised(case).alerts_done == 0
    assert promised(case).next_alert_at > first.due_at


def in_workdays(n):
    return current_calendar().add_workdays(timezone.localdate(), n)


def holiday(day, is_workday=False):
    calendars.set_day(day, is_workday=is_workday, name="临时调休", by_id=None, reason="政府通知")


def test_a_changed_calendar_recounts_open_clocks_with_an_event(city, simple):
    case, paused, closed = simple(), simple(), simple()
    actions.pause_clock(paused, "promised", by=city.as_("庞洁"), reason="评审", legal_basis="第四十五条")
    actions.close_case(closed, by=city.as_("梁敏"))
    before, kept, day = promised(case).due_at, promised(closed).due_at, in_workdays(5)
    holiday(day)
    try:
        actions.recount_clocks()
        after = promised(case).due_at
        assert after == shift(before, 1, "workdays", current_calendar()) > before
        assert Case.objects.get(pk=case.pk).due_at == after
        event = CaseEvent.objects.get(case=case, verb="casework.clocks_recounted")
        assert event.data["clocks"]["promised"] == [written(before), written(after)]
        entry = ClockEntry.objects.filter(clock=promised(case)).latest("id")
        assert (entry.verb, entry.due_at) == ("recount", after)
        assert promised(closed).due_at == kept  # what is over stays as it was
        assert not CaseEvent.objects.filter(case=closed, verb="casework.clocks_recounted").exists()
        actions.resume_clock(paused, "promised", by=city.as_("庞洁"), reason="评审结束")
        assert promised(paused).due_at == after
        assert actions.recount_clocks() == 0
        assert verify_events().faults == []
    finally:
        calendars.forget_calendar()


def test_recounting_neither_repeats_nor_misses_a_reminder(city, plain):
    reminded, fresh = plain(), plain()
    Clock.objects.filter(case=fresh).update(next_alert_at=None)  # the sweep has not come by
    due = promised(reminded).due_at
    actions.sweep_deadlines(now=due - timedelta(hours=20))  # one working day before
    assert promised(reminded).alerts_done == 1
    sent = Notice.objects.filter(kind="deadline").count()
    try:
        holiday(in_workdays(3))  # everything moves a day later, so remind again then
        actions.recount_clocks()
        assert (promised(reminded).alerts_done, promised(fresh).alerts_done) == (0, 0)
        moved = promised(reminded).due_at
        assert promised(reminded).next_alert_at == promised(fresh).next_alert_at
        actions.sweep_deadlines(now=due - timedelta(hours=20))
        assert Notice.objects.filter(kind="deadline").count() == sent  # not yet
        actions.sweep_deadlines(now=moved - timedelta(hours=1))
        assert promised(reminded).alerts_done == promised(fresh).alerts_done == 1
    finally:
        calendars.forget_calendar()


def test_a_reminder_moves_with_the_calendar_even_where_the_day_does_not(city, simple):
    case = simple()
    clock = promised(case)
    # The day before the last becomes a holiday, and a day of rest in between is worked instead.
    calendar = current_calendar()
    rest = next(
        day
        for day in (timezone.localdate() + timedelta(days=n) for n in range(1, 9))
        if not calendar.is_workday(day)
    )
    try:
        holiday(in_workdays(4))
        holiday(rest, is_workday=True)
        actions.recount_clocks()
        now = promised(case)
        if now.due_at == clock.due_at:
            assert now.next_alert_at == shift(now.due_at, -1, "workdays", current_calendar())
            assert now.next_alert_at != clock.next_alert_at
        assert now.calendar_revision == current_calendar().revision
    finally:
        calendars.forget_calendar()
