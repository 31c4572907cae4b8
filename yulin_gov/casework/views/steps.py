"""Taking steps, and what may be done with a step besides."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from yulin_gov.refused import Refused

from .. import actions
from ..batch import Batch
from ..colleagues import choice_of, colleagues_of, named
from ..forms import AddForm, ForwardForm, ReturnForm, StepForm, put_refusal
from ..kinds import kind_of
from ..models import Step
from ..pages import verb_form
from ..participants import Participant
from ..running import RunningCase
from .cases import render_case, visible_case, visible_step


@require_POST
def take(request: HttpRequest, pk: int, outcome: str) -> HttpResponse:
    """Take a step by one of its routes, with the form of that route's verb."""
    step = visible_step(request, pk)
    kind = kind_of(step.case.kind)
    running = RunningCase.load(step.case, Batch(), by=request.capacity)
    stage = running.definition.by_key.get(step.stage_key)
    routes = stage.choices(kind.facts(step.case)) if stage else []
    route = next((r for r in routes if r.outcome == outcome), None)
    if route is None:
        raise Http404
    form = verb_form(running, step, route, data=request.POST, files=request.FILES)
    if not form.is_valid():
        return render_case(request, step.case, bound={outcome: form})
    try:
        given = form.given() if isinstance(form, StepForm) else form.cleaned_data
        action = kind.verb(outcome).action or actions.take_step
        action(step, by=request.capacity, outcome=outcome, **given)
    except actions.AlreadyTaken as taken:
        return _too_late(request, taken, outcome, form)
    except Refused as refusal:
        put_refusal(form, refusal)
        return render_case(request, step.case, bound={outcome: form})
    messages.success(request, f"已办理：{step.stage_name}（{route.label}）。")
    return redirect("casework:case", pk=step.case_id)


def _too_late(request: HttpRequest, taken: actions.AlreadyTaken, outcome: str, form: Form) -> HttpResponse:
    """Two at once: the other is told and keeps what was typed. One's own second click shows the
    first one's result."""
    step = taken.step
    if step.acted_by_id == request.user.pk and step.outcome == outcome:
        messages.success(request, f"已办理：{step.stage_name}（{step.outcome_label}）。")
        return redirect("casework:case", pk=step.case_id)
    put_refusal(form, taken)
    return render_case(request, visible_case(request, step.case_id), bound={outcome: form})


@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """领办: take a step out of the pool."""
    step = visible_step(request, pk)
    return _doing(request, step, "已领办。", lambda: actions.claim_step(step, by=request.capacity))


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """放回待领: put a claimed step back."""
    step = visible_step(request, pk)
    return _doing(request, step, "已放回待领。", lambda: actions.release_step(step, by=request.capacity))


@require_POST
def adhoc(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """退回, 转交, 加签, 减签, 撤回."""
    step = visible_step(request, pk)
    handler = _ADHOC.get(verb)
    if handler is None:
        raise Http404
    return handler(request, step)


def _return(request: HttpRequest, step: Step) -> HttpResponse:
    running = RunningCase.load(step.case, Batch(), by=request.capacity)
    form = ReturnForm(request.POST, targets=actions.return_targets(running, step), prefix="return")
    return _with_form(request, step, "return", form, "已退回。", actions.return_step)


def _forward(request: HttpRequest, step: Step) -> HttpResponse:
    people = {choice_of(a)[0]: a for a in colleagues_of(step, request.capacity)}
    form = ForwardForm(request.POST, colleagues=[choice_of(a) for a in people.values()], prefix="forward")

    def act(step: Step, *, by, to: str, opinion: str) -> None:
        actions.forward_step(step, by=by, to=named(people[to]), opinion=opinion)

    return _with_form(request, step, "forward", form, "已转交。", act)


def _add(request: HttpRequest, step: Step) -> HttpResponse:
    form = AddForm(request.POST, prefix="add")

    def act(step: Step, *, by, to) -> None:
        actions.add_participants(step, by=by, to=[Participant(unit) for unit in to])

    return _with_form(request, step, "add", form, "已增加参与单位。", act)


def _remove(request: HttpRequest, step: Step) -> HttpResponse:
    other = Step.objects.filter(case=step.case_id, pk=_number(request.POST.get("remove"))).first()
    if other is None:
        raise Http404
    return _doing(
        request,
        step,
        "已取消该单位的参与。",
        lambda: actions.remove_participant(step, by=request.capacity, remove=other),
    )


def _withdraw(request: HttpRequest, step: Step) -> HttpResponse:
    return _doing(request, step, "已撤回。", lambda: actions.withdraw_step(step, by=request.capacity))


_ADHOC: dict[str, Callable[[HttpRequest, Step], HttpResponse]] = {
    "return": _return,
    "forward": _forward,
    "add": _add,
    "remove": _remove,
    "withdraw": _withdraw,
}


def _with_form(request, step: Step, name: str, form, done: str, action: Callable) -> HttpResponse:
    if not form.is_valid():
        return render_case(request, step.case, bound={name: form})
    try:
        action(step, by=request.capacity, **form.cleaned_data)
    except Refused as refusal:
        put_refusal(form, refusal)
        return render_case(request, step.case, bound={name: form})
    messages.success(request, done)
    return redirect("casework:case", pk=step.case_id)


def _doing(request, step: Step, done: str, action: Callable[[], object]) -> HttpResponse:
    """A verb without a form: it happens, or a sentence says why not."""
    try:
        action()
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, done)
    return redirect("casework:case", pk=step.case_id)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
