"""The flow chart says everything the procedure does, and nothing in it covers anything else."""

import itertools
import re

import pytest
from django.template.loader import render_to_string

from letters.procedures import DEFAULT, imported
from yulin_gov.casework.enums import StageKind
from yulin_gov.casework.procedures import Procedure, Route, Stage, Term
from yulin_gov.casework.procedures.chart import chart_of

LABELS = {
    "declined": "不予受理",
    "replied": "已答复",
    "published": "已公开",
    "stopped": "当事人主动撤回申请后终止办理并归档",
}
LONG = "由玉林市人力资源和社会保障局会同有关县（市、区）人民政府联合审查"

# Skips, returns, several ends at one stage, two lanes on either side, a loop, and the longest names.
TANGLED = Procedure(
    "复杂流程",
    "one",
    stages=(
        Stage(
            "one",
            LONG,
            "letter_clerk",
            (
                Route("next", "转入下一环节并告知申请人补齐全部材料", to="two"),
                Route("fast", "情况紧急的直接送领导签发", to="four"),
                Route("stop", "终止", closes_as="stopped"),
                Route("refuse", "不予受理并说明理由告知救济途径", closes_as="declined"),
                Route("answer", "当场答复", closes_as="replied"),
            ),
            term=Term(3),
        ),
        Stage(
            "two",
            "会签",
            "drafter",
            (Route("agree", "会签完成", to="three"), Route("object", "意见不一致，重新研究", to="one")),
            kind=StageKind.COUNTERSIGN,
            term=Term(12),
        ),
        Stage(
            "three",
            "审核",
            "reviewer",
            (
                Route("pass", "通过", to="four"),
                Route("skip", "不需签发", to="five"),
                Route("again", "重新审核", to="three"),
                Route("back", "退回会签", to="two"),
            ),
        ),
        Stage("four", "签发", "leader", (Route("sign", "签发", to="five"), Route("back", "发回", to="one"))),
        Stage("five", "公开审核", "reviewer", (Route("keep", "不公开", closes_as="replied"),)),
    ),
)
PROCEDURES = [DEFAULT, imported(15), TANGLED]


def drawn(procedure, current=""):
    return chart_of(procedure, current=current, outcome_labels=LABELS)


def segments(path: str) -> list[tuple[float, float, float, float]]:
    """The straight pieces of a path of M, H and V as left, top, right, bottom."""
    found, x, y = [], 0.0, 0.0
    for command, numbers in re.findall(r"([MHV])([\d. ]+)", path):
        given = [float(n) for n in numbers.split()]
        to = tuple(given) if command == "M" else (given[0], y) if command == "H" else (x, given[0])
        if command != "M":
            found.append((min(x, to[0]), min(y, to[1]), max(x, to[0]), max(y, to[1])))
        x, y = to
    return found


def area(text) -> tuple[float, float, float, float]:
    left = text.x - {"start": 0, "middle": text.width / 2, "end": text.width}[text.anchor]
    return left, text.y - text.size * 0.86, left + text.width, text.y + text.size * 0.14


def rectangle(box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.x + box.width, box.y + box.height


def meet(one, other) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def inside(one, other) -> bool:
    return one[0] >= other[0] and one[1] >= other[1] and one[2] <= other[2] and one[3] <= other[3]


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda p: p.title)
def test_no_word_lies_on_a_line_or_a_box_or_another_word(procedure):
    chart = drawn(procedure, procedure.start)
    lines = [piece for path in chart.lines for piece in segments(path)]
    for text in chart.texts:
        assert not [piece for piece in lines if meet(area(text), piece)], text
        for box in chart.boxes:
            assert not meet(area(text), rectangle(box)) or inside(area(text), rectangle(box)), (text, box)
    for one, other in itertools.combinations(chart.texts, 2):
        assert not meet(area(one), area(other)), (one, other)


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda p: p.title)
def test_no_line_runs_through_a_box_and_everything_is_inside_the_picture(procedure):
    chart = drawn(procedure)
    picture = (0, 0, chart.width, chart.height)
    for box in chart.boxes:
        assert inside(rectangle(box), picture)
        for path in chart.lines:
            assert not [piece for piece in segments(path) if meet(piece, rectangle(box))], (path, box)
    for one, other in itertools.combinations(chart.boxes, 2):
        assert not meet(rectangle(one), rectangle(other))
    assert all(inside(area(text), picture) for text in chart.texts)
    assert all(inside(piece, picture) for path in chart.lines for piece in segments(path))


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda p: p.title)
def test_every_stage_and_every_way_out_of_it_is_drawn_and_said(procedure):
    chart = drawn(procedure)
    words = "".join(text.text for text in chart.texts)
    for stage in procedure.stages:
        assert stage.name in words and stage.name in chart.description
        for route in stage.routes:
            assert route.label in words and route.label in chart.description
    ends = {
        (stage.key, route.closes_as) for stage in procedure.stages for route in stage.routes if not route.to
    }
    assert len([box for box in chart.boxes if box.kind == "end"]) == len(ends) + 1  # and the start


def test_the_current_stage_is_marked_by_words_not_by_colour_alone():
    chart = drawn(DEFAULT, "review")
    assert [box.kind for box in chart.boxes].count("current") == 1
    assert [text.text for text in chart.texts if text.kind == "on"][-1] == "当前环节"
    assert "当前环节" not in [text.text for text in drawn(DEFAULT).texts]


def test_a_procedure_is_drawn_from_its_start_wherever_that_is_defined():
    later = Procedure("倒着写的", "a", (Stage("b", "乙", "leader", (Route("x", "办结", closes_as="replied"),)),
                                     Stage("a", "甲", "drafter", (Route("go", "送签", to="b"),))))  # fmt: skip
    titles = [text.text for text in drawn(later).texts if text.text in ("甲", "乙")]
    assert titles == ["甲", "乙"]


def test_the_picture_names_itself_and_escapes_what_people_wrote():
    sly = Procedure(
        "<b>甲&乙</b>", "a", (Stage("a", "<script>", "leader", (Route("x", "办", closes_as="replied"),)),)
    )
    svg = render_to_string("casework/chart.svg", {"chart": drawn(sly)})
    assert "&lt;script&gt;" in svg and "<script>" not in svg
    assert 'role="img"' in svg and "<title" in svg and "<desc" in svg
    assert "style=" not in svg
