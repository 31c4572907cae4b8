"""The procedure language: JSON in the database, these dataclasses in the code.

`parse()` reads and checks the form of a definition; what it means (reachable stages, ends,
mandatory outcomes) is checked by `validation.problems_of()` when a version is published.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from yulin_gov.organization.roles import ROLES
from yulin_gov.workdays.terms import TermUnit

from ..enums import Adhoc, Dissent, Join, StageKind, StepOutcome

END = ""  # a route that leads nowhere closes the case

# What participants of these stages answer; the stage's own routes say what follows when they are done.
PARTICIPANT_OUTCOMES = {
    StageKind.COUNTERSIGN: (StepOutcome.AGREE, StepOutcome.DISSENT),
    StageKind.CIRCULATE: (StepOutcome.READ,),
}
REQUIREMENTS = ("opinion", "legal_basis", "files", "to")
CHILDREN_CLOSED = "children_closed"  # the outcome by which a wait for child cases ends
RESERVED = (
    StepOutcome.RETURNED,
    StepOutcome.FORWARDED,
    StepOutcome.SUPERSEDED,
    StepOutcome.REMOVED,
    StepOutcome.WITHDRAWN,
)
HOLDER = "holder"  # in an alert: whoever holds the open step


class InvalidDefinition(ValueError):
    """The definition is not of the language's form. The message is a Chinese sentence."""


@dataclass(frozen=True)
class Term:
    """`amount` of `unit` (workdays, days, hours)."""

    amount: int
    unit: str = TermUnit.WORKDAYS


@dataclass(frozen=True)
class Alert:
    """A reminder `offset` term units from the due time (negative: before) to these roles."""

    offset: int
    to: tuple[str, ...] = (HOLDER,)


@dataclass(frozen=True)
class ClockRule:
    """A clock of the whole case: starts at opening, or by the outcome `starts_on`; an outcome in
    `stops_on` ends it, and so does closing the case."""

    name: str
    label: str
    term: Term
    legal_basis: str = ""
    starts_on: str = ""
    stops_on: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True)
class Route:
    """A way out of a stage. `to` is the next stage, or END, and then the case closes as `closes_as`.

    `requires` names what must be given; `when` a fact of the case ("consented", "!consented")
    under which the route is open. Several routes may share an outcome if their facts differ.
    """

    outcome: str
    label: str
    to: str = END
    closes_as: str = ""
    requires: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True)
class Stage:
    """A stage (环节). `assignee`: "responsible", "routed", "unit:CODE" or "position:ID".

    `differs_from` names stages whose actors (and those they acted for) may not act here: four
    eyes. `pauses` names clocks that stand still while a wait lasts ("*": all of the case's).
    """

    key: str
    name: str
    role: str
    routes: tuple[Route, ...]
    kind: str = StageKind.WORK
    assignee: str = "responsible"
    join: str = Join.ALL
    dissent: str = Dissent.RECORDED
    term: Term | None = None
    alerts: tuple[Alert, ...] = ()
    adhoc: tuple[str, ...] = ()
    differs_from: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()

    @property
    def has_participants(self) -> bool:
        return self.kind in PARTICIPANT_OUTCOMES

    def choices(self, facts: dict[str, bool]) -> list[Route]:
        """The routes a person may choose here, given the case's facts."""
        if self.has_participants:
            labels = [(outcome, StepOutcome(outcome).label) for outcome in PARTICIPANT_OUTCOMES[self.kind]]
            need = {StepOutcome.DISSENT: ("opinion",)}
            return [Route(str(o), str(label), to=self.key, requires=need.get(o, ())) for o, label in labels]
        return [route for route in self.routes if holds(route.when, facts)]

    def offers(self, outcome: str) -> bool:
        """Whether some route has this outcome, whatever its condition."""
        return any(route.outcome == outcome for route in self.routes)

    def route(self, outcome: str, facts: dict[str, bool]) -> Route | None:
        """Where `outcome` leads, or None where the stage has no such way out."""
        return next((r for r in self.routes if r.outcome == outcome and holds(r.when, facts)), None)


@dataclass(frozen=True)
class Procedure:
    title: str
    start: str
    stages: tuple[Stage, ...]
    clocks: tuple[ClockRule, ...] = ()
    by_key: dict[str, Stage] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.by_key.update({stage.key: stage for stage in self.stages})

    def stage(self, key: str) -> Stage:
        return self.by_key[key]

    def clock(self, name: str) -> ClockRule | None:
        return next((clock for clock in self.clocks if clock.name == name), None)

    def as_json(self) -> dict:
        """The definition as stored; `parse(p.as_json()) == p`."""
        return {
            "title": self.title,
            "start": self.start,
            "stages": [dataclasses.asdict(stage) for stage in self.stages],
            "clocks": [dataclasses.asdict(clock) for clock in self.clocks],
        }


def holds(fact: str, facts: dict[str, bool]) -> bool:
    """Whether the named fact (or, with "!", its opposite) is true; no name is always true."""
    if fact.startswith("!"):
        return not facts.get(fact[1:], False)
    return not fact or facts.get(fact, False)


def sha256_of(definition: dict) -> str:
    """The digest under which a version is published."""
    canonical = json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


# -- reading ------------------------------------------------------------------------------


def parse(definition: Any) -> Procedure:
    """The dataclasses of a definition. Raises InvalidDefinition with the place and the reason."""
    whole = _mapping(definition, "流程", {"title", "start", "stages"}, {"clocks"})
    stages = tuple(_stage(item) for item in _list(whole["stages"], "环节"))
    clocks = tuple(_clock(item) for item in _list(whole.get("clocks", []), "时限"))
    for names, what in (([s.key for s in stages], "环节"), ([c.name for c in clocks], "时限")):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InvalidDefinition(f"{what}标识重复：{'、'.join(twice)}。")
    return Procedure(
        _text(whole["title"], "流程名称", most=100), _text(whole["start"], "起始环节"), stages, clocks
    )


def _stage(item: Any) -> Stage:
    fields = {f.name for f in dataclasses.fields(Stage)}
    item = _mapping(item, "环节", {"key", "name", "role", "routes"}, fields)
    where = f"环节“{item['name']}”"
    adhoc = _tuple(item.get("adhoc", ()), f"{where}的临时操作")
    for verb in adhoc:
        _choice(verb, Adhoc.values, f"{where}的临时操作")
    return Stage(
        key=_text(item["key"], f"{where}的标识"),
        name=_text(item["name"], "环节名称"),
        role=_choice(item["role"], ROLES, f"{where}的角色"),
        routes=tuple(_route(route, where) for route in _list(item["routes"], f"{where}的去向")),
        kind=_choice(item.get("kind", StageKind.WORK), StageKind.values, f"{where}的类型"),
        assignee=_assignee(item.get("assignee", "responsible"), where),
        join=_choice(item.get("join", Join.ALL), Join.values, f"{where}的汇合方式"),
        dissent=_choice(item.get("dissent", Dissent.RECORDED), Dissent.values, f"{where}的异议处理"),
        term=_term(item["term"], where) if item.get("term") else None,
        alerts=_alerts(item.get("alerts", ()), where),
        adhoc=adhoc,
        differs_from=_tuple(item.get("differs_from", ()), f"{where}的回避环节"),
        pauses=_tuple(item.get("pauses", ()), f"{where}暂停的时限"),
    )


def _route(item: Any, where: str) -> Route:
    item = _mapping(item, f"{where}的去向", {"outcome", "label"}, {"to", "closes_as", "requires", "when"})
    requires = _tuple(item.get("requires", ()), f"{where}的必填项")
    for name in requires:
        _choice(name, REQUIREMENTS, f"{where}的必填项")
    route = Route(
        outcome=_text(item["outcome"], f"{where}的结果标识"),
        label=_text(item["label"], f"{where}的结果名称"),
        to=_text(item.get("to", END), f"{where}的下一环节", blank=True),
        closes_as=_text(item.get("closes_as", ""), f"{where}的办结结果", blank=True),
        requires=requires,
        when=_text(item.get("when", ""), f"{where}的条件", blank=True),
    )
    if bool(route.to) == bool(route.closes_as):
        raise InvalidDefinition(f"{where}的去向“{route.label}”须写明下一环节或办结结果，且只能写一项。")
    if route.outcome in RESERVED:
        raise InvalidDefinition(f"{where}的结果标识“{route.outcome}”为系统保留，请另取。")
    return route


def _clock(item: Any) -> ClockRule:
    optional = {"legal_basis", "starts_on", "stops_on", "alerts"}
    item = _mapping(item, "时限", {"name", "label", "term"}, optional)
    where = f"时限“{item['label']}”"
    return ClockRule(
        name=_text(item["name"], f"{where}的标识"),
        label=_text(item["label"], "时限名称"),
        term=_term(item["term"], where),
        legal_basis=_text(item.get("legal_basis", ""), f"{where}的依据", blank=True, most=200),
        starts_on=_text(item.get("starts_on", ""), f"{where}的起算结果", blank=True),
        stops_on=_tuple(item.get("stops_on", ()), f"{where}的结束结果"),
        alerts=_alerts(item.get("alerts", ()), where),
    )


def _alerts(items: Any, where: str) -> tuple[Alert, ...]:
    alerts = []
    for item in _list(items, f"{where}的提醒"):
        item = _mapping(item, f"{where}的提醒", {"offset"}, {"to"})
        roles = _tuple(item.get("to", (HOLDER,)), f"{where}的提醒对象")
        for role in roles:
            _choice(role, {HOLDER, *ROLES}, f"{where}的提醒对象")
        alerts.append(Alert(_number(item["offset"], f"{where}的提醒时间", least=-3650), roles))
    return tuple(sorted(alerts, key=lambda alert: alert.offset))


def _term(item: Any, where: str) -> Term:
    if isinstance(item, (list, tuple)) and len(item) == 2:
        item = {"amount": item[0], "unit": item[1]}
    item = _mapping(item, f"{where}的期限", {"amount", "unit"}, set())
    unit = _choice(item["unit"], TermUnit.values, f"{where}的期限单位")
    return Term(_number(item["amount"], f"{where}的期限", least=1), unit)


def _assignee(value: Any, where: str) -> str:
    value = _text(value, f"{where}的承办方式")
    kind, _, name = value.partition(":")
    plain = kind in ("responsible", "routed") and not name
    if plain or (kind == "unit" and name) or (kind == "position" and name.isascii() and name.isdigit()):
        return value
    raise InvalidDefinition(f"{where}的承办方式“{value}”无法识别。")


def _mapping(value: Any, what: str, required: set[str], optional: set[str]) -> dict:
    if not isinstance(value, dict):
        raise InvalidDefinition(f"{what}的格式不正确。")
    missing = required - value.keys()
    unknown = value.keys() - required - optional
    if missing:
        raise InvalidDefinition(f"{what}缺少：{'、'.join(sorted(missing))}。")
    if unknown:
        raise InvalidDefinition(f"{what}有无法识别的内容：{'、'.join(sorted(map(str, unknown)))}。")
    return value


def _list(value: Any, what: str) -> list:
    if not isinstance(value, (list, tuple)):
        raise InvalidDefinition(f"{what}应为列表。")
    return list(value)


def _tuple(value: Any, what: str) -> tuple[str, ...]:
    return tuple(_text(item, what) for item in _list(value, what))


def _text(value: Any, what: str, *, blank: bool = False, most: int = 40) -> str:
    if not isinstance(value, str) or "\0" in value or (not value and not blank):
        raise InvalidDefinition(f"{what}应为文字。")
    if len(value) > most:
        raise InvalidDefinition(f"{what}不能超过{most}个字。")
    return value


def _number(value: Any, what: str, *, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 3650:
        raise InvalidDefinition(f"{what}应为{max(least, -3650)}至3650之间的整数。")
    return value


def _choice(value: Any, allowed: Any, what: str) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise InvalidDefinition(f"{what}“{value}”无法识别。")
    return value
