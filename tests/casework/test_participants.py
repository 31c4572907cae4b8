"""Stages with several participants: who answers, when they are done, and with what result."""

import pytest

from yulin_gov.casework import actions
from yulin_gov.casework.models import Case, CaseEvent, CaseUnit, Clock, Step
from yulin_gov.casework.participants import Participant
from yulin_gov.casework.procedures import ClockRule, Route, Stage, Term
from yulin_gov.notices.models import Notice
from yulin_gov.refused import Refused

from .procedures import open_step, outcomes

END = Route("answer", "答复", closes_as="answered")
ASK = Stage("ask", "拟办", "letter_clerk", (Route("ask", "送会签", to="sign", requires=("to",)),))


def signing(**more):
    routes = [Route("agree", "同意", to="close")]
    if more.get("dissent") == "blocks":
        routes.append(Route("dissent", "不同意", to="ask"))
    return Stage("sign", "会签", "leader", tuple(routes), kind="countersign", assignee="routed", **more)


CLOSE = Stage("close", "答复", "drafter", (END,))


def both(city):
    return [Participant(city.unit("市城管局")), Participant(city.unit("市教育局"), is_host=False)]


def step_of(case, city, unit):
    return Step.objects.get(case=case, closed_at=None, unit=city.unit(unit))


@pytest.fixture
def asked(city, defining):
    """A case in which both units are asked to countersign."""

    def ask(**more):
        case = defining([ASK, signing(**more), CLOSE])()
        actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="ask", to=both(city))
        return case

    return ask


def test_all_countersigners_must_answer_and_each_unit_sees_the_case(city, asked):
    case = asked()
    assert set(CaseUnit.objects.filter(case=case).values_list("unit__short_name", "part")) == {
        ("市城管局", "host"),
        ("市教育局", "cohost"),
    }
    actions.take_step(step_of(case, city, "市城管局"), by=city.as_("庞洁"), outcome="agree")
    assert Step.objects.filter(case=case, closed_at=None).get().unit == city.unit("市教育局")
    actions.take_step(step_of(case, city, "市教育局"), by=city.as_("宁静"), outcome="agree")
    assert open_step(case).stage_key == "close"


def test_one_agreement_is_enough_where_any_may_sign(city, asked):
    case = asked(join="any")
    actions.take_step(step_of(case, city, "市教育局"), by=city.as_("宁静"), outcome="dissent", opinion="另议")
    assert open_step(case, "sign").unit == city.unit("市城管局")  # a dissent alone ends nothing
    actions.take_step(step_of(case, city, "市城管局"), by=city.as_("庞洁"), outcome="agree")
    assert open_step(case).stage_key == "close"


def test_the_others_are_superseded_once_one_has_agreed(city, asked):
    case = asked(join="any")
    other = step_of(case, city, "市教育局")
    actions.take_step(step_of(case, city, "市城管局"), by=city.as_("庞洁"), outcome="agree")
    with pytest.raises(actions.AlreadyTaken, match="已结束（不再需要）"):
        actions.take_step(other, by=city.as_("宁静"), outcome="agree")


def test_recorded_dissent_goes_on_and_blocking_dissent_goes_its_own_way(city, asked):
    for dissent, stage in (("recorded", "close"), ("blocks", "ask")):
        case = asked(dissent=dissent)
        mine = step_of(case, city, "市教育局")
        with pytest.raises(Refused, match="请填写意见"):
            actions.take_step(mine, by=city.as_("宁静"), outcome="dissent")
        actions.take_step(mine, by=city.as_("宁静"), outcome="dissent", opinion="经费未落实")
        actions.take_step(step_of(case, city, "市城管局"), by=city.as_("庞洁"), outcome="agree")
        assert open_step(case).stage_key == stage
        assert Step.objects.get(pk=mine.pk).opinion == "经费未落实"


def test_circulation_ends_when_all_have_read_and_lies_in_the_to_read_list(city, defining):
    ask = Stage("ask", "拟办", "letter_clerk", (Route("send", "传阅", to="read", requires=("to",)),))
    read = Stage("read", "传阅", "leader", (Route("read", "阅毕", closes_as="filed"),), "circulate", "routed")
    case = defining([ask, read])()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="send", to=both(city))
    assert set(Step.objects.filter(case=case, stage_key="read").values_list("to_read", flat=True)) == {True}
    assert CaseUnit.objects.get(case=case, unit=city.unit("市教育局")).part == "reader"
    actions.take_step(step_of(case, city, "市教育局"), by=city.as_("宁静"), outcome="read")
    assert Case.objects.get(pk=case.pk).is_open
    actions.take_step(step_of(case, city, "市城管局"), by=city.as_("庞洁"), outcome="read")
    assert Case.objects.get(pk=case.pk).outcome == "filed"


SEND = Stage("send", "拟办", "letter_clerk", (Route("send", "交办", to="work", requires=("to",)),))


def working(*routes, join="all"):
    return Stage("work", "承办", "drafter", routes, assignee="routed", join=join)


@pytest.fixture
def shared_work(city, defining):
    """A case handled by 市城管局 as host with 市教育局 beside it."""

    def share(*stages, clocks=()):
        case = defining([SEND, *stages], clocks)()
        actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="send", to=both(city))
        return case

    return share


def test_the_hosts_outcome_decides_and_only_it_answers(city, shared_work):
    clock = ClockRule("promised", "时限", Term(5), stops_on=("answer",))
    redo = Route("redo", "重拟", to="send")
    case = shared_work(working(END, redo), clocks=[clock])
    actions.take_step(step_of(case, city, "市教育局"), by=city.as_("钟伟"), outcome="answer")
    case = Case.objects.get(pk=case.pk)
    assert case.handled_at is None and Clock.objects.get(case=case).state == "running"
    actions.take_step(step_of(case, city, "市城管局"), by=city.as_("陈刚"), outcome="redo")
    case = Case.objects.get(pk=case.pk)
    assert case.is_open and case.handled_at is None
    assert open_step(case).stage_key == "send"


def test_whom_the_host_chose_is_kept_until_the_last_co_host_has_finished(city, shared_work):
    onward = Route("submit", "送会签", to="sign", requires=("to",))
    case = shared_work(working(onward), signing(), CLOSE)
    chosen = [Participant(city.unit("市教育局")), Participant(city.unit("市城管局"), is_host=False)]
    actions.take_step(step_of(case, city, "市城管局"), by=city.as_("陈刚"), outcome="submit", to=chosen)
    # The co-host is asked for no choice: his is an opinion.
    actions.take_step(step_of(case, city, "市教育局"), by=city.as_("钟伟"), outcome="submit")
    opened = Step.objects.filter(case=case, stage_key="sign").values_list("unit__short_name", "is_host")
    assert set(opened) == {("市教育局", True), ("市城管局", False)}


def test_the_host_still_has_to_choose(city, shared_work):
    case = shared_work(working(Route("submit", "送会签", to="sign", requires=("to",))), signing(), CLOSE)
    with pytest.raises(Refused, match="请选择") as refusal:
        actions.take_step(step_of(case, city, "市城管局"), by=city.as_("陈刚"), outcome="submit")
    assert refusal.value.field == "to"


def test_the_first_to_finish_decides_where_one_is_enough(city, shared_work):
    case = shared_work(working(END, join="any"))
    actions.take_step(step_of(case, city, "市教育局"), by=city.as_("钟伟"), outcome="answer")
    assert Case.objects.get(pk=case.pk).outcome == "answered"
    assert ("work", "superseded") in outcomes(case)


def test_a_choice_must_be_made_once_for_each_and_named_people_must_hold_the_role(city, defining):
    case = defining([SEND, working(END)])()

    def send(*chosen):
        actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="send", to=list(chosen))

    here = city.unit("市城管局")
    with pytest.raises(Refused, match="有重复"):
        send(Participant(here), Participant(here))
    with pytest.raises(Refused, match="不具备该环节要求的角色"):
        send(Participant(here, person_id=city.people["黄勇"].pk))
    with pytest.raises(Refused, match="不具备该环节要求的角色"):
        send(Participant(here, position=city.positions["城管审核岗"]))
    send(Participant(here, position=city.positions["城管承办岗"]))
    actions.take_step(open_step(case), by=city.as_("李娜"), outcome="answer")


def test_a_fixed_unit_and_a_named_position_get_their_steps(city, defining):
    case = defining(
        [
            Stage("a", "拟办", "letter_clerk", (Route("go", "送", to="b"),)),
            Stage("b", "协查", "drafter", (Route("go", "送", to="c"),), assignee="unit:YL-JY"),
            Stage("c", "审批", "leader", (END,), assignee=f"position:{city.positions['教育副局长'].pk}"),
        ]
    )()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="go")
    with pytest.raises(Refused, match="没有办理"):
        actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="go")
    actions.take_step(open_step(case), by=city.as_("钟伟"), outcome="go")
    step = open_step(case)
    assert step.position == city.positions["教育副局长"]
    told = Notice.objects.filter(title="新待办：审批")
    assert list(told.values_list("user__full_name", flat=True)) == ["宁静"]  # its occupant, nobody else
    actions.take_step(step, by=city.as_("宁静"), outcome="answer")


def test_facts_open_and_close_routes_and_are_written_down(city, defining):
    paid = {"fee": False}
    case = defining(
        [Stage("a", "办理", "drafter", (Route("done", "办结", closes_as="free", when="!fee"), Route("done", "收费", to="b", when="fee"))),
         Stage("b", "收费", "drafter", (Route("paid", "已缴", closes_as="charged"),))],
        facts=lambda case: dict(paid),
    )  # fmt: skip
    free, charged = case(), case()
    actions.take_step(open_step(free), by=city.as_("陈刚"), outcome="done")
    paid["fee"] = True
    actions.take_step(open_step(charged), by=city.as_("陈刚"), outcome="done")
    assert Case.objects.get(pk=free.pk).outcome == "free"
    assert open_step(charged).stage_key == "b"
    said = CaseEvent.objects.get(case=charged, verb="casework.step_taken").data
    assert said["facts"] == {"fee": True}
    with pytest.raises(Refused, match="不能这样办理"):
        actions.take_step(open_step(charged), by=city.as_("陈刚"), outcome="done")
