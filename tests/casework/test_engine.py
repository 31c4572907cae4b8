"""A case moves along its procedure through one door, and everything follows from its log."""

import pytest

from yulin_gov.casework import actions
from yulin_gov.casework.models import Case, CaseEvent, CaseUnit, Clock, ClockEntry, Step
from yulin_gov.casework.verification import verify_events
from yulin_gov.refused import Refused

from .procedures import open_step


def test_opening_writes_step_clocks_access_row_and_event(city, simple):
    case = simple()
    step = open_step(case)
    assert (step.stage_key, step.unit, step.role) == ("accept", city.unit("市城管局"), "letter_clerk")
    assert {c.name for c in Clock.objects.filter(case=case)} == {"promised", "step"}
    assert CaseUnit.objects.get(case=case).due_at == case.due_at is not None
    assert step.due_at < case.due_at  # the step's own term presses first
    assert list(CaseEvent.objects.filter(case=case).values_list("verb", flat=True)) == ["casework.opened"]


def test_a_case_goes_from_stage_to_stage_and_closes(city, simple):
    case = simple()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="submit")
    actions.take_step(open_step(case), by=city.as_("黄勇"), outcome="answer", opinion="同意")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "answered")
    assert case.handled_at == case.closed_at
    assert not Step.objects.filter(case=case, closed_at=None).exists()
    assert set(Clock.objects.filter(case=case).values_list("state", flat=True)) == {"stopped"}
    assert verify_events().faults == []


def test_the_second_of_two_is_told_who_was_quicker(city, simple):
    case = simple()
    step = open_step(case)
    actions.take_step(step, by=city.as_("梁敏"), outcome="accept")
    with pytest.raises(actions.AlreadyTaken, match="已由梁敏办理"):
        actions.take_step(
            Step.objects.get(pk=step.pk), by=city.as_("梁敏"), outcome="decline", opinion="重复"
        )


def test_nobody_acts_outside_unit_and_role(city, simple):
    step = open_step(simple())
    for name in ("陈刚", "钟伟", "牟军"):
        with pytest.raises(Refused, match="没有办理该环节的权限"):
            actions.take_step(step, by=city.as_(name), outcome="accept")


def test_a_route_asks_for_what_it_requires(city, simple):
    with pytest.raises(Refused, match="请填写意见") as refusal:
        actions.take_step(open_step(simple()), by=city.as_("梁敏"), outcome="decline", opinion="  ")
    assert refusal.value.field == "opinion"


def test_why_this_date_is_answered_by_the_ledger(city, simple):
    case = simple()
    entry = ClockEntry.objects.get(clock__case=case, clock__name="promised")
    assert (entry.verb, entry.due_at) == ("start", Case.objects.get(pk=case.pk).due_at)
