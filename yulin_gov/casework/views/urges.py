"""Urging and answering from the step page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from yulin_gov.refused import Refused

from .. import actions
from ..forms import AnswerForm, UrgeForm, put_refusal
from ..models import Urge
from .cases import render_case, visible_case


@require_POST
def urge(request: HttpRequest, pk: int) -> HttpResponse:
    """催办 or 督办 of an open case."""
    case = visible_case(request, pk)
    form = UrgeForm(request.POST, prefix="urge")
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions.urge_case(
                case,
                by=request.capacity,
                kind=said["kind"],
                reason=said["reason"],
                idempotency_key=f"urge:{request.user.pk}:{said['token']}"[:64],
            )
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, "已催办，承办人员将立即收到提醒。")
            return redirect("casework:case", pk=pk)
    return render_case(request, case, bound={"urge": form})


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """反馈 to an urge."""
    urged = get_object_or_404(Urge, pk=pk)
    case = visible_case(request, urged.case_id)
    name = f"answer-{pk}"
    form = AnswerForm(request.POST, prefix=name)
    if form.is_valid():
        try:
            actions.answer_urge(urged, by=request.capacity, answer=form.cleaned_data["answer"])
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, "已反馈。")
            return redirect("casework:case", pk=case.pk)
    return render_case(request, case, bound={name: form})
