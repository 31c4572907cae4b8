"""What the step page shows: assembled here, so that views stay short."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django import forms
from django.template.loader import render_to_string

from yulin_gov.organization.capacity import Capacity
from yulin_gov.workdays.calendar import current_calendar

from . import rules
from .actions.adhoc import return_targets
from .batch import Batch
from .colleagues import choice_of, colleagues_of
from .enums import Adhoc, StageKind
from .forms import AddForm, AnswerForm, ForwardForm, ReturnForm, StepForm, UrgeForm
from .kinds import CaseKind, kind_of
from .lists import Viewer
from .models import Case, Clock, Step, StepFile, Urge
from .procedures import Route
from .running import RunningCase
from .timeline import events_of, tell_story


@dataclass(frozen=True)
class Choice:
    """A button of the step page: a route with the form of its verb."""

    route: Route
    form: forms.Form


@dataclass(frozen=True)
class Unplaced:
    """Refused forms that the page has no place for any more, because somebody was quicker: what
    was said about them, and what was typed, so that it is not lost."""

    sentences: list[str]
    texts: list[tuple[str, str]]

    @classmethod
    def of(cls, bound: Mapping[str, forms.Form], placed: set[str]) -> Unplaced:
        lost = [
            f for name, f in bound.items() if name not in placed and not name.startswith(("urge", "answer-"))
        ]
        typed = [(form[name].label, form[name].value()) for form in lost for name in form.fields]
        return cls(
            [sentence for form in lost for errors in form.errors.values() for sentence in errors],
            [(label, text) for label, text in typed if isinstance(text, str) and text.strip()],
        )


def case_page(viewer: Viewer, case: Case, *, bound: Mapping[str, forms.Form]) -> dict:
    """The context of templates/casework/case.html. `bound` are refused forms by name:
    an outcome, an ad-hoc verb, “urge”, or “answer-<id>”."""
    kind, capacity = kind_of(case.kind), viewer.capacity
    running = RunningCase.load(case, Batch(), by=capacity, calendar=current_calendar())
    step = _own_step(running, capacity)
    choices, adhoc = _choices(running, step, kind, bound), _adhoc(running, step, bound)
    events = events_of(case)
    urges = _urges(case) if any(event.verb == "casework.urged" for event in events) else []
    return {
        "case": case,
        "kind": kind,
        "summary": render_to_string(
            kind.summary_template, {"case": case, "viewer": viewer, "step": step, **kind.summary(case)}
        ),
        "stages": stage_line(running),
        "clocks": _pressing(running),
        "outcome": kind.outcome_labels.get(case.outcome, "已办结"),
        "timeline": tell_story(case, events),
        "step": step,
        "claimable": bool(step and rules.may_claim(step, capacity) and not step.position_id),
        "blocked": _why_not(running, step),
        "choices": choices,
        "adhoc": adhoc,
        "unplaced": Unplaced.of(bound, {*(c.route.outcome for c in choices), *adhoc}),
        "withdrawable": _withdrawable(running, capacity),
        "files": _files(case) if any(event.data.get("files") for event in events) else [],
        "elsewhere": _elsewhere(running, viewer, step),
        "urge_form": bound.get("urge") or urge_form(case, capacity),
        "urges": [(urge, _answer_form(urge, capacity, bound)) for urge in urges],
        "open_steps": running.open_steps,
    }


def verb_form(running: RunningCase, step: Step, route: Route, **data) -> forms.Form:
    """The form of a route: the kind's own for this outcome, else opinion and attachments.

    A co-host gives an opinion and is not asked who comes next.
    """
    if not running.decides(step):
        route = replace(route, requires=tuple(name for name in route.requires if name != "to"))
    form = running.kind.verb(route.outcome).form
    given = {"step": step, "capacity": running.by, "prefix": route.outcome, **data}
    return form(**given) if form else StepForm(route=route, **given)


def _urges(case: Case) -> list[Urge]:
    urges = Urge.objects.filter(case=case).select_related("by", "by_unit", "unit", "answered_by")
    return list(urges.order_by("-id"))


def _files(case: Case) -> list[StepFile]:
    return list(StepFile.objects.filter(step__case=case).select_related("file", "step"))


def _own_step(running: RunningCase, capacity: Capacity) -> Step | None:
    """The open step this capacity may take; what it has claimed comes before the pool."""
    mine = [s for s in running.open_steps if rules.may_take(s, capacity)]
    return min(mine, key=lambda s: (s.person_id is None, s.pk), default=None)


def _why_not(running: RunningCase, step: Step | None) -> str:
    if step is None:
        return ""
    earlier = rules.barred_by_four_eyes(running.stage_of(step), running.steps, running.by)
    return f"您已办理过“{earlier.stage_name}”环节，本环节须由他人办理。" if earlier else ""


def _choices(running: RunningCase, step: Step | None, kind: CaseKind, bound: Mapping) -> list[Choice]:
    if step is None or _why_not(running, step):
        return []
    routes = running.stage_of(step).choices(kind.facts(running.case))
    return [Choice(route, bound.get(route.outcome) or verb_form(running, step, route)) for route in routes]


def _pressing(running: RunningCase) -> list[tuple[str, Clock]]:
    """The running clocks with their names, the first due first."""
    clocks = sorted((c for c in running.clocks if c.is_running and c.due_at), key=lambda c: c.due_at)
    return [(f"“{c.label}”环节" if c.step else c.label, c) for c in clocks]


# -- ad-hoc verbs -------------------------------------------------------------------------


def _adhoc(running: RunningCase, step: Step | None, bound: Mapping) -> dict[str, forms.Form]:
    """The forms of the ad-hoc verbs that the stage allows and that make sense now."""
    if step is None or _why_not(running, step):
        return {}
    allowed = running.stage_of(step).adhoc
    offered: dict[str, forms.Form] = {}
    if Adhoc.RETURN in allowed and (targets := return_targets(running, step)):
        offered["return"] = bound.get("return") or ReturnForm(targets=targets, prefix="return")
    if Adhoc.FORWARD in allowed and (people := colleagues_of(step, running.by)):
        offered["forward"] = bound.get("forward") or ForwardForm(
            colleagues=[choice_of(a) for a in people], prefix="forward"
        )
    if Adhoc.ADD in allowed and step.kind != StageKind.WAIT:
        offered["add"] = bound.get("add") or AddForm(prefix="add")
    return offered


def _withdrawable(running: RunningCase, capacity: Capacity) -> Step | None:
    """The step one has just taken and may still take back: nobody has touched what followed."""
    if not running.case.is_open:
        return None
    last = [s for s in running.steps if s.entry == running.case.entries - 1 and not s.is_open]
    fresh = all(s.is_open and s.person_id is None for s in running.steps if s.entry == running.case.entries)
    mine = [s for s in last if rules.same_people(s, capacity) and Adhoc.WITHDRAW in running.stage_of(s).adhoc]
    answered = any(s.outcome == running.kind.handled_by for s in mine)
    return mine[0] if fresh and len(last) == 1 and mine and not answered else None


def _elsewhere(running: RunningCase, viewer: Viewer, step: Step | None) -> list[Capacity]:
    """Other capacities of the same person that could act here."""
    if step is not None:
        return []
    others = [c for c in viewer.capacities if c.key != viewer.capacity.key]
    return [c for c in others if any(rules.may_take(s, c) for s in running.open_steps)]


# -- around it ----------------------------------------------------------------------------


def urge_form(case: Case, capacity: Capacity) -> UrgeForm | None:
    if not rules.may_urge(case, capacity):
        return None
    kind = "supervise" if capacity.has_role("supervisor") else "remind"
    return UrgeForm(initial={"token": secrets.token_urlsafe(16), "kind": kind}, prefix="urge")


def _answer_form(urge: Urge, capacity: Capacity, bound: Mapping) -> AnswerForm | None:
    if not rules.may_answer_urge(urge, capacity):
        return None
    return bound.get(f"answer-{urge.pk}") or AnswerForm(prefix=f"answer-{urge.pk}")


def stage_line(running: RunningCase) -> list[dict]:
    """The way of the case for components/stages.html: done, current, todo, skipped."""
    current = {s.stage_key for s in running.open_steps}
    done = {s.stage_key for s in running.steps if not s.is_open and s.acted_by_id}
    order = [stage.key for stage in running.definition.stages]
    now = max((order.index(key) for key in current or done), default=-1)
    line = []
    for place, stage in enumerate(running.definition.stages):
        if stage.key in current:
            state = "current"
        elif place > now and running.case.is_open:
            state = "todo"  # also where it was before the case was returned: it comes again
        else:
            state = "done" if stage.key in done else "skipped"
        line.append({"name": stage.name, "state": state, "note": ""})
    return line
