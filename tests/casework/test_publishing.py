"""Publishing procedures: whole, in order, for ever."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from yulin_gov.accounts.models import AuditEvent
from yulin_gov.casework import actions
from yulin_gov.casework.models import ProcedureVersion, Step
from yulin_gov.casework.procedures import ClockRule, Term, procedure_for
from yulin_gov.refused import Refused

from .procedures import SIMPLE, open_step

RENAMED = replace(SIMPLE, title="新流程")


def test_publishing_the_same_again_changes_nothing(city):
    published = AuditEvent.objects.filter(verb="casework.procedure_published")
    before = published.count()
    first = actions.publish_procedure("test.p", SIMPLE, by=city.as_("梁敏"))
    assert actions.publish_procedure("test.p", SIMPLE.as_json()) == first
    assert (first.number, first.published_by) == (1, city.people["梁敏"])
    assert actions.publish_procedure("test.p", RENAMED).number == 2
    assert published.count() == before + 2


def test_a_units_own_version_comes_before_the_citys(city, simple):
    own = actions.publish_procedure("test.simple", RENAMED, unit=city.unit("市教育局"))
    actions.publish_procedure("test.simple", replace(SIMPLE, title="更新的全市流程"))
    assert procedure_for("test.simple", city.unit("市教育局")) == own
    assert simple(unit="市教育局").procedure == own
    assert simple().procedure.title == "更新的全市流程"


def test_running_cases_keep_the_version_they_began_with(city, simple):
    case = simple()
    shorter = replace(
        SIMPLE, stages=SIMPLE.stages[1:], start="draft", clocks=(ClockRule("promised", "时限", Term(1)),)
    )
    actions.publish_procedure("test.simple", shorter)
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    actions.take_step(open_step(case), by=city.as_("陈刚"), outcome="submit")
    assert open_step(case).stage_key == "review"
    assert Step.objects.get(case=simple()).stage_key == "draft"


def test_a_published_version_never_changes(city):
    version = actions.publish_procedure("test.p", SIMPLE)
    for change in (
        lambda: ProcedureVersion.objects.filter(pk=version.pk).update(title="改"),
        lambda: ProcedureVersion.objects.filter(pk=version.pk).delete(),
        lambda: version.save(),
    ):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            change()


def test_a_wrong_definition_is_refused_with_every_reason(city):
    with pytest.raises(Refused, match="缺少"):
        actions.publish_procedure("test.p", {"title": "x"})
    bad = replace(SIMPLE, stages=(replace(SIMPLE.stages[0], assignee="unit:NOWHERE"), *SIMPLE.stages[1:]))
    with pytest.raises(Refused, match="NOWHERE"):
        actions.publish_procedure("test.p", bad)
    bad = replace(
        SIMPLE, stages=(replace(SIMPLE.stages[0], assignee=f"position:{10**30}"), *SIMPLE.stages[1:])
    )
    with pytest.raises(Refused, match="所指定的职位"):
        actions.publish_procedure("test.p", bad)
    assert not ProcedureVersion.objects.filter(key="test.p").exists()


def test_a_kinds_mandatory_outcomes_bind_every_units_version(city, defining):
    from .test_language import end, stage, to

    signing = (stage("a", to("b", "sign"), role="drafter"), stage("b", end("seal"), role="drafter"))
    opening = defining(signing, mandatory=("sign", "seal"))
    with pytest.raises(Refused, match="缺少“sign”"):
        from yulin_gov.casework.procedures import Procedure

        actions.publish_procedure(
            opening.key, Procedure("捷径", "a", (stage("a", end()),)), unit=city.unit("市教育局")
        )


def test_nothing_published_is_a_sentence(city, simple):
    from yulin_gov.casework import kinds

    kinds._kinds["test.simple"] = replace(kinds._kinds["test.simple"], procedure_key="test.none")
    with pytest.raises(Refused, match="尚未发布办事流程"):
        simple()
