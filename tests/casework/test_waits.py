"""Waits pause clocks and give back exactly what was left; children end their parent's wait."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from yulin_gov.casework import actions
from yulin_gov.casework.enums import Origin
from yulin_gov.casework.models import Case, Clock, ClockEntry, EventQueue, Timer
from yulin_gov.casework.participants import Participant
from yulin_gov.casework.procedures import CHILDREN_CLOSED, ClockRule, Route, Stage, Term
from yulin_gov.casework.verification import verify_events
from yulin_gov.workdays.calendar import current_calendar
from yulin_gov.workdays.terms import left_at

from .procedures import open_step

CLOCKS = [ClockRule("statutory", "法定时限", Term(20)), ClockRule("promised", "承诺时限", Term(10))]
CHECK = Stage(
    "check", "审查", "drafter", (Route("ask", "补正", to="wait"), Route("ok", "办结", closes_as="done"))
)
WAIT = Stage(
    "wait", "补正", "letter_clerk", (Route("got", "已补正", to="check"),), "wait", pauses=("statutory",)
)


def clock(case, name):
    return Clock.objects.get(case=case, name=name)


def demo(city, opened, days_ago):
    """A demonstration case opened that many days ago: it may be handled at past times."""
    start = timezone.now() - timedelta(days=days_ago)
    return opened(origin=Origin.DEMO, at=start), start


def test_a_wait_pauses_the_clocks_it_names_and_conserves_what_is_left(city, defining):
    case, start = demo(city, defining([CHECK, WAIT], CLOCKS), 60)
    asked, got = start + timedelta(days=3), start + timedelta(days=17)
    due, promised = clock(case, "statutory").due_at, clock(case, "promised").due_at
    actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="ask", at=asked)
    paused = clock(case, "statutory")
    assert (paused.state, paused.due_at, paused.next_alert_at) == ("paused", None, None)
    assert clock(case, "promised").state == "running"  # not named
    assert Case.objects.get(pk=case.pk).due_at == promised
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="got", at=got)
    resumed, calendar = clock(case, "statutory"), current_calendar()
    left = [left_at(asked, due, "workdays", calendar), left_at(got, resumed.due_at, "workdays", calendar)]
    assert left[0] == left[1] and resumed.state == "running"
    assert list(ClockEntry.objects.filter(clock=resumed).order_by("id").values_list("verb", flat=True)) == [
        "start", "pause", "resume",
    ]  # fmt: skip


def test_a_wait_does_not_heal_what_is_late_and_resumes_only_what_it_paused(city, defining):
    opened = defining([CHECK, WAIT], CLOCKS)
    late, start = demo(city, opened, 90)
    actions.take_step(open_step(late), by=city.as_("陈刚"), outcome="ask", at=start + timedelta(days=60))
    assert clock(late, "statutory").state == "running"
    by_hand = opened()
    actions.pause_clock(
        by_hand, "statutory", by=city.as_("陈刚"), reason="专家评审", legal_basis="第四十五条"
    )
    actions.take_step(open_step(by_hand), by=city.as_("陈刚"), outcome="ask")
    actions.take_step(open_step(by_hand), by=city.as_("梁敏"), outcome="got")
    assert clock(by_hand, "statutory").state == "paused"  # the experts are not done


def test_a_wait_that_was_handed_on_still_gives_back_what_it_paused(city, defining):
    wait = replace(WAIT, role="drafter", adhoc=("forward",))
    case = defining([CHECK, wait], CLOCKS)()
    actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="ask")
    lina = Participant(city.unit("市城管局"), person_id=city.people["李娜"].pk)
    actions.forward_step(open_step(case), by=city.as_("陈刚"), to=lina)
    assert clock(case, "statutory").state == "paused"
    actions.take_step(open_step(case), by=city.as_("李娜"), outcome="got")
    assert clock(case, "statutory").state == "running"


def test_closing_during_a_wait_ends_everything(city, defining):
    case = defining([CHECK, WAIT], CLOCKS)()
    actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="ask")
    actions.close_case(case, by=city.as_("梁敏"))
    assert set(Clock.objects.filter(case=case).values_list("state", flat=True)) == {"stopped"}
    actions.close_case(case, by=city.as_("梁敏"))  # a second click does nothing
    assert verify_events().faults == []


# -- children -----------------------------------------------------------------------------

SPLIT = Stage("split", "分办", "letter_clerk", (Route("go", "联合办理", to="together"),))
TOGETHER = Stage(
    "together", "联合审批", "letter_clerk", (Route(CHILDREN_CLOSED, "各单位已办结", to="sum"),), "wait"
)
SUM = Stage("sum", "汇总", "letter_clerk", (Route("ok", "办结", closes_as="done"),))
CHILD = Stage("decide", "审批", "drafter", (Route("ok", "同意", closes_as="granted"),))


@pytest.fixture
def joint(city, defining):
    """A parent that waits for its children, and functions that open them."""
    parent, child = defining([SPLIT, TOGETHER, SUM]), defining([CHILD])
    case = parent()
    return case, [child(parent=case, unit=city.unit(name)) for name in ("市城管局", "市教育局")]


def finish(city, child):
    name = {"市城管局": "陈刚", "市教育局": "钟伟"}[child.unit.short_name]
    actions.take_step(open_step(child), by=city.as_(name), outcome="ok")


def test_the_last_childs_end_advances_the_parent(city, joint):
    parent, children = joint
    actions.take_step(open_step(parent), by=city.as_("梁敏"), outcome="go")
    finish(city, children[0])
    actions.drain_events()
    assert open_step(parent).stage_key == "together"
    finish(city, children[1])
    actions.drain_events()
    assert open_step(parent).stage_key == "sum"
    assert not EventQueue.objects.filter(reader="children").exists()
    assert verify_events().faults == []


def test_children_that_ended_before_the_parent_waits_are_not_waited_for(city, joint):
    parent, children = joint
    for child in children:
        finish(city, child)
    actions.drain_events()
    actions.take_step(open_step(parent), by=city.as_("梁敏"), outcome="go")
    actions.drain_events()
    assert open_step(parent).stage_key == "sum"


def test_a_parent_without_children_goes_on_waiting_and_other_waits_are_left_alone(city, defining):
    parent = defining([SPLIT, TOGETHER, SUM])()
    actions.take_step(open_step(parent), by=city.as_("梁敏"), outcome="go")
    actions.drain_events()
    assert open_step(parent).stage_key == "together"
    other = defining([CHECK, WAIT], CLOCKS)()
    actions.take_step(open_step(other), by=city.as_("陈刚"), outcome="ask")
    finish(city, defining([CHILD])(parent=other))
    actions.drain_events()
    assert open_step(other).stage_key == "wait"
    assert not EventQueue.objects.filter(reader="children").exists()


def test_a_failing_reader_keeps_its_rows_and_holds_up_no_other(city, joint):
    from yulin_gov.casework.events import Reader, forget_reader, register_reader

    def fail(event):
        raise RuntimeError("reader is broken")

    register_reader(Reader("a_broken_one", ("casework.",), fail))
    try:
        parent, children = joint
        actions.take_step(open_step(parent), by=city.as_("梁敏"), outcome="go")
        for child in children:
            finish(city, child)
        actions.drain_events(limit=3)
        assert open_step(parent).stage_key == "sum"
        assert EventQueue.objects.filter(reader="a_broken_one").exists()
    finally:
        forget_reader("a_broken_one")


# -- timers -------------------------------------------------------------------------------


def test_a_timer_runs_once_and_not_at_all_after_the_case_has_closed(city, simple):
    from yulin_gov.casework import timers

    fired = []
    timers._actions["test.timer"] = lambda case, subject: fired.append((case.pk, subject))
    now = timezone.now()
    one, closed = simple(), simple()
    actions.set_timer(one, "test.timer", now - timedelta(seconds=1), subject=7)
    actions.set_timer(one, "test.timer", now + timedelta(hours=1))
    actions.set_timer(closed, "test.timer", now - timedelta(seconds=1))
    actions.close_case(closed, by=city.as_("梁敏"))
    assert actions.sweep_deadlines(now=now).timers == 1
    assert actions.sweep_deadlines(now=now).timers == 0
    assert fired == [(one.pk, 7)]
    assert Timer.objects.get(case=closed).cancelled_at is not None
    with pytest.raises(KeyError):
        actions.set_timer(one, "test.unknown", now)


def test_a_failing_timer_is_undone_tried_again_and_holds_up_no_other(city, simple):
    from yulin_gov.casework import timers

    fired = []

    def fail(case, subject):
        Case.objects.filter(pk=case.pk).update(title="半途而废")
        raise RuntimeError("timer is broken")

    timers._actions["test.broken"], timers._actions["test.fine"] = (
        fail,
        lambda case, subject: fired.append(case),
    )
    now = timezone.now()
    case = simple()
    actions.set_timer(case, "test.broken", now - timedelta(hours=1))
    actions.set_timer(simple(), "test.fine", now)
    assert actions.sweep_deadlines(now=now).timers == 1 and len(fired) == 1
    assert Case.objects.get(pk=case.pk).title != "半途而废"
    assert Timer.objects.get(case=case).done_at is None
