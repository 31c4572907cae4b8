"""Return, forward, add, remove, withdraw: what a stage allows besides its routes."""

import pytest

from yulin_gov.casework import actions
from yulin_gov.casework.actions.adhoc import return_targets
from yulin_gov.casework.batch import Batch
from yulin_gov.casework.models import Case, CaseUnit, Clock, ClockEntry, Step
from yulin_gov.casework.participants import Participant
from yulin_gov.casework.procedures import ClockRule, Route, Stage, Term
from yulin_gov.casework.running import RunningCase
from yulin_gov.casework.verification import verify_events
from yulin_gov.organization.actions import end_appointment
from yulin_gov.organization.models import Appointment
from yulin_gov.refused import Refused

from .procedures import open_step, outcomes


def drafted(city, case):
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="submit")
    return open_step(case, "review")


def targets(case, city, name):
    running = RunningCase.load(Case.objects.get(pk=case.pk), Batch(), by=city.as_(name))
    return [s.stage_key for s in return_targets(running, running.open_steps[0])]


def test_a_returned_case_goes_to_whoever_took_it(city, simple):
    case = simple()
    step = drafted(city, case)
    due = Case.objects.get(pk=case.pk).due_at
    with pytest.raises(Refused, match="请填写退回理由"):
        actions.return_step(step, by=city.as_("黄勇"), to_stage="draft", opinion=" ")
    actions.return_step(step, by=city.as_("黄勇"), to_stage="draft", opinion="数据不全")
    back = open_step(case)
    assert (back.stage_key, back.person) == ("draft", city.people["陈刚"])
    assert Case.objects.get(pk=case.pk).due_at == due
    with pytest.raises(Refused, match=r"已由.{2,3}领办"):
        actions.take_step(back, by=city.as_("李娜"), outcome="submit")
    actions.take_step(back, by=city.as_("陈刚"), outcome="submit")
    actions.take_step(open_step(case), by=city.as_("黄勇"), outcome="answer")


def test_a_case_returned_to_somebody_who_left_goes_to_the_role(city, simple):
    case = simple()
    step = drafted(city, case)
    end_appointment(Appointment.objects.get(person=city.people["陈刚"]))
    Appointment.objects.filter(person=city.people["陈刚"]).update(to_date="2021-01-01")
    actions.return_step(step, by=city.as_("黄勇"), to_stage="draft", opinion="数据不全")
    assert (open_step(case).person, open_step(case).position) == (None, None)


def test_a_case_is_returned_only_to_where_it_has_been(city, simple):
    case = simple()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    for stage in ("review", "draft", "nowhere"):
        with pytest.raises(Refused, match="只能退回此前"):
            actions.return_step(open_step(case), by=city.as_("陈刚"), to_stage=stage, opinion="退")
    assert targets(case, city, "陈刚") == ["accept"]


def test_what_was_returned_cannot_jump_forward_again(city, simple):
    case = simple()
    actions.return_step(drafted(city, case), by=city.as_("黄勇"), to_stage="draft", opinion="改")
    assert targets(case, city, "陈刚") == ["accept"]  # not “review”, from which it came back
    with pytest.raises(Refused, match="只能退回此前"):
        actions.return_step(open_step(case), by=city.as_("陈刚"), to_stage="review", opinion="不改")


def test_returning_from_a_countersigning_supersedes_the_others(city, defining):
    ask = Stage("ask", "拟办", "letter_clerk", (Route("ask", "会签", to="sign", requires=("to",)),))
    sign = Stage(
        "sign", "会签", "leader", (Route("agree", "同意", closes_as="done"),), "countersign", "routed",
        adhoc=("return", "add", "remove"),
    )  # fmt: skip
    case = defining([ask, sign])()
    to = [Participant(city.unit("市城管局")), Participant(city.unit("市教育局"))]
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="ask", to=to)
    mine = Step.objects.get(case=case, unit=city.unit("市教育局"))
    actions.return_step(mine, by=city.as_("宁静"), to_stage="ask", opinion="材料不全")
    assert outcomes(case) == [("ask", "ask"), ("sign", "superseded"), ("sign", "returned"), ("ask", "")]


def test_forwarding_hands_the_step_on_with_its_clock(city, defining):
    draft = Stage(
        "draft", "承办", "drafter", (Route("go", "送审", to="review"),), term=Term(3), adhoc=("forward",)
    )
    review = Stage(
        "review",
        "审核",
        "drafter",
        (Route("ok", "通过", closes_as="done"),),
        differs_from=("draft",),
        adhoc=("forward",),
    )
    case = defining([draft, review])()
    first = open_step(case)
    here, lina = city.unit("市城管局"), city.people["李娜"].pk
    with pytest.raises(Refused, match="不能转交给本人"):
        actions.forward_step(
            first, by=city.as_("陈刚"), to=Participant(here, person_id=city.people["陈刚"].pk)
        )
    with pytest.raises(Refused, match="不具备"):
        actions.forward_step(
            first, by=city.as_("陈刚"), to=Participant(here, person_id=city.people["黄勇"].pk)
        )
    with pytest.raises(Refused, match="只能在本单位内"):
        actions.forward_step(first, by=city.as_("陈刚"), to=Participant(city.unit("市教育局")))
    with pytest.raises(Refused, match="已由所选单位或人员办理"):
        actions.forward_step(first, by=city.as_("陈刚"), to=Participant(here))
    actions.forward_step(first, by=city.as_("陈刚"), to=Participant(here, person_id=lina), opinion="请续办")
    step = open_step(case)
    clock = Clock.objects.get(case=case)
    assert (step.person_id, step.entry, step.due_at) == (lina, first.entry, first.due_at)
    assert (clock.step, clock.state) == (step, "running")
    assert ClockEntry.objects.filter(clock=clock).count() == 1  # not begun anew
    actions.take_step(step, by=city.as_("李娜"), outcome="go")
    # Four eyes: whoever had the draft may not review it, nor be handed the review.
    for name in ("陈刚", "李娜"):
        with pytest.raises(Refused, match="须由他人办理"):
            actions.take_step(open_step(case), by=city.as_(name), outcome="ok")


def test_a_step_is_not_forwarded_to_somebody_whom_four_eyes_bar(city, defining):
    draft = Stage("draft", "承办", "drafter", (Route("go", "送审", to="review", requires=()),))
    review = Stage(
        "review",
        "审核",
        "drafter",
        (Route("ok", "通过", closes_as="done"),),
        differs_from=("draft",),
        adhoc=("forward",),
    )
    case = defining([draft, review])()
    chen = Participant(city.unit("市城管局"), person_id=city.people["陈刚"].pk)
    actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="go")
    with pytest.raises(Refused, match="请选择他人"):
        actions.forward_step(open_step(case), by=city.as_("李娜"), to=chen)


@pytest.fixture
def signing(city, defining):
    """A countersigning by 市城管局 alone, in which others may be added and removed."""
    ask = Stage(
        "ask",
        "拟办",
        "letter_clerk",
        (Route("ask", "会签", to="sign", requires=("to",)),),
        adhoc=("withdraw",),
    )
    sign = Stage(
        "sign", "会签", "leader", (Route("agree", "同意", closes_as="done"),), "countersign", "routed",
        term=Term(2), adhoc=("add", "remove"),
    )  # fmt: skip
    case = defining([ask, sign])()
    actions.take_step(
        open_step(case), by=city.as_("梁敏"), outcome="ask", to=[Participant(city.unit("市城管局"))]
    )
    return case


def test_an_added_participant_must_answer_too(city, signing):
    mine, education = open_step(signing), Participant(city.unit("市教育局"))
    actions.add_participants(mine, by=city.as_("庞洁"), to=[education])
    for again in ([education], [Participant(city.unit("市城管局"))], []):
        with pytest.raises(Refused) as refusal:
            actions.add_participants(mine, by=city.as_("庞洁"), to=again)
        assert refusal.value.field == "to"
    actions.take_step(mine, by=city.as_("庞洁"), outcome="agree")
    assert Case.objects.get(pk=signing.pk).is_open
    actions.take_step(open_step(signing), by=city.as_("宁静"), outcome="agree")
    assert not Case.objects.get(pk=signing.pk).is_open


def test_a_participant_asked_by_mistake_is_removed_with_clock_and_access(city, signing):
    mine = open_step(signing)
    actions.add_participants(mine, by=city.as_("庞洁"), to=[Participant(city.unit("市教育局"))])
    other = Step.objects.get(case=signing, closed_at=None, unit=city.unit("市教育局"))
    with pytest.raises(Refused, match="不能取消本人"):
        actions.remove_participant(mine, by=city.as_("庞洁"), remove=mine)
    actions.remove_participant(mine, by=city.as_("庞洁"), remove=other)
    assert not CaseUnit.objects.filter(case=signing, unit=city.unit("市教育局")).exists()
    assert Clock.objects.get(step=other).state == "stopped"
    with pytest.raises(actions.AlreadyTaken):
        actions.remove_participant(mine, by=city.as_("庞洁"), remove=other)
    actions.add_participants(mine, by=city.as_("庞洁"), to=[Participant(city.unit("市教育局"))])
    actions.remove_participant(
        mine,
        by=city.as_("庞洁"),
        remove=Step.objects.get(case=signing, closed_at=None, unit=city.unit("市教育局")),
    )
    actions.take_step(mine, by=city.as_("庞洁"), outcome="agree")
    assert not Case.objects.get(pk=signing.pk).is_open
    assert verify_events().faults == []


def test_what_nobody_touched_can_be_withdrawn(city, signing):
    asked = Step.objects.get(case=signing, stage_key="ask")
    with pytest.raises(Refused, match="只能撤回本人"):
        actions.withdraw_step(asked, by=city.as_("庞洁"))
    actions.withdraw_step(asked, by=city.as_("梁敏"))
    assert outcomes(signing) == [("ask", "ask"), ("sign", "withdrawn"), ("ask", "")]
    assert open_step(signing).person == city.people["梁敏"]
    with pytest.raises(Refused, match="已开始办理"):
        actions.withdraw_step(asked, by=city.as_("梁敏"))


def test_a_claimed_step_is_touched_and_a_named_one_is_not(city, defining):
    ask = Stage(
        "ask",
        "拟办",
        "letter_clerk",
        (Route("go", "交办", to="draft", requires=("to",)),),
        adhoc=("withdraw",),
    )
    draft = Stage("draft", "承办", "drafter", (Route("ok", "办结", closes_as="done"),))
    opened = defining([ask, draft])
    chen = Participant(city.unit("市城管局"), person_id=city.people["陈刚"].pk)
    case = opened()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="go", to=[chen])
    actions.withdraw_step(Step.objects.get(case=case, stage_key="ask"), by=city.as_("梁敏"))
    case = opened()
    position = Participant(city.unit("市城管局"), position=city.positions["城管承办岗"])
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="go", to=[position])
    actions.claim_step(open_step(case), by=city.as_("陈刚"))
    with pytest.raises(Refused, match="已开始办理"):
        actions.withdraw_step(Step.objects.get(case=case, stage_key="ask"), by=city.as_("梁敏"))


def test_withdrawing_undoes_what_the_step_did_to_the_clocks(city, defining):
    ask = Stage("ask", "受理", "letter_clerk", (Route("accept", "受理", to="draft"),), adhoc=("withdraw",))
    draft = Stage("draft", "承办", "drafter", (Route("ok", "办结", closes_as="done"),))
    clocks = [
        ClockRule("acceptance", "受理时限", Term(5), stops_on=("accept",)),
        ClockRule("promised", "承诺时限", Term(20), starts_on="accept"),
    ]
    case = defining([ask, draft], clocks)()
    due = Clock.objects.get(case=case).due_at
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    actions.withdraw_step(Step.objects.get(case=case, stage_key="ask"), by=city.as_("梁敏"))
    states = dict(Clock.objects.filter(case=case).values_list("name", "state"))
    assert states == {"acceptance": "running", "promised": "stopped"}
    assert Case.objects.get(pk=case.pk).due_at == due
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    assert Clock.objects.filter(case=case, name="promised", state="running").count() == 1
    assert Clock.objects.get(case=case, name="acceptance").state == "stopped"
    assert verify_events().faults == []


def test_an_answer_is_not_withdrawn(city, defining):
    ask = Stage("ask", "答复", "letter_clerk", (Route("answer", "答复", to="file"),), adhoc=("withdraw",))
    case = defining([ask, Stage("file", "归档", "drafter", (Route("ok", "归档", closes_as="done"),))])()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="answer")
    with pytest.raises(Refused, match="已经答复，不能撤回"):
        actions.withdraw_step(Step.objects.get(case=case, stage_key="ask"), by=city.as_("梁敏"))


def test_a_stage_allows_only_what_it_names(city, simple):
    case = simple()
    step = open_step(case)
    with pytest.raises(Refused, match="不允许转交"):
        actions.forward_step(step, by=city.as_("梁敏"), to=Participant(city.unit("市城管局")))
    with pytest.raises(Refused, match="不允许增加"):
        actions.add_participants(step, by=city.as_("梁敏"), to=[Participant(city.unit("市教育局"))])
