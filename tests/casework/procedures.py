"""Procedures written for the tests: every part of the language, none of it about letters."""

from __future__ import annotations

from uuid import uuid4

import pytest

from yulin_gov.casework import kinds
from yulin_gov.casework.actions import CaseDraft, open_cases, publish_procedure
from yulin_gov.casework.kinds import CaseKind
from yulin_gov.casework.models import Case, Step
from yulin_gov.casework.procedures import Alert, ClockRule, Procedure, Route, Stage, Term

SIMPLE = Procedure(
    "两步流程",
    "accept",
    stages=(
        Stage(
            "accept",
            "受理",
            "letter_clerk",
            term=Term(3),
            alerts=(Alert(0), Alert(1, ("leader",))),
            adhoc=("withdraw",),
            routes=(
                Route("accept", "受理", to="draft"),
                Route("decline", "不予受理", closes_as="declined", requires=("opinion",)),
            ),
        ),
        Stage(
            "draft",
            "承办",
            "drafter",
            adhoc=("return", "forward"),
            routes=(Route("submit", "送审", to="review"),),
        ),
        Stage(
            "review",
            "审核",
            "reviewer",
            differs_from=("draft",),
            adhoc=("return",),
            routes=(Route("answer", "答复", closes_as="answered"),),
        ),
    ),
    clocks=(
        ClockRule(
            "promised",
            "办理时限",
            Term(5),
            stops_on=("answer", "decline"),
            alerts=(Alert(-1), Alert(0, ("holder", "letter_clerk")), Alert(1, ("leader",))),
        ),
    ),
)


def define(procedure: Procedure, key: str = "test.simple", **facts) -> CaseKind:
    """Publish a procedure for the city and register a kind that runs on it."""
    kind = CaseKind(
        key=key,
        label="测试办件",
        procedure_key=key,
        summary_template="components/empty.html",
        number=lambda n: [f"T{uuid4().hex[:12]}" for _ in range(n)],  # also in forked processes
        handled_by="answer",
        **facts,
    )
    kinds._kinds[key] = kind
    publish_procedure(key, procedure)
    return kind


@pytest.fixture
def simple(city):
    """The two-step kind, and a function that opens a case of it for 市城管局."""
    define(SIMPLE)

    def open_one(title: str = "路灯不亮", unit: str = "市城管局", **more) -> Case:
        return open_cases([CaseDraft("test.simple", title, city.unit(unit), **more)])[0]

    yield open_one
    kinds._kinds.pop("test.simple", None)


def open_step(case: Case, stage: str | None = None) -> Step:
    """The case's open step (of a stage)."""
    steps = Step.objects.filter(case=case, closed_at=None)
    return (steps.filter(stage_key=stage) if stage else steps).get()


@pytest.fixture
def defining(city):
    """`case = defining(stages, clocks)()`: a kind for one test, and a function that opens its cases."""
    keys: list[str] = []

    def define_kind(stages, clocks=(), *, start: str | None = None, unit: str = "市城管局", **facts):
        key = f"test.kind{len(keys)}"
        keys.append(key)
        stages = tuple(stages)
        define(Procedure("测试流程", start or stages[0].key, stages, tuple(clocks)), key, **facts)

        def open_one(title: str = "测试", **more) -> Case:
            return open_cases([CaseDraft(key, title, more.pop("unit", city.unit(unit)), **more)])[0]

        open_one.key = key
        return open_one

    yield define_kind
    for key in keys:
        kinds._kinds.pop(key, None)


@pytest.fixture
def plain(defining):
    """Cases with one clock of five working days: the day before, at the deadline, a day after."""
    alerts = (Alert(-1), Alert(0, ("holder", "letter_clerk")), Alert(1, ("leader",)))
    rule = ClockRule("promised", "办理时限", Term(5), alerts=alerts)
    return defining([Stage("draft", "承办", "drafter", (Route("ok", "办结", closes_as="done"),))], [rule])


def outcomes(case: Case) -> list[tuple[str, str]]:
    """(stage, outcome) of every step of the case, in order."""
    return list(Step.objects.filter(case=case).order_by("entry", "id").values_list("stage_key", "outcome"))
