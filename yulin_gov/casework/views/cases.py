"""The one step page: a case's summary, the work, its way and its story."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from yulin_gov.files.serving import file_response

from ..context import viewer_of
from ..explaining import explain_clocks
from ..kinds import kind_of
from ..models import Case, Step, StepFile
from ..pages import case_page
from ..procedures import definition_of
from ..procedures.chart import chart_of
from ..visibility import cases_visible_to


def visible_case(request: HttpRequest, pk: int) -> Case:
    """The case, if this person may see it with any capacity; else 404."""
    viewer = viewer_of(request)
    cases = cases_visible_to(viewer.user, viewer.capacities).select_related("unit", "procedure")
    return get_object_or_404(cases.defer("procedure__definition"), pk=pk)


def visible_step(request: HttpRequest, pk: int) -> Step:
    """A step of a case that this person may see; else 404."""
    step = get_object_or_404(Step.objects.select_related("unit"), pk=pk)
    step.case = visible_case(request, step.case_id)
    return step


def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case, with the forms of what this person may do now."""
    return render_case(request, visible_case(request, pk))


def render_case(request: HttpRequest, case: Case, *, bound: dict | None = None) -> HttpResponse:
    """The step page; `bound` holds forms that were sent and refused, by name. Where the page has
    no place for such a form any more, its sentence and what was typed are shown all the same."""
    page = case_page(viewer_of(request), case, bound=bound or {})
    for sentence in page["unplaced"].sentences:
        messages.error(request, sentence)
    return render(request, "casework/case.html", page, status=422 if bound else 200)


def deadlines(request: HttpRequest, pk: int) -> HttpResponse:
    """为什么是这个时限？ Every clock of the case with its ledger, day by day."""
    case = visible_case(request, pk)
    return render(request, "casework/deadlines.html", {"case": case, "clocks": explain_clocks(case)})


def chart(request: HttpRequest, pk: int) -> HttpResponse:
    """The flow chart of the procedure version this case runs on."""
    case = visible_case(request, pk)
    current = Step.objects.filter(case=case, closed_at=None).values_list("stage_key", flat=True).first()
    kind = kind_of(case.kind)
    drawn = chart_of(
        definition_of(case.procedure),
        current=current or "",
        outcome_labels=kind.outcome_labels,
        fact_labels=kind.fact_labels,
    )
    return render(request, "casework/chart.html", {"case": case, "chart": drawn})


def step_file(request: HttpRequest, pk: int, file_id: int) -> HttpResponse:
    """A file attached to one of the case's steps."""
    case = visible_case(request, pk)
    attached = StepFile.objects.filter(step__case=case, file=file_id).select_related("file").first()
    if attached is None:
        raise Http404
    return file_response(attached.file)
