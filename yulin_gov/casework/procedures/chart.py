"""The flow chart (办事流程图), drawn from the same definition that runs: inline SVG.

Stages stand below each other. To the right of a stage come its ends, each at the tip of an arrow
that says how one gets there; routes that skip stages run further right, routes back on the left.
All of them join the arrow that enters their target, so nothing is drawn across a box or a word.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from itertools import pairwise

from yulin_gov.organization.roles import role_label
from yulin_gov.workdays.terms import format_term

from ..enums import StageKind
from .definition import END, Procedure, Route, Stage

_MARGIN = 16
_BOX_W, _BOX_H, _PAD = 224, 60, 12
_TITLE, _NOTE, _LABEL = 16, 13, 14  # type sizes
_LEADING = 6  # between lines of text, on top of the type size
_STUB = 20  # from a box to where its side routes part
_ARROW = 28  # from a label's end to what the arrow points at
_LANE = 18  # between two lines that run beside the boxes
_NEVER_FIRST = "，。、；：！？）》”"  # in a line
_LABEL_ENS, _BELOW_ENS, _END_ENS = 16, 32, 18  # widest text lines, in half-width characters


@dataclass(frozen=True)
class Box:
    """A rectangle: a stage, the current stage, an end (round), or the start (round)."""

    x: float
    y: float
    width: float
    height: float
    kind: str  # stage, current, end

    @property
    def radius(self) -> float:
        return 8 if self.kind in ("stage", "current") else min(self.height / 2, 22)


@dataclass(frozen=True)
class Text:
    """One line of text; `y` is its base line, `kind` says how it looks."""

    x: float
    y: float
    text: str
    size: int
    anchor: str  # start, middle, end
    kind: str  # title, note, label, on (on the current stage)

    @property
    def width(self) -> float:
        return _ens(self.text) * self.size / 2


@dataclass
class Chart:
    """What templates/casework/chart.svg draws. `description` says the same in words."""

    title: str
    description: str
    width: float = 0
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # SVG paths, each ending in an arrow head


@dataclass
class _Exit:
    """A route that leaves its stage sideways, to an end (`end`, its words) or to a stage (`to`)."""

    label: list[str]
    to: str = END
    end: list[str] = field(default_factory=list)
    y: float = 0

    @property
    def above(self) -> float:
        words = len(self.label) * (_LABEL + _LEADING) + 4
        return max(words, self.below if self.end else 0)

    @property
    def below(self) -> float:
        return (len(self.end) * (_LABEL + _LEADING) + 16) / 2 if self.end else 6


@dataclass
class _Row:
    """A stage with what leaves it; `middle` is the height at which its box is centred."""

    stage: Stage
    title: list[str]
    note: list[str]
    down: list[str]  # the label of the route to the next stage
    has_down: bool
    right: list[_Exit]
    left: list[_Exit]
    middle: float = 0

    @property
    def height(self) -> float:
        words = len(self.title) * (_TITLE + _LEADING) + len(self.note) * (_NOTE + _LEADING)
        return max(_BOX_H, words + 2 * _PAD)

    @property
    def above(self) -> float:
        return max(self.height / 2, *(_reach(side)[0] for side in (self.right, self.left)))

    @property
    def below(self) -> float:
        return max(self.height / 2, *(_reach(side)[1] for side in (self.right, self.left)))


def chart_of(
    procedure: Procedure,
    *,
    current: str = "",
    outcome_labels: dict[str, str] | None = None,
    fact_labels: dict[str, str] | None = None,
) -> Chart:
    """Lay a procedure out from its start downwards, in the order of its definition.

    `current` is the key of the stage to mark; `outcome_labels` says how a case may end,
    `fact_labels` in words when a route with a condition is open. What a person may do besides the
    routes (returning, forwarding) is not drawn.
    """
    labels = outcome_labels or {}
    procedure = _with_conditions(procedure, fact_labels or {})
    start = procedure.stage(procedure.start)
    stages = [start, *(stage for stage in procedure.stages if stage is not start)]
    rows = [
        _row(stage, following, [s.key for s in stages], labels, stage.key == current)
        for stage, following in zip(stages, [*stages[1:], None], strict=True)
    ]
    return _Drawing(procedure, rows, labels, current).chart


def _with_conditions(procedure: Procedure, facts: dict[str, str]) -> Procedure:
    """The same procedure with the condition of each route in its label."""

    def said(route: Route) -> Route:
        return replace(route, label=f"{route.label}（{facts[route.when]}）") if route.when in facts else route

    stages = tuple(replace(s, routes=tuple(map(said, s.routes))) for s in procedure.stages)
    return Procedure(procedure.title, procedure.start, stages, procedure.clocks)


def _row(stage: Stage, following: Stage | None, order: list[str], labels: dict, current: bool) -> _Row:
    note = role_label(stage.role)
    if stage.kind != StageKind.WORK:
        note = f"{StageKind(stage.kind).label} · {note}"
    if stage.term:
        note = f"{note} · {format_term(stage.term.amount, stage.term.unit)}"
    notes = _wrapped(note, int((_BOX_W - 2 * _PAD) / _NOTE * 2)) + (["当前环节"] if current else [])
    targets: dict[tuple[str, str], list[str]] = {}
    for route in stage.routes:
        targets.setdefault((route.to, route.closes_as), []).append(route.label)
    down, right, left = [], [], []
    for (to, closes_as), words in targets.items():
        text = "、".join(dict.fromkeys(words))
        if following and to == following.key:
            down = _wrapped(text, _BELOW_ENS)
        elif to == END:
            end = labels.get(closes_as, "办结")
            right.append(_Exit(_wrapped(text, _LABEL_ENS), end=_wrapped(end, _END_ENS)))
        else:
            side = right if order.index(to) > order.index(stage.key) else left
            side.append(_Exit(_wrapped(text, _LABEL_ENS), to=to))
    title = _wrapped(stage.name, int((_BOX_W - 2 * _PAD) / _TITLE * 2))
    # Ends first: what runs on downwards leaves below them and crosses nothing.
    right.sort(key=lambda exit: exit.to != END)
    return _Row(stage, title, notes, down, bool(down), right, left)


class _Drawing:
    """Places rows, then draws boxes and lines into a Chart."""

    def __init__(self, procedure: Procedure, rows: list[_Row], labels: dict, current: str) -> None:
        self.rows = rows
        self.current = current
        self.chart = Chart(procedure.title, _in_words(procedure, labels))
        self.entered = {exit.to for row in rows for exit in (*row.right, *row.left) if exit.to}
        self.entries: dict[str, float] = {}  # at what height side routes join the arrow into a stage
        height = self._place_rows()
        lefts, rights = self._lanes("left"), self._lanes("right")
        left_words = _widest(exit.label for row in rows for exit in row.left)
        right_words = _widest(exit.label for row in rows for exit in row.right)
        ends = _widest(exit.end for row in rows for exit in row.right)
        self.middle = _MARGIN + _BOX_W / 2
        if lefts:
            self.middle += _STUB + left_words + 20 + _LANE * len(set(lefts.values()))
        self.end_x = self.middle + _BOX_W / 2 + _STUB + right_words + _ARROW + 8
        self.end_width = ends + 40 if ends else 0
        inner = self.end_x + self.end_width + (_LANE if ends else 0)
        outer = inner + _LANE * len(set(rights.values())) if rights else self.end_x + self.end_width
        below = self.middle + 10 + _widest(row.down for row in rows)
        box = self.middle + _BOX_W / 2
        has_right = any(row.right for row in rows)
        self.chart.width = round(max(outer if has_right else box, below, box) + _MARGIN)
        self.chart.height = round(height)
        self.lane_x = {
            "left": {
                to: self.middle - _BOX_W / 2 - _STUB - left_words - 20 - _LANE * n for to, n in lefts.items()
            },
            "right": {to: inner + _LANE * n for to, n in rights.items()},
        }
        self._draw()

    def _place_rows(self) -> float:
        """Give each row its height in the picture; return the picture's height."""
        top = _MARGIN + 36.0  # under the start
        words = 0
        for row in self.rows:
            joins = row.stage.key in self.entered
            top += 12 + words + (30 if joins else 18)
            self.entries[row.stage.key] = top - 16
            row.middle = top + row.above
            for side in (row.right, row.left):
                for exit, offset in zip(side, _offsets(side), strict=True):
                    exit.y = row.middle + offset
            top = row.middle + row.below
            words = len(row.down) * (_LABEL + _LEADING)
        return top + _MARGIN

    def _lanes(self, side: str) -> dict[str, int]:
        """A lane for each stage entered on this side, counted from the boxes; short ways first."""
        spans: dict[str, list[float]] = {}
        for row in self.rows:
            for exit in getattr(row, side):
                if exit.to:
                    spans.setdefault(exit.to, [self.entries[exit.to]]).append(exit.y)
        lanes: dict[str, int] = {}
        for to in sorted(spans, key=lambda to: max(spans[to]) - min(spans[to])):
            taken = {lanes[other] for other in lanes if _overlap(spans[to], spans[other])}
            lanes[to] = next(n for n in range(len(spans)) if n not in taken)
        return lanes

    def _draw(self) -> None:
        first = self.rows[0]
        self.chart.boxes.append(Box(self.middle - 44, _MARGIN, 88, 36, "end"))
        self._words(["开始"], self.middle, _MARGIN + 18, _LABEL, "middle", "title")
        self._line(self.middle, _MARGIN + 36, f"V{_n(first.middle - first.height / 2 - 1)}")
        for row, following in zip(self.rows, [*self.rows[1:], None], strict=True):
            self._stage(row)
            if row.has_down and following:
                self._line(
                    self.middle,
                    row.middle + row.height / 2,
                    f"V{_n(following.middle - following.height / 2 - 1)}",
                )
                y = row.middle + row.below + 10 + len(row.down) * (_LABEL + _LEADING) / 2
                self._words(row.down, self.middle + 10, y, _LABEL, "start", "label")
            for side, sign in (("right", 1), ("left", -1)):
                for exit in getattr(row, side):
                    self._exit(row, exit, side, sign)

    def _stage(self, row: _Row) -> None:
        kind = "current" if row.stage.key == self.current else "stage"
        top = row.middle - row.height / 2
        self.chart.boxes.append(Box(self.middle - _BOX_W / 2, top, _BOX_W, row.height, kind))
        titles = len(row.title) * (_TITLE + _LEADING)
        notes = len(row.note) * (_NOTE + _LEADING)
        y = row.middle - (titles + notes) / 2
        on = kind == "current"
        self._words(row.title, self.middle, y + titles / 2, _TITLE, "middle", "on" if on else "title")
        self._words(row.note, self.middle, y + titles + notes / 2, _NOTE, "middle", "on" if on else "note")

    def _exit(self, row: _Row, exit: _Exit, side: str, sign: int) -> None:
        edge = self.middle + sign * _BOX_W / 2
        part = edge + sign * _STUB
        words = len(exit.label) * (_LABEL + _LEADING)
        anchor = "start" if sign > 0 else "end"
        self._words(exit.label, part + sign * 8, exit.y - 4 - words / 2, _LABEL, anchor, "label")
        way = f"H{_n(part)}V{_n(exit.y)}" if exit.y != row.middle else ""
        if exit.end:
            height = 2 * exit.below
            self.chart.boxes.append(Box(self.end_x, exit.y - exit.below, self.end_width, height, "end"))
            self._words(exit.end, self.end_x + self.end_width / 2, exit.y, _LABEL, "middle", "title")
            self._line(edge, row.middle, f"{way}H{_n(self.end_x - 1)}")
            return
        target = next(other for other in self.rows if other.stage.key == exit.to)
        lane = self.lane_x[side][exit.to]
        into = target.middle - target.height / 2 - 1
        entry = self.entries[exit.to]
        self._line(edge, row.middle, f"{way}H{_n(lane)}V{_n(entry)}H{_n(self.middle)}V{_n(into)}")

    def _line(self, x: float, y: float, way: str) -> None:
        self.chart.lines.append(f"M{_n(x)} {_n(y)}{way}")

    def _words(self, lines: list[str], x: float, middle: float, size: int, anchor: str, kind: str) -> None:
        """Lines of text, the block centred on the height `middle`."""
        leading = size + _LEADING
        base = middle - len(lines) * leading / 2 + leading / 2 + size * 0.36
        for number, line in enumerate(lines):
            self.chart.texts.append(
                Text(round(x, 1), round(base + number * leading, 1), line, size, anchor, kind)
            )


def _offsets(exits: list[_Exit]) -> list[float]:
    """Where a row's side routes run, relative to its middle: evenly about it, without touching."""
    if not exits:
        return []
    offsets = [0.0]
    for before, after in pairwise(exits):
        offsets.append(offsets[-1] + before.below + 10 + after.above)
    return [offset - offsets[-1] / 2 for offset in offsets]


def _reach(exits: list[_Exit]) -> tuple[float, float]:
    """How far a row's side routes reach above and below its middle."""
    if not exits:
        return 0, 0
    offsets = _offsets(exits)
    return exits[0].above - offsets[0], offsets[-1] + exits[-1].below


def _in_words(procedure: Procedure, labels: dict[str, str]) -> str:
    def target(route: Route) -> str:
        return procedure.stage(route.to).name if route.to else labels.get(route.closes_as, "办结")

    return "；".join(
        f"{stage.name}：" + "、".join(f"{route.label}至{target(route)}" for route in stage.routes)
        for stage in procedure.stages
    )


def _overlap(one: list[float], other: list[float]) -> bool:
    return min(one) - _LANE < max(other) and min(other) - _LANE < max(one)


def _ens(text: str) -> int:
    """Width in half-width characters: a Han character counts two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _wrapped(text: str, ens: int) -> list[str]:
    """`text` in lines of at most `ens` half-widths, as even as may be; it breaks at separators first."""
    lines = max(1, -(-_ens(text) // ens))
    if lines == 1:
        return [text] if text else []
    parted = [part for part in text.split(" · ") if part]
    if len(parted) > 1 and all(_ens(part) <= ens for part in parted):
        return _joined(parted, ens)
    least = -(-_ens(text) // lines)
    found, line = [], ""
    for character, after in zip(text, f"{text[1:]} ", strict=True):
        line += character
        if _ens(line) >= least and len(found) < lines - 1 and after not in _NEVER_FIRST:
            found.append(line)
            line = ""
    return [*found, line] if line else found


def _joined(parts: list[str], ens: int) -> list[str]:
    lines = [parts[0]]
    for part in parts[1:]:
        longer = f"{lines[-1]} · {part}"
        if _ens(longer) <= ens:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _widest(blocks) -> float:
    return max((_ens(line) * _LABEL / 2 for block in blocks for line in block), default=0)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
