"""Who acts: pools, deputies, four eyes, and exclusions that beat everything."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from yulin_gov.casework import actions
from yulin_gov.casework.lists import Viewer, done_by, todo_for
from yulin_gov.casework.models import Case, CaseEvent, CaseExclusion, CaseUnit, Step
from yulin_gov.casework.participants import Participant
from yulin_gov.casework.procedures import Route, Stage
from yulin_gov.casework.visibility import cases_visible_to
from yulin_gov.notices.delivery import expand_notices
from yulin_gov.notices.models import NoticeDelivery
from yulin_gov.organization.actions import appoint, delegate, end_appointment
from yulin_gov.organization.capacity import capacities_of
from yulin_gov.organization.models import Appointment
from yulin_gov.refused import Refused

from .procedures import open_step


def viewer(city, name, place=0):
    capacities = capacities_of(city.people[name])
    return Viewer(city.people[name], capacities, capacities[place])


def deputise(city, position, principal, deputy, **more):
    delegate(
        city.positions[position],
        principal=city.people[principal],
        deputy=city.people[deputy],
        to_at=timezone.now() + timedelta(days=5),
        **more,
    )


def seen_by(city, name):
    return set(cases_visible_to(city.people[name], capacities_of(city.people[name])))


def drafting(case, city):
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    return open_step(case)


# -- the pool -----------------------------------------------------------------------------


def test_a_claimed_step_is_one_persons_until_released(city, simple):
    step = drafting(simple(), city)
    assert list(todo_for(viewer(city, "李娜"))) == [step]
    actions.claim_step(step, by=city.as_("陈刚"))
    actions.claim_step(step, by=city.as_("陈刚"))  # a second click
    for act in (
        lambda: actions.claim_step(step, by=city.as_("李娜")),
        lambda: actions.take_step(step, by=city.as_("李娜"), outcome="submit"),
    ):
        with pytest.raises(Refused, match=r"已由.{2,3}领办"):
            act()
    assert [len(todo_for(viewer(city, name))) for name in ("陈刚", "李娜")] == [1, 0]
    with pytest.raises(Refused, match="只能放回本人"):
        actions.release_step(step, by=city.as_("李娜"))
    actions.release_step(step, by=city.as_("陈刚"))
    assert list(todo_for(viewer(city, "李娜"))) == [step]
    assert CaseEvent.objects.filter(step=step, verb="casework.step_claimed").count() == 1


def test_releasing_a_position_s_step_leaves_it_to_the_position(city, defining):
    position = city.positions["城管承办岗"]
    case = defining(
        [
            Stage(
                "a",
                "办理",
                "drafter",
                (Route("ok", "办结", closes_as="x"),),
                assignee=f"position:{position.pk}",
            )
        ]
    )()
    actions.claim_step(open_step(case), by=city.as_("陈刚"))
    actions.release_step(open_step(case), by=city.as_("陈刚"))
    assert (open_step(case).position, open_step(case).person) == (position, None)


def test_whoever_leaves_a_position_leaves_his_work_to_the_role(city, simple, defining):
    claimed = drafting(simple(), city)
    actions.claim_step(claimed, by=city.as_("陈刚"))
    send = Stage("a", "拟办", "letter_clerk", (Route("go", "交办", to="b", requires=("to",)),))
    named = defining([send, Stage("b", "承办", "drafter", (Route("ok", "办结", closes_as="x"),))])()
    here, position = city.unit("市城管局"), city.positions["城管承办岗"]
    to = [Participant(here, position=position, person_id=city.people["陈刚"].pk)]
    actions.take_step(open_step(named), by=city.as_("梁敏"), outcome="go", to=to)
    end_appointment(Appointment.objects.get(person=city.people["陈刚"]))
    for step in (open_step(named), Step.objects.get(pk=claimed.pk)):
        assert (step.person, step.position) == (None, None)
    assert len(todo_for(viewer(city, "李娜"))) == 2


def test_two_people_of_one_role_leaving_leave_one_step_behind(city, defining):
    send = Stage("a", "拟办", "letter_clerk", (Route("go", "传阅", to="b", requires=("to",)),))
    read = Stage("b", "传阅", "drafter", (Route("read", "阅毕", closes_as="x"),), "circulate", "routed")
    case = defining([send, read])()
    here = city.unit("市城管局")
    to = [Participant(here, person_id=city.people[name].pk) for name in ("陈刚", "李娜")]
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="go", to=to)
    for name in ("陈刚", "李娜"):
        end_appointment(Appointment.objects.get(person=city.people[name]))
    assert open_step(case).person is None
    assert Step.objects.filter(case=case, outcome="superseded").count() == 1


# -- deputies -----------------------------------------------------------------------------


def test_a_deputy_acts_for_the_principal_and_both_are_recorded(city, simple):
    step = drafting(simple(), city)
    deputise(city, "城管承办岗", "陈刚", "梁敏")
    as_deputy = city.as_("梁敏", 1)
    assert list(todo_for(viewer(city, "梁敏", 1))) == [step]
    actions.take_step(step, by=as_deputy, outcome="submit")
    step.refresh_from_db()
    event = CaseEvent.objects.get(step=step, verb="casework.step_taken")
    assert (step.acted_by, step.acting_for) == (city.people["梁敏"], city.people["陈刚"])
    assert (event.actor, event.acting_for) == (step.acted_by, step.acting_for)
    assert step in done_by(viewer(city, "梁敏")).rows


def test_what_a_deputy_claims_the_principal_finds_and_the_other_way_round(city, simple):
    deputise(city, "城管承办岗", "陈刚", "梁敏")
    step = drafting(simple(), city)
    actions.claim_step(step, by=city.as_("梁敏", 1))
    assert list(todo_for(viewer(city, "陈刚"))) == [step] == list(todo_for(viewer(city, "梁敏", 1)))
    actions.take_step(step, by=city.as_("陈刚"), outcome="submit")


def test_a_delegation_reaches_only_the_kinds_it_names_and_does_not_chain(city, simple):
    step = drafting(simple(), city)
    deputise(city, "城管承办岗", "陈刚", "梁敏", kinds=["documents.outgoing"])
    assert list(todo_for(viewer(city, "梁敏", 1))) == []
    with pytest.raises(Refused, match="没有办理"):
        actions.take_step(step, by=city.as_("梁敏", 1), outcome="submit")
    deputise(city, "城管信访岗", "梁敏", "宁静")
    assert {c.position for c in capacities_of(city.people["宁静"])} == {
        city.positions["教育副局长"],
        city.positions["城管信访岗"],  # 梁敏's own position, not the one she stands in for
    }


def test_reminders_of_a_claimed_step_reach_the_deputy_too(city, simple):
    deputise(city, "城管承办岗", "陈刚", "梁敏")
    step = drafting(simple(), city)
    actions.claim_step(step, by=city.as_("陈刚"))
    due = Step.objects.get(pk=step.pk).due_at
    actions.sweep_deadlines(now=due - timedelta(days=1, minutes=-1))
    expand_notices()
    told = NoticeDelivery.objects.filter(notice__kind="deadline", channel="inbox")
    assert set(told.values_list("user__full_name", flat=True)) == {"陈刚", "梁敏"}


# -- four eyes ----------------------------------------------------------------------------


def test_four_eyes_holds_for_deputy_and_principal_in_both_directions(city, simple):
    # 黄勇 drafts for 陈刚: neither may review afterwards.
    appoint(city.people["陈刚"], city.positions["城管审核岗"], from_date=date(2020, 1, 1))
    deputise(city, "城管承办岗", "陈刚", "黄勇")
    case = simple()
    actions.take_step(drafting(case, city), by=city.as_("黄勇", 1), outcome="submit")
    reviewing = next(c for c in capacities_of(city.people["陈刚"]) if "reviewer" in c.roles)
    for barred in (city.as_("黄勇"), reviewing):
        for act in (actions.claim_step, lambda s, by: actions.take_step(s, by=by, outcome="answer")):
            with pytest.raises(Refused, match="须由他人办理"):
                act(open_step(case), by=barred)
    # 李娜 drafts herself and then stands in for a reviewer: still the same two eyes.
    second = simple()
    deputise(city, "城管审核岗", "覃芳", "李娜")
    actions.take_step(drafting(second, city), by=city.as_("李娜"), outcome="submit")
    with pytest.raises(Refused, match="须由他人办理"):
        actions.take_step(open_step(second), by=city.as_("李娜", 1), outcome="answer")
    actions.take_step(open_step(second), by=city.as_("覃芳"), outcome="answer")


# -- exclusions ---------------------------------------------------------------------------


def test_an_excluded_person_neither_sees_nor_acts_nor_hears_as_whatever(city, simple):
    chen = city.people["陈刚"]
    deputise(city, "城管审核岗", "黄勇", "陈刚")
    deputise(city, "城管承办岗", "陈刚", "黄勇")
    case = simple(exclude=[chen], exclude_reason="举报对象")
    step = drafting(case, city)
    expand_notices()
    told = NoticeDelivery.objects.filter(notice__title="新待办：承办").values_list(
        "user__full_name", flat=True
    )
    assert set(told) == {"李娜"}  # neither 陈刚 nor who stands in for him
    for name in ("陈刚", "黄勇"):  # 黄勇 would carry it to him
        assert case not in seen_by(city, name)
        for place in range(2):
            assert list(todo_for(viewer(city, name, place))) == []
            with pytest.raises(Refused):
                actions.claim_step(step, by=city.as_(name, place))
    for capacity in capacities_of(chen):
        with pytest.raises(Refused, match="没有办理"):
            actions.take_step(step, by=capacity, outcome="submit")
    actions.take_step(step, by=city.as_("李娜"), outcome="submit")


def test_an_excluded_unit_is_excluded_in_every_post_of_its_people(city, simple):
    case = simple(exclude=[city.unit("市教育局")], exclude_reason="被反映单位")
    appoint(city.people["钟伟"], city.positions["城管承办岗"], from_date=date(2020, 1, 1))
    step = drafting(case, city)
    working_here = next(c for c in capacities_of(city.people["钟伟"]) if c.unit == city.unit("市城管局"))
    with pytest.raises(Refused, match="没有办理"):
        actions.take_step(step, by=working_here, outcome="submit")
    assert case not in seen_by(city, "钟伟")
    with pytest.raises(Refused, match="须回避"):
        actions.transfer_case(step, by=city.as_("陈刚"), to=city.unit("市教育局"), reason="转办")


def test_an_exclusion_beats_the_supervisor_and_the_applicant(city, simple):
    case = simple(applicant=city.people["唐丽"])
    assert case in seen_by(city, "牟军") and case in seen_by(city, "唐丽")
    for name in ("牟军", "唐丽"):
        actions.exclude_from_case(case, by=city.as_("梁敏"), excluded=city.people[name], reason="回避")
        assert case not in seen_by(city, name)
    actions.exclude_from_case(case, by=city.as_("梁敏"), excluded=city.people["牟军"], reason="再点一次")
    assert CaseExclusion.objects.filter(case=case).count() == 2
    with pytest.raises(Refused, match="催办权限"):
        actions.urge_case(case, by=city.as_("牟军"), reason="请抓紧")


def test_whoever_is_excluded_gives_back_what_he_held_and_is_not_chosen_again(city, simple):
    case = simple()
    step = drafting(case, city)
    actions.claim_step(step, by=city.as_("陈刚"))
    actions.exclude_from_case(case, by=city.as_("梁敏"), excluded=city.people["陈刚"], reason="亲属")
    assert open_step(case).person is None
    actions.claim_step(step, by=city.as_("李娜"))
    with pytest.raises(Refused, match="须回避"):
        chen = Participant(city.unit("市城管局"), person_id=city.people["陈刚"].pk)
        actions.forward_step(step, by=city.as_("李娜"), to=chen)
    with pytest.raises(Refused, match="先转办"):
        actions.exclude_from_case(case, by=city.as_("梁敏"), excluded=city.unit("市城管局"), reason="回避")


def test_a_returned_case_does_not_go_to_somebody_excluded_meanwhile(city, simple):
    case = simple()
    actions.take_step(drafting(case, city), by=city.as_("陈刚"), outcome="submit")
    actions.exclude_from_case(case, by=city.as_("梁敏"), excluded=city.people["陈刚"], reason="亲属")
    actions.return_step(open_step(case), by=city.as_("黄勇"), to_stage="draft", opinion="改")
    assert open_step(case).person is None


# -- moving and urging --------------------------------------------------------------------


def test_a_transferred_case_goes_on_under_its_old_clocks(city, simple):
    case = simple()
    due = Case.objects.get(pk=case.pk).due_at
    step = open_step(case)
    with pytest.raises(Refused, match="请填写转办理由"):
        actions.transfer_case(step, by=city.as_("梁敏"), to=city.unit("市教育局"), reason="")
    with pytest.raises(Refused, match="已由该单位承办"):
        actions.transfer_case(step, by=city.as_("梁敏"), to=city.unit("市城管局"), reason="x")
    actions.transfer_case(step, by=city.as_("梁敏"), to=city.unit("市教育局"), reason="属教育局职责")
    case = Case.objects.get(pk=case.pk)
    assert (case.unit, case.due_at) == (city.unit("市教育局"), due)
    actions.transfer_case(open_step(case), by=city.as_("钟伟"), to=city.unit("市城管局"), reason="退回")
    parts = CaseUnit.objects.filter(case=case).values_list("unit__short_name", "part")
    assert set(parts) == {("市教育局", "cohost"), ("市城管局", "host"), ("市城管局", "cohost")}
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")


def test_urging_presses_once_and_is_answered_once(city, simple):
    case = simple()
    urge = actions.urge_case(case, by=city.as_("牟军"), reason="请尽快", idempotency_key="k1")
    assert actions.urge_case(case, by=city.as_("牟军"), reason="请尽快", idempotency_key="k1") == urge
    assert urge.unit == city.unit("市城管局")
    with pytest.raises(Refused, match="催办权限"):  # a leader beside, whose case it is not
        actions.urge_case(case, by=city.as_("宁静"), reason="请尽快")
    with pytest.raises(Refused, match="未参与办理"):
        actions.urge_case(case, by=city.as_("牟军"), reason="请尽快", unit=city.unit("市教育局"))
    with pytest.raises(Refused, match="没有反馈"):
        actions.answer_urge(urge, by=city.as_("钟伟"), answer="在办")
    actions.answer_urge(urge, by=city.as_("梁敏"), answer="三日内答复")
    with pytest.raises(Refused, match="已反馈"):
        actions.answer_urge(urge, by=city.as_("梁敏"), answer="再答")
    actions.close_case(case, by=city.as_("梁敏"))
    with pytest.raises(Refused, match="已办结"):
        actions.urge_case(case, by=city.as_("牟军"), reason="请尽快")
