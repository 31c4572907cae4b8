"""The procedure language: what is not of its form, or makes no sense, is refused with a sentence."""

from dataclasses import replace

import pytest

from yulin_gov.casework.procedures import (
    CHILDREN_CLOSED,
    Alert,
    ClockRule,
    InvalidDefinition,
    Procedure,
    Route,
    Stage,
    Term,
    parse,
)
from yulin_gov.casework.procedures.validation import problems_of

from .procedures import SIMPLE


def stage(key, *routes, **more):
    return Stage(key, f"{key}环节", more.pop("role", "drafter"), tuple(routes), **more)


def to(target, outcome="go", **more):
    return Route(outcome, f"到{target}", to=target, **more)


def end(outcome="done", closes_as="answered", **more):
    return Route(outcome, "办结", closes_as=closes_as, **more)


def procedure(*stages, clocks=()):
    return Procedure("流程", stages[0].key, stages, tuple(clocks))


def problems(*stages, clocks=(), **rules):
    return problems_of(procedure(*stages, clocks=clocks), **rules)


FULL = procedure(
    stage(
        "a",
        to("b", requires=("opinion", "to")),
        term=Term(4, "hours"),
        alerts=(Alert(-1), Alert(0)),
        adhoc=("add",),
    ),
    stage(
        "b",
        to("c", "agree"),
        to("a", "dissent"),
        kind="countersign",
        assignee="routed",
        join="any",
        dissent="blocks",
    ),
    stage(
        "c",
        end(when="paid"),
        to("a", "done", when="!paid"),
        kind="wait",
        pauses=("promised",),
        differs_from=("a",),
    ),
    clocks=[
        ClockRule(
            "promised", "承诺时限", Term(5), "条例第一条", "go", ("done",), (Alert(0, ("leader", "holder")),)
        )
    ],
)


@pytest.mark.parametrize("whole", [SIMPLE, FULL])
def test_a_definition_survives_being_stored_and_read(whole):
    assert parse(whole.as_json()) == whole
    assert problems_of(whole) == []


def broken(**changes):
    return {**FULL.as_json(), **changes}


def broken_stage(**changes):
    return broken(stages=[{**FULL.as_json()["stages"][0], **changes}])


def broken_route(**changes):
    return broken_stage(routes=[{"outcome": "x", "label": "甲", "to": "b", **changes}])


@pytest.mark.parametrize(
    "definition",
    [
        None,
        [],
        "流程",
        {"title": "x"},
        broken(colour="red"),
        broken(title=""),
        broken(title="长" * 101),
        broken(stages="a"),
        broken(stages=[1]),
        broken(stages=FULL.as_json()["stages"] * 2),
        broken(clocks=FULL.as_json()["clocks"] * 2),
        broken(clocks=[{"name": "x"}]),
        broken_stage(key="k" * 41),
        broken_stage(name="有\0字"),
        broken_stage(role="emperor"),
        broken_stage(kind="party"),
        broken_stage(assignee="unit:"),
        broken_stage(assignee="position:甲"),
        broken_stage(assignee="nobody"),
        broken_stage(join="some"),
        broken_stage(dissent="shout"),
        broken_stage(adhoc=["explode"]),
        broken_stage(term={"amount": 0, "unit": "workdays"}),
        broken_stage(term={"amount": True, "unit": "workdays"}),
        broken_stage(term={"amount": 3, "unit": "moons"}),
        broken_stage(alerts=[{"offset": "1"}]),
        broken_stage(alerts=[{"offset": 1, "to": ["king"]}]),
        broken_route(closes_as="answered"),
        broken_route(to=""),
        broken_route(requires=["money"]),
        broken_route(outcome="returned"),
        broken_route(outcome="removed"),
        broken_route(label={"a": 1}),
        broken_route(when=7),
    ],
)
def test_what_is_not_of_the_form_is_refused_with_a_sentence(definition):
    with pytest.raises(InvalidDefinition, match=r"。$"):
        parse(definition)


def test_every_stage_must_exist_be_reached_and_lead_to_an_end():
    assert "起始环节“nowhere”不存在。" in problems_of(replace(SIMPLE, start="nowhere"))
    assert any("不存在的环节" in p for p in problems(stage("a", to("x"), end())))
    assert any("没有去向" in p for p in problems(stage("a")))
    assert problems(stage("a", end()), stage("b", end())) == ["环节“b环节”无法到达。"]
    trapped = problems(stage("a", to("b"), end()), stage("b", to("c")), stage("c", to("b")))
    assert trapped == ["环节“b环节”没有通向办结的路径。", "环节“c环节”没有通向办结的路径。"]


def test_references_to_stages_clocks_and_outcomes_must_exist():
    assert any("回避环节“x”" in p for p in problems(stage("a", end(), differs_from=("x",))))
    assert any("暂停的时限“x”" in p for p in problems(stage("a", end(), kind="wait", pauses=("x",))))
    assert any("不能停表" in p for p in problems(stage("a", end(), pauses=("*",))))
    clock = ClockRule("promised", "时限", Term(5), stops_on=("never",))
    assert any("结果“never”" in p for p in problems(stage("a", end()), clocks=[clock]))


def test_one_outcome_leads_to_one_place():
    assert any("条件须两两相反" in p for p in problems(stage("a", end(), end(closes_as="other"))))
    assert any(
        "条件须两两相反" in p for p in problems(stage("a", end(when="x"), end(closes_as="b", when="y")))
    )
    assert problems(stage("a", end(when="x"), end(closes_as="b", when="!x"))) == []


def test_no_state_of_facts_leaves_a_stage_without_a_way_out():
    assert any("没有去向" in p for p in problems(stage("a", end(when="paid"))))
    assert problems(stage("a", end(when="paid"), end("other", "b", when="!paid"))) == []
    signing = stage("b", end("agree", when="paid"), kind="countersign", assignee="routed")
    assert any("没有去向" in p for p in problems(stage("a", to("b", requires=("to",))), signing))


def test_stages_of_participants_have_exactly_the_answers_routes():
    first = stage("a", to("b", requires=("to",)))
    for wrong in (
        stage("b", end(), kind="countersign", assignee="routed"),
        stage("b", end("agree"), kind="countersign", dissent="blocks", assignee="routed"),
        stage("b", end("agree"), kind="circulate", assignee="routed"),
    ):
        assert any("的去向应为" in p for p in problems(first, wrong))
    assert problems(first, stage("b", end("read"), kind="circulate", assignee="routed")) == []


def test_whoever_leads_into_a_routed_stage_must_choose_its_participants():
    routed = stage("b", end(), assignee="routed")
    assert any("须选择“b环节”的参与单位" in p for p in problems(stage("a", to("b")), routed))
    # Nobody could choose: the last of several to answer, or the system.
    signing = stage("a", to("b", "agree", requires=("to",)), kind="countersign")
    assert any("不能要求选择单位" in p for p in problems(signing, routed))
    waiting = stage("a", to("b", CHILDREN_CLOSED, requires=("to",)), kind="wait")
    assert any("不能要求选择单位" in p for p in problems(waiting, routed))


ORDER = {"mandatory": ("sign", "number", "seal"), "exempt_ends": frozenset({"withdrawn"})}


def test_every_path_passes_the_mandatory_outcomes_in_order():
    a, b, c = stage("a", to("b", "sign")), stage("b", to("c", "number")), stage("c", end("seal"))
    assert problems(a, b, c, **ORDER) == []
    assert any(
        "“seal”尚未" in p or "缺少“seal”" in p for p in problems(a, stage("b", end("number")), **ORDER)
    )
    swapped = problems(stage("a", to("b", "number")), stage("b", to("c", "sign")), c, **ORDER)
    assert any("“sign”尚未完成" in p for p in swapped)
    excused = stage("a", to("b", "sign"), end("drop", "withdrawn"))
    assert problems(excused, b, c, **ORDER) == []
    assert problems(stage("a", to("b", "sign"), end("drop", "lost")), b, c, **ORDER) != []


def test_a_loop_back_makes_what_follows_mandatory_again():
    a, b = stage("a", to("b", "sign")), stage("b", to("c", "number"))
    c, d = stage("c", to("d", "seal")), stage("d", end(), to("a", "again"))
    assert problems(a, b, c, d, **ORDER) == []
    shortcut = stage("a", to("b", "sign"), to("d", "skip"))  # fine the second time, not the first
    assert any("缺少“sign”" in p for p in problems(shortcut, b, c, d, **ORDER))
    resigned = stage("d", end(), to("e", "again"))
    e = stage("e", end("sign"))  # signing anew without a new number and seal
    assert any("缺少“number”" in p for p in problems(a, b, c, resigned, e, **ORDER))
