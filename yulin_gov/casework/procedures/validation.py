"""What a definition must fulfil before it is published."""

from __future__ import annotations

from itertools import product

from ..enums import Dissent, StageKind, StepOutcome
from .definition import CHILDREN_CLOSED, END, Procedure, Route, Stage, holds


def problems_of(
    procedure: Procedure,
    *,
    mandatory: tuple[str, ...] = (),
    exempt_ends: frozenset[str] = frozenset(),
    verbs: frozenset[str] = frozenset(),
) -> list[str]:
    """Every reason why this procedure cannot be published, as Chinese sentences; none is fine.

    `mandatory` are the outcomes every path must pass, in order; paths that end with an outcome
    in `exempt_ends` (declined, withdrawn) are excused. `verbs` are outcomes of which the kind
    has an action of its own; a mandatory one must be known, which the caller ensures.
    """
    if procedure.start not in procedure.by_key:
        return [f"起始环节“{procedure.start}”不存在。"]
    problems = [problem for stage in procedure.stages for problem in _stage_problems(procedure, stage)]
    problems += _clock_problems(procedure)
    if problems:
        return problems
    problems += [f"环节“{s.name}”无法到达。" for s in procedure.stages if s.key not in _reachable(procedure)]
    problems += [
        f"环节“{s.name}”没有通向办结的路径。" for s in procedure.stages if s.key not in _ending(procedure)
    ]
    if not problems:  # the walk below takes for granted that the stages hang together
        problems += _skipped_outcomes(procedure, mandatory, exempt_ends)
    return problems


def _stage_problems(procedure: Procedure, stage: Stage) -> list[str]:
    problems = []
    if not stage.routes:
        problems.append(f"环节“{stage.name}”没有去向。")
    for route in stage.routes:
        if route.to != END and route.to not in procedure.by_key:
            problems.append(f"环节“{stage.name}”的去向“{route.label}”指向不存在的环节“{route.to}”。")
        elif (
            route.to != END and _needs_participants(procedure.stage(route.to)) and "to" not in route.requires
        ):
            problems.append(
                f"环节“{stage.name}”的去向“{route.label}”须选择“{procedure.stage(route.to).name}”的参与单位。"
            )
        elif route.to != END and _unattended(stage, route) and "to" in route.requires:
            problems.append(f"环节“{stage.name}”的去向“{route.label}”由多家或系统完成，不能要求选择单位。")
    for key in stage.differs_from:
        if key not in procedure.by_key:
            problems.append(f"环节“{stage.name}”的回避环节“{key}”不存在。")
    for name in stage.pauses:
        if name != "*" and not procedure.clock(name):
            problems.append(f"环节“{stage.name}”暂停的时限“{name}”不存在。")
    if stage.pauses and stage.kind != StageKind.WAIT:
        problems.append(f"环节“{stage.name}”不是特殊环节，不能停表。")
    problems += _ambiguous_routes(stage)
    problems += _dead_ends(stage)
    problems += _participant_problems(stage)
    return problems


def _needs_participants(stage: Stage) -> bool:
    return stage.assignee == "routed"


def _ambiguous_routes(stage: Stage) -> list[str]:
    by_outcome: dict[str, list[Route]] = {}
    for route in stage.routes:
        by_outcome.setdefault(route.outcome, []).append(route)
    problems = []
    for routes in by_outcome.values():
        facts = [route.when for route in routes]
        if len(routes) == 1:
            continue
        opposite = len(facts) == 2 and {f.lstrip("!") for f in facts} == {facts[0].lstrip("!")}
        if not (opposite and facts[0] != facts[1] and all(facts)):
            problems.append(f"环节“{stage.name}”的结果“{routes[0].label}”有多个去向，条件须两两相反。")
    return problems


def _dead_ends(stage: Stage) -> list[str]:
    """Facts under which nobody could leave the stage; where participants answer, each answer needs a way."""
    facts = sorted({route.when.lstrip("!") for route in stage.routes if route.when})
    answers = sorted({route.outcome for route in stage.routes}) if stage.has_participants else [None]
    for values in product((False, True), repeat=len(facts)):
        known = dict(zip(facts, values, strict=True))
        open_ones = {route.outcome for route in stage.routes if holds(route.when, known)}
        if stage.routes and not all(answer in open_ones if answer else open_ones for answer in answers):
            return [f"环节“{stage.name}”在某些情况下没有去向，请检查各去向的条件。"]
    return []


def _unattended(stage: Stage, route: Route) -> bool:
    """Whether nobody would be there to choose the participants that the next stage asks for."""
    return stage.has_participants or (stage.kind == StageKind.WAIT and route.outcome == CHILDREN_CLOSED)


def _participant_problems(stage: Stage) -> list[str]:
    expected = {
        StageKind.COUNTERSIGN: {StepOutcome.AGREE},
        StageKind.CIRCULATE: {StepOutcome.READ},
    }.get(stage.kind)
    if expected is None:
        return []
    if stage.kind == StageKind.COUNTERSIGN and stage.dissent == Dissent.BLOCKS:
        expected = expected | {StepOutcome.DISSENT}
    found = {route.outcome for route in stage.routes}
    if found != {str(outcome) for outcome in expected}:
        names = "、".join(StepOutcome(outcome).label for outcome in sorted(expected))
        return [f"环节“{stage.name}”的去向应为：{names}。"]
    return []


def _clock_problems(procedure: Procedure) -> list[str]:
    outcomes = {route.outcome for stage in procedure.stages for route in stage.routes}
    problems = []
    for clock in procedure.clocks:
        for outcome in (*clock.stops_on, *([clock.starts_on] if clock.starts_on else [])):
            if outcome not in outcomes:
                problems.append(f"时限“{clock.label}”所说的结果“{outcome}”在流程中不存在。")
    return problems


def _reachable(procedure: Procedure) -> set[str]:
    seen, waiting = set(), [procedure.start]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting += [route.to for route in procedure.stage(key).routes if route.to != END]
    return seen


def _ending(procedure: Procedure) -> set[str]:
    """Stages from which an end can be reached."""
    ending: set[str] = set()
    while True:
        more = {
            stage.key
            for stage in procedure.stages
            if any(route.to == END or route.to in ending for route in stage.routes)
        }
        if more == ending:
            return ending
        ending = more


def _skipped_outcomes(procedure: Procedure, mandatory: tuple[str, ...], exempt: frozenset[str]) -> list[str]:
    """Walk every (stage, how many mandatory outcomes passed) pair once; an end reached too early,
    or a mandatory outcome reached before its predecessor, is a path that skips something."""
    problems: list[str] = []
    seen, waiting = set(), [(procedure.start, 0)]
    while waiting:
        key, passed = waiting.pop()
        if (key, passed) in seen:
            continue
        seen.add((key, passed))
        stage = procedure.stage(key)
        for route in stage.routes:
            now = passed
            if route.outcome in mandatory:
                place = mandatory.index(route.outcome)
                if place > passed:
                    problems.append(
                        f"经环节“{stage.name}”的“{route.label}”时，“{mandatory[passed]}”尚未完成。"
                    )
                    continue
                now = place + 1  # what was redone counts from here on
            if route.to != END:
                waiting.append((route.to, now))
            elif now < len(mandatory) and route.closes_as not in exempt:
                problems.append(f"由环节“{stage.name}”的“{route.label}”办结时，缺少“{mandatory[now]}”。")
    return sorted(set(problems))
