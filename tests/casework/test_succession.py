"""Units merge: open work goes on under the successor."""

from yulin_gov.casework import actions
from yulin_gov.casework.models import Case, CaseUnit, Step
from yulin_gov.organization.actions import succeed_unit

from .procedures import open_step


def test_open_work_goes_to_the_successor_and_its_clocks_go_on(city, simple):
    case = simple()
    actions.claim_step(open_step(case), by=city.as_("梁敏"))
    due = Case.objects.get(pk=case.pk).due_at
    succeed_unit(city.unit("市城管局"), into=city.unit("市教育局"))
    case = Case.objects.get(pk=case.pk)
    assert (case.unit, case.due_at) == (city.unit("市教育局"), due)
    step = open_step(case)
    assert (step.unit, step.person, step.position) == (city.unit("市教育局"), None, None)
    actions.take_step(step, by=city.as_("钟伟"), outcome="accept")


def test_closed_cases_stay_where_they_were_handled(city, simple):
    case = simple()
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="decline", opinion="不属于本局职责")
    succeed_unit(city.unit("市城管局"), into=city.unit("市教育局"))
    assert Case.objects.get(pk=case.pk).unit == city.unit("市城管局")
    assert not CaseUnit.objects.filter(case=case, unit=city.unit("市教育局")).exists()
    assert not Step.objects.filter(case=case, closed_at=None).exists()
