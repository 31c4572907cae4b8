"""The flow chart (办事流程图), drawn from the same definition that runs: inline SVG."""

from __future__ import annotations

from dataclasses import dataclass

from yulin_gov.organization.roles import role_label
from yulin_gov.workdays.terms import format_term

from ..enums import StageKind
from .definition import END, Procedure, Route, Stage

_WIDTH, _BOX_W, _BOX_H, _GAP = 720, 220, 64, 68
_MIDDLE = 300
_LANE = 22  # between two lines that run beside the boxes


@dataclass(frozen=True)
class Box:
    """A rectangle with up to two lines of text; `end` boxes are round."""

    x: int
    y: int
    title: str
    note: str
    end: bool = False
    current: bool = False

    @property
    def middle(self) -> int:
        return self.x + _BOX_W // 2

    @property
    def title_y(self) -> int:
        return self.y + (28 if self.note else 38)

    @property
    def note_y(self) -> int:
        return self.y + 49


@dataclass(frozen=True)
class Line:
    """An arrow as an SVG path with its label's place."""

    path: str
    label: str
    x: int
    y: int
    anchor: str


@dataclass(frozen=True)
class Chart:
    """What templates/casework/chart.svg draws. `description` says the same in words."""

    title: str
    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    description: str


def chart_of(
    procedure: Procedure, *, current: str = "", outcome_labels: dict[str, str] | None = None
) -> Chart:
    """Lay a procedure out from top to bottom in the order of its definition, ends below.

    `current` is the key of the stage to mark. Forward routes to the next box go straight down,
    all others run beside the boxes: forward on the right, back on the left.
    """
    labels = outcome_labels or {}
    ends = list(dict.fromkeys(r.closes_as for s in procedure.stages for r in s.routes if r.to == END))
    keys = [stage.key for stage in procedure.stages]
    places = {key: row for row, key in enumerate([*keys, *(f"end:{end}" for end in ends)])}
    boxes = [_stage_box(stage, places[stage.key], stage.key == current) for stage in procedure.stages]
    boxes += [
        Box(_MIDDLE - _BOX_W // 2, _y(places[f"end:{end}"]), labels.get(end, f"办结（{end}）"), "", end=True)
        for end in ends
    ]
    lines = _lines(procedure, places)
    height = _y(len(places)) - _GAP + 40
    said = "；".join(
        f"{stage.name}：" + "、".join(f"{r.label}至{_target(procedure, r, labels)}" for r in stage.routes)
        for stage in procedure.stages
    )
    return Chart(procedure.title, _WIDTH, height, boxes, lines, said)


def _y(row: int) -> int:
    return 20 + row * (_BOX_H + _GAP)


def _stage_box(stage: Stage, row: int, current: bool) -> Box:
    note = role_label(stage.role)
    if stage.kind != StageKind.WORK:
        note = f"{StageKind(stage.kind).label} · {note}"
    if stage.term:
        note = f"{note} · {format_term(stage.term.amount, stage.term.unit)}"
    return Box(_MIDDLE - _BOX_W // 2, _y(row), stage.name, note, current=current)


def _target(procedure: Procedure, route: Route, labels: dict[str, str]) -> str:
    return procedure.stage(route.to).name if route.to else labels.get(route.closes_as, "办结")


def _lines(procedure: Procedure, places: dict[str, int]) -> list[Line]:
    merged: dict[tuple[int, int], list[str]] = {}
    for stage in procedure.stages:
        for route in stage.routes:
            target = route.to or f"end:{route.closes_as}"
            merged.setdefault((places[stage.key], places[target]), []).append(route.label)
    lines, lanes = [], {1: 0, -1: 0}
    for (start, end), labels in merged.items():
        label = "、".join(dict.fromkeys(labels))
        if end == start + 1:
            y = _y(start) + _BOX_H
            lines.append(
                Line(f"M{_MIDDLE} {y}V{_y(end) - 2}", label, _MIDDLE + 10, y + _GAP // 2 + 5, "start")
            )
            continue
        side = 1 if end > start else -1
        lanes[side] += 1
        lines.append(_beside(start, end, label, side, lanes[side]))
    return lines


def _beside(start: int, end: int, label: str, side: int, lane: int) -> Line:
    edge = _MIDDLE + side * _BOX_W // 2
    x = edge + side * (18 + _LANE * lane)
    out, into = _y(start) + _BOX_H // 2 + 4 * lane, _y(end) + _BOX_H // 2 - 4 * lane
    path = f"M{edge} {out}H{x}V{into}H{edge + side * 2}"
    return Line(path, label, x + side * 6, (out + into) // 2 + lane * 18 - 18, "start" if side > 0 else "end")
