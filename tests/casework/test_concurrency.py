"""Many at once, with real connections: one wins, the other is told, nothing is doubled or stuck."""

import threading
from functools import partial

import pytest
from django.db import connection, connections, transaction

from yulin_gov.casework import actions
from yulin_gov.casework.actions.stepping import lock_case
from yulin_gov.casework.models import Case, CaseEvent, EventQueue, Step, Urge
from yulin_gov.casework.participants import Participant
from yulin_gov.casework.procedures import Route, Stage
from yulin_gov.casework.verification import verify_events
from yulin_gov.notices.models import Notice
from yulin_gov.refused import Refused

from .procedures import open_step, outcomes

SIGNERS = {"市城管局": "庞洁", "市教育局": "宁静"}
pytestmark = pytest.mark.usefixtures("committed_db")


def together(*works):
    """Run all works at the same moment, each in a thread with a connection of its own; what each
    returned or raised, in their order."""
    barrier, results = threading.Barrier(len(works)), [None] * len(works)

    def run(place, work):
        try:
            with connection.cursor() as cursor:  # a lock held for ever fails the test, not the run
                cursor.execute("SET lock_timeout = '20s'")
            barrier.wait()
            results[place] = work()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=work) for work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def take(step, by, outcome="submit"):
    return actions.take_step(Step.objects.get(pk=step.pk), by=by, outcome=outcome)


def test_of_two_clerks_one_takes_the_step_and_the_other_is_told(city, simple):
    for _ in range(5):
        case = simple()
        actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
        results = together(
            *[partial(take, open_step(case), city.as_(name)) for name in ["陈刚", "李娜", "陈刚", "李娜"]]
        )
        refused = [r for r in results if isinstance(r, actions.AlreadyTaken)]
        assert len(refused) == 3 and all("办理" in r.sentence for r in refused)
        assert outcomes(case) == [("accept", "accept"), ("draft", "submit"), ("review", "")]
    assert verify_events().faults == []


def test_of_two_who_claim_one_has_it(city, simple):
    case = simple()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    step = open_step(case)
    results = together(*[lambda n=n: actions.claim_step(step, by=city.as_(n)) for n in ("陈刚", "李娜")])
    assert sorted(type(r) for r in results if r)[0:] == [Refused]
    assert CaseEvent.objects.filter(verb="casework.step_claimed").count() == 1


def test_sweeping_stepping_and_urging_at_the_same_moment_all_succeed(city, plain):
    cases = [plain() for _ in range(12)]
    due = Case.objects.get(pk=cases[0].pk).due_at
    results = together(
        *[lambda: actions.sweep_deadlines(now=due)] * 2,
        lambda: [actions.take_step(open_step(c), by=city.as_("陈刚"), outcome="ok") for c in cases[:6]],
        lambda: [actions.urge_case(c, by=city.as_("牟军"), reason="请抓紧") for c in cases[6:]],
        lambda: [
            actions.extend_clock(c, "promised", by=city.as_("庞洁"), amount=5, reason="x") for c in cases[6:]
        ],
    )
    assert not [r for r in results if isinstance(r, Exception)]
    assert Urge.objects.count() == 6 == Case.objects.filter(closed_at=None).count() == 6
    for _ in range(3):
        actions.sweep_deadlines(now=due)
    verify = verify_events()
    assert verify.faults == [] and verify.cases == 12


def test_two_sweepers_never_warn_twice(city, plain):
    here = city.unit("市城管局")  # more cases than one set
    cases = actions.open_cases([actions.CaseDraft(plain.key, f"第{n}件", here) for n in range(110)])
    due = Case.objects.get(pk=cases[0].pk).due_at
    results = together(*[lambda: actions.sweep_deadlines(now=due)] * 4)
    assert not [r for r in results if isinstance(r, Exception)]
    actions.sweep_deadlines(now=due)  # whatever all of them skipped because another was at it
    assert CaseEvent.objects.filter(verb="casework.alerted").count() == 2 * 110
    assert Notice.objects.filter(kind="deadline").count() == 3 * 110
    assert verify_events().faults == []


def test_the_sweep_passes_over_a_case_somebody_works_on_and_meets_it_again(city, plain):
    held, free = plain(), plain()
    due = Case.objects.get(pk=held.pk).due_at
    with transaction.atomic():
        lock_case(held.pk)
        (done,) = together(lambda: actions.sweep_deadlines(now=due))
        assert (done.alerts, done.busy) == (2, 1)
    assert actions.sweep_deadlines(now=due).alerts == 2
    assert set(CaseEvent.objects.filter(verb="casework.alerted").values_list("case", flat=True)) == {
        held.pk,
        free.pk,
    }


def test_countersigners_finishing_together_advance_the_stage_once(city, defining):
    ask = Stage("ask", "拟办", "letter_clerk", (Route("ask", "会签", to="sign", requires=("to",)),))
    sign = Stage("sign", "会签", "leader", (Route("agree", "同意", to="file"),), "countersign", "routed")
    file = Stage("file", "归档", "letter_clerk", (Route("ok", "归档", closes_as="done"),))
    opened = defining([ask, sign, file])
    to = [Participant(city.unit("市城管局")), Participant(city.unit("市教育局"))]
    for _ in range(5):
        case = opened()
        actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="ask", to=to)
        steps = {s.unit.short_name: s for s in Step.objects.filter(case=case, stage_key="sign")}
        works = [partial(take, steps[unit], city.as_(name), "agree") for unit, name in SIGNERS.items()]
        results = together(*works)
        assert not [r for r in results if isinstance(r, Exception)]
        assert Step.objects.filter(case=case, stage_key="file").count() == 1
    assert verify_events().faults == []


def test_children_ending_together_advance_their_parent_once(city, defining):
    from .test_waits import CHILD, SPLIT, SUM, TOGETHER

    parent, child = defining([SPLIT, TOGETHER, SUM])(), defining([CHILD])
    children = [child(parent=parent) for _ in range(6)]
    actions.take_step(open_step(parent), by=city.as_("梁敏"), outcome="go")

    def finish(case):
        actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="ok")
        actions.drain_events()

    results = together(*[lambda c=c: finish(c) for c in children])
    assert not [r for r in results if isinstance(r, Exception)]
    actions.drain_events()
    assert outcomes(parent) == [("split", "go"), ("together", "children_closed"), ("sum", "")]
    assert not EventQueue.objects.exclude(reader="anchor").exists()
    assert verify_events().faults == []


def test_two_hundred_cases_opened_at_once(city, simple):
    def open_some():
        return [simple(f"第{n}件") for n in range(25)]

    results = together(*[open_some] * 8)
    assert not [r for r in results if isinstance(r, Exception)]
    assert Case.objects.count() == 200 == Step.objects.filter(closed_at=None).count()
    assert Case.objects.values("number").distinct().count() == 200
    found = verify_events()
    assert (found.cases, found.events, found.faults) == (200, 200, [])


def test_the_log_is_proven_while_work_goes_on(city, simple):
    stop = threading.Event()

    def work():
        while not stop.is_set():
            case = simple()
            actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")

    def prove():
        try:
            return [fault for _ in range(15) for fault in verify_events().faults]
        finally:
            stop.set()

    assert together(prove, work, work) == [[], None, None]


def test_two_people_publishing_take_different_numbers(city):
    from dataclasses import replace

    from .procedures import SIMPLE

    works = [
        lambda n=n: actions.publish_procedure("test.p", replace(SIMPLE, title=f"流程{n}")).number
        for n in range(4)
    ]
    assert sorted(together(*works)) == [1, 2, 3, 4]


def test_leaving_a_position_and_working_at_the_same_moment_do_not_lock_each_other(city, simple):
    from yulin_gov.organization.actions import end_appointment
    from yulin_gov.organization.models import Appointment

    cases = [simple() for _ in range(6)]
    for case in cases:
        actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
        actions.claim_step(open_step(case), by=city.as_("陈刚"))
    chen, appointment = city.as_("陈刚"), Appointment.objects.get(person=city.people["陈刚"])
    results = together(
        lambda: end_appointment(appointment),
        lambda: [actions.take_step(open_step(c), by=chen, outcome="submit") for c in reversed(cases)],
    )
    assert not isinstance(results[0], Exception)
    assert not isinstance(results[1], Exception) or isinstance(results[1], Refused)
    assert not Step.objects.filter(closed_at=None, person=city.people["陈刚"]).exists()
    assert verify_events().faults == []


def test_an_event_that_commits_late_is_anchored_the_next_time(city, simple, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    early, late = simple(), simple()
    actions.anchor_events()
    began, go = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            actions.extend_clock(late, "promised", by=city.as_("庞洁"), amount=1, reason="先开始，后提交")
            began.set()
            go.wait(10)

    def anchor():
        began.wait(10)
        actions.extend_clock(early, "promised", by=city.as_("庞洁"), amount=1, reason="后开始，先提交")
        sealed = actions.anchor_events().events
        go.set()
        return sealed

    assert together(slow, anchor)[1] == 1
    assert actions.anchor_events().events == 1
    assert actions.anchor_events() is None
    found = verify_events()
    assert (found.anchors, found.faults) == (3, [])
