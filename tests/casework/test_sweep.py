"""Reminders come by themselves: before, at and after the deadline, to the right people, once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from yulin_gov.casework import actions, kinds
from yulin_gov.casework.enums import Origin
from yulin_gov.casework.models import Case, CaseEvent, Clock
from yulin_gov.casework.procedures import Alert, ClockRule, Route, Stage, Term
from yulin_gov.casework.verification import verify_events
from yulin_gov.notices.delivery import expand_notices
from yulin_gov.notices.models import Notice, NoticeDelivery

from .procedures import open_step


def told(kind="deadline"):
    """(title's beginning, who) of every reminder that reached an inbox."""
    expand_notices()
    rows = NoticeDelivery.objects.filter(notice__kind=kind, channel="inbox")
    return sorted(rows.values_list("notice__title", "user__full_name"))


def people(kind="deadline"):
    return sorted(name for _, name in told(kind))


def test_reminders_go_to_the_holder_then_the_clerk_then_the_leader_each_once(city, plain):
    case = plain()
    due = Case.objects.get(pk=case.pk).due_at
    for moment, expected in (
        (due - timedelta(days=10), []),
        (due - timedelta(hours=20), ["李娜", "陈刚"]),
        (due, ["李娜", "梁敏", "陈刚"]),
        (due + timedelta(days=4), ["庞洁"]),
        (due + timedelta(days=90), []),
    ):
        before = people()
        for _ in range(2):  # a second sweep says nothing
            actions.sweep_deadlines(now=moment)
        after = people()
        for name in before:
            after.remove(name)
        assert after == sorted(expected)
    assert CaseEvent.objects.filter(case=case, verb="casework.alerted").count() == 3
    assert Clock.objects.get(case=case).next_alert_at is None
    late = Notice.objects.filter(kind="deadline", role="leader").get()
    assert late.urgent and "超期" in late.title
    assert verify_events().faults == []


def test_a_claimed_step_reminds_its_holder_only(city, plain):
    case = plain()
    actions.claim_step(open_step(case), by=city.as_("李娜"))
    actions.sweep_deadlines(now=Case.objects.get(pk=case.pk).due_at - timedelta(hours=20))
    assert people() == ["李娜"]


def test_a_step_clock_reminds_the_step_s_unit(city, simple):
    case = simple()
    step = open_step(case)
    actions.sweep_deadlines(now=step.due_at)
    assert people() == ["梁敏"]
    assert CaseEvent.objects.get(case=case, verb="casework.alerted").step == step
    actions.take_step(step, by=city.as_("梁敏"), outcome="accept")  # its second reminder is void
    assert Clock.objects.get(step=step).next_alert_at is None


def test_nobody_is_woken_for_a_case_that_has_closed(city, plain):
    case = plain()
    actions.sweep_deadlines(now=Case.objects.get(pk=case.pk).due_at)
    actions.close_case(case, by=city.as_("梁敏"))
    assert people() == []
    assert actions.sweep_deadlines(now=timezone.now() + timedelta(days=90)).alerts == 0


def test_a_short_term_does_not_begin_with_a_reminder(city, defining):
    rule = ClockRule("promised", "时限", Term(1), alerts=(Alert(-3), Alert(0)))
    case = defining([Stage("a", "办理", "drafter", (Route("ok", "办结", closes_as="x"),))], [rule])()
    assert actions.sweep_deadlines().alerts == 0
    assert Clock.objects.get(case=case).next_alert_at == Clock.objects.get(case=case).due_at


def test_what_had_elapsed_when_a_record_was_taken_over_is_not_sent(city, plain):
    long_ago = timezone.now() - timedelta(days=300)
    for origin in (Origin.IMPORT, Origin.DEMO, Origin.REPORT):
        plain(origin=origin, at=long_ago)
    assert actions.sweep_deadlines().alerts == 0
    assert not Notice.objects.exists()
    with pytest.raises(ValueError, match="only import and seeding"):
        plain(at=long_ago)


def test_reminders_still_ahead_of_a_taken_over_record_are_sent(city, plain):
    case = plain(origin=Origin.IMPORT, at=timezone.now() - timedelta(hours=1))
    actions.sweep_deadlines(now=Case.objects.get(pk=case.pk).due_at)
    assert people()


def test_more_than_the_limit_are_served_in_the_order_they_fell_due(city, plain):
    cases = [plain() for _ in range(7)]
    for place, case in enumerate(cases):
        Clock.objects.filter(case=case).update(next_alert_at=timezone.now() - timedelta(minutes=place))
    done = [actions.sweep_deadlines(limit=3).alerts for _ in range(4)]
    assert done == [3, 3, 1, 0]
    events = CaseEvent.objects.filter(verb="casework.alerted").order_by("id")
    assert set(events.values_list("case", flat=True)[:3]) == {c.pk for c in cases[-3:]}


def test_a_case_that_cannot_be_reminded_of_holds_up_no_other(city, plain, defining, caplog):
    broken = defining([Stage("a", "办理", "drafter", (Route("ok", "办结", closes_as="x"),))], [
        ClockRule("promised", "时限", Term(1), alerts=(Alert(0),))
    ])  # fmt: skip
    lost, good = broken(), plain()
    kind = kinds._kinds.pop(broken.key)  # its app has been taken out
    try:
        done = actions.sweep_deadlines(now=Case.objects.get(pk=good.pk).due_at)
    finally:
        kinds._kinds[broken.key] = kind
    assert done.alerts == 2
    assert CaseEvent.objects.filter(case=good, verb="casework.alerted").count() == 2
    assert f"case {lost.pk} cannot be reminded of" in caplog.text


def test_the_sweep_costs_the_same_number_of_statements_for_one_case_and_for_many(city, plain):
    def cost():
        now = Clock.objects.filter(state="running").latest("due_at").due_at
        with CaptureQueriesContext(connection) as statements:
            assert actions.sweep_deadlines(now=now).alerts
        return len(statements)

    plain()
    first = cost()
    for _ in range(12):
        plain()
    assert cost() <= first + 1
