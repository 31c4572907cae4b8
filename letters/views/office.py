"""Letters in the office: the unit's list, and what the step page does not do."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yulin_gov.casework.actions import AlreadyTaken
from yulin_gov.casework.context import viewer_of
from yulin_gov.casework.exporting import export_response
from yulin_gov.casework.forms import put_refusal
from yulin_gov.casework.procedures import definition_of
from yulin_gov.casework.views.cases import render_case, visible_step
from yulin_gov.refused import Refused

from ..actions import reveal_identity, save_draft, withdraw_publication
from ..forms.office import ReasonForm, ReplyForm
from ..listing import TABS, Asked, exported_rows, read_list
from ..models import Letter
from ..queries import letters_visible_to
from ..rules import may_reveal_identity, may_withdraw_publication

_COLUMNS = ["编号", "标题", "来信人", "承办单位", "收到时间", "到期时间", "环节", "结果", "答复时间"]


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """The letters in which the unit one acts for takes part."""
    viewer, asked = viewer_of(request), Asked.of(request.GET)
    if request.GET.get("export"):
        return export_response(request, "群众来信", _COLUMNS, exported_rows(viewer, asked))
    tabs = [
        {"label": label, "url": f"?{asked.with_state(state)}", "current": state == asked.state}
        for state, label in TABS.items()
    ]
    page, rows = read_list(viewer, asked, key=request.GET.get("key", ""))
    context = {"asked": asked, "tabs": tabs, "page": page, "rows": rows, "query": asked.query}
    return render(request, "letters/office/list.html", context)


@require_POST
def draft(request: HttpRequest, step_id: int) -> HttpResponse:
    """Keep the reply as far as it is written; the step stays where it is."""
    step = visible_step(request, step_id)
    stage = definition_of(step.case.procedure).by_key.get(step.stage_key)
    if stage is None or stage.route(ReplyForm.outcome, {}) is None:
        raise Http404
    form = ReplyForm(step=step, capacity=request.capacity, data=request.POST, prefix=ReplyForm.outcome)
    try:
        save_draft(step, by=request.capacity, reply=form.typed_reply())
    except AlreadyTaken as taken:
        messages.error(request, taken.sentence)
    except Refused as refusal:
        form.full_clean()
        if refusal.sentence not in form.errors.get(refusal.field or "__all__", ()):
            put_refusal(form, refusal)
        return render_case(request, step.case, bound={ReplyForm.outcome: form})
    else:
        messages.success(request, "草稿已保存。")
    return redirect("casework:case", pk=step.case_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Who wrote the letter: asked for with a reason, shown once, recorded."""
    letter = _letter(request, pk)
    context = {"letter": letter, "allowed": may_reveal_identity(letter, request.capacity)}
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            context["identity"] = reveal_identity(
                letter, by=request.capacity, reason=form.cleaned_data["reason"], request=request
            )
        except Refused as refusal:
            put_refusal(form, refusal)
    return render(request, "letters/office/identity.html", {**context, "form": form}, status=_status(form))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a published letter off the public pages."""
    letter = _letter(request, pk)
    publication = getattr(letter, "publication", None)
    if publication is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_publication(letter, by=request.capacity, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, "已撤下，公开页面随即不再显示。")
            return redirect("casework:case", pk=pk)
    allowed = may_withdraw_publication(publication, request.capacity)
    context = {"letter": letter, "publication": publication, "form": form, "allowed": allowed}
    return render(request, "letters/office/withdraw.html", context, status=_status(form))


def _letter(request: HttpRequest, pk: int) -> Letter:
    viewer = viewer_of(request)
    visible = letters_visible_to(viewer.user, viewer.capacities)
    return get_object_or_404(visible.select_related("case__unit", "case__procedure", "publication"), pk=pk)


def _status(form: ReasonForm) -> int:
    return 422 if form.errors else 200
