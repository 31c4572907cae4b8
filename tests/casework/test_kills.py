"""A process killed between any two statements leaves everything or nothing, and repeating works."""

import os
import signal
import sys
import traceback
from contextlib import suppress

import pytest
from django.db import connection, transaction

from yulin_gov.casework import actions, timers
from yulin_gov.casework.actions import CaseDraft, open_cases
from yulin_gov.casework.models import Case, CaseEvent, Clock, EventAnchor, EventQueue, Step
from yulin_gov.casework.verification import verify_events
from yulin_gov.notices.models import Notice

from .procedures import open_step, outcomes

pytestmark = pytest.mark.usefixtures("committed_db")
DONE = 0


def kill_before(place: int, work) -> bool:
    """Run `work` in a process of its own that is killed (SIGKILL) before its `place`-th statement
    or commit; true where it came to its end before that."""
    connection.ensure_connection()
    child = os.fork()
    if child == 0:
        try:
            connection.connection = None  # the parent's; psycopg2 closes it in no other process
            _work_until(place, work)
            os._exit(DONE)
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
            os._exit(3)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.WEXITSTATUS(status) == DONE
    return True


def _work_until(place: int, work) -> None:
    left = place

    def count() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(execute, *args):
        count()
        return execute(*args)

    commit = connection.commit

    def counted_commit():
        count()
        commit()
        count()  # committed, and nobody has been told yet

    connection.commit = counted_commit
    with connection.execute_wrapper(before):
        work()


def every_kill(work, check, most: int = 80) -> int:
    """Kill `work` at every place in turn, checking each time; how many places there were."""
    for place in range(most):
        finished = kill_before(place, work)
        check()
        if finished:
            assert verify_events().faults == []
            return place
    raise AssertionError(f"more than {most} statements")


def test_opening_is_whole_or_nothing(city, simple):
    def work():
        drafts = [CaseDraft("test.simple", f"第{n}件", city.unit("市城管局")) for n in range(3)]
        open_cases(drafts)

    def check():
        cases = Case.objects.count()
        assert cases % 3 == 0
        assert cases == Step.objects.count() == CaseEvent.objects.count() == Notice.objects.count()
        assert cases * 2 == Clock.objects.count()

    assert every_kill(work, check) > 8


def test_taking_a_step_is_whole_or_nothing(city, simple):
    case, clerk = simple(), city.as_("梁敏")

    def check():
        taken = outcomes(case) != [("accept", "")]
        assert outcomes(case) == ([("accept", "accept"), ("draft", "")] if taken else [("accept", "")])
        assert CaseEvent.objects.filter(verb="casework.step_taken").count() == taken
        assert Notice.objects.filter(title="新待办：承办").count() == taken

    def work_once():  # the second time somebody else has been quicker
        with suppress(actions.AlreadyTaken):
            actions.take_step(step, by=clerk, outcome="accept")

    step = open_step(case)
    assert every_kill(work_once, check) > 8
    assert outcomes(case)[-1] == ("draft", "")


def test_a_sweep_that_dies_warns_neither_twice_nor_never(city, plain):
    cases = [plain() for _ in range(3)]
    due = Case.objects.get(pk=cases[0].pk).due_at
    fired = "test.kill"
    timers._actions[fired] = lambda case, subject: Case.objects.filter(pk=case.pk).update(urgency="urgent")
    with transaction.atomic():
        actions.set_timer(cases[0], fired, due)

    def check():
        alerted = CaseEvent.objects.filter(verb="casework.alerted").count()
        assert alerted in (0, 6)
        assert Notice.objects.filter(kind="deadline").count() == alerted // 6 * 9
        ran = CaseEvent.objects.filter(verb="casework.timer_fired").count()
        assert Case.objects.filter(urgency="urgent").count() == ran <= 1

    every_kill(lambda: actions.sweep_deadlines(now=due), check)
    assert CaseEvent.objects.filter(verb="casework.alerted").count() == 6
    assert CaseEvent.objects.filter(verb="casework.timer_fired").count() == 1


def test_a_reader_that_dies_repeats_nothing_and_loses_nothing(city, defining):
    from .test_waits import CHILD, SPLIT, SUM, TOGETHER

    parent, child = defining([SPLIT, TOGETHER, SUM])(), defining([CHILD])
    children = [child(parent=parent) for _ in range(2)]
    actions.take_step(open_step(parent), by=city.as_("梁敏"), outcome="go")
    for one in children:
        actions.take_step(open_step(one), by=city.as_("陈刚"), outcome="ok")

    def check():
        assert Step.objects.filter(case=parent, stage_key="sum").count() <= 1

    every_kill(actions.drain_events, check, most=150)
    assert outcomes(parent) == [("split", "go"), ("together", "children_closed"), ("sum", "")]
    assert not EventQueue.objects.exclude(reader="anchor").exists()


def test_an_anchor_that_dies_seals_nothing_and_the_next_seals_all(city, simple, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    simple()

    def check():
        assert EventAnchor.objects.count() == 1 - EventQueue.objects.filter(reader="anchor").exists()

    every_kill(actions.anchor_events, check)
    assert verify_events().anchors == 1
