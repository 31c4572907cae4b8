"""The story of a case, told from its log: the same in every app, inside and outside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from yulin_gov.organization.models import Unit
from yulin_gov.organization.roles import role_label
from yulin_gov.workdays.terms import format_term

from .events import event_type
from .kinds import kind_of
from .models import Case, CaseEvent, Urge
from .procedures import HOLDER, definition_of

# What only repeats its neighbour, or is nobody's business in the story.
_UNTOLD = {"casework.timer_fired"}


def timeline_of(case: Case, *, public: bool = False) -> list[dict]:
    """Entries for components/timeline.html, the latest first: at, title, who, detail, level.

    The public one shows only public events and names no person. Three queries at most.
    """
    return tell_story(case, events_of(case, public=public), public=public)


def events_of(case: Case, *, public: bool = False) -> list[CaseEvent]:
    """What the story is told from, the latest first. One query."""
    events = CaseEvent.objects.filter(case=case).exclude(verb__in=_UNTOLD)
    if not public:
        events = events.select_related("actor", "acting_for", "unit", "step")
    told = list(events.order_by("-sequence"))
    if public:
        shown = [event for event in told if event_type(event.verb).public]
        # What an app says of the end, at the same moment, says more than that the case was closed.
        said = {event.occurred_at for event in shown if not event.verb.startswith("casework.")}
        return [e for e in shown if e.verb != "casework.closed" or e.occurred_at not in said]
    # What an app says of a step for the public only repeats, inside, that the step was taken.
    taken = {event.step_id for event in told if event.verb == "casework.step_taken"}
    return [event for event in told if not (event.step_id in taken and _is_repeated(event))]


def _is_repeated(event: CaseEvent) -> bool:
    return not event.verb.startswith("casework.") and event_type(event.verb).public


def tell_story(case: Case, told: list[CaseEvent], *, public: bool = False) -> list[dict]:
    """Events as entries; reads the names they refer to, if they do."""
    names = _Names(case, told, public)
    return [_entry(event, names, public) for event in told]


class _Names:
    """The names that events refer to by number, read at once."""

    def __init__(self, case: Case, events: list[CaseEvent], public: bool) -> None:
        self.definition = definition_of(case.procedure)
        self.kind = kind_of(case.kind)
        wanted = {e.data[k] for e in events for k in ("unit", "from", "to") if isinstance(e.data.get(k), int)}
        wanted |= {unit for e in events for unit in e.data.get("units", ()) if isinstance(unit, int)}
        self.units = dict(Unit.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
        urges = any(e.verb.startswith("casework.urge") for e in events)
        self.urges = {u.pk: u for u in Urge.objects.filter(case=case)} if urges and not public else {}

    def stage(self, key: str) -> str:
        stage = self.definition.by_key.get(key)
        return stage.name if stage else key

    def clock(self, name: str) -> str:
        rule = self.definition.clock(name)
        return rule.label if rule else "环节时限"

    def unit(self, pk: int) -> str:
        return self.units.get(pk, "")

    def outcome(self, outcome: str) -> str:
        return self.kind.outcome_labels.get(outcome, "办结")


def _entry(event: CaseEvent, names: _Names, public: bool) -> dict:
    tell = _TELLERS.get(event.verb)
    title, detail = tell(event, names) if tell else (event_type(event.verb).label, "")
    late = event.verb == "casework.alerted" and event.data["offset"] >= 0
    return {
        "at": event.occurred_at,
        "title": title,
        "who": "" if public else _who(event),
        "detail": "" if public else detail,
        "level": "late" if late or event.verb == "casework.urged" else "",
    }


def _who(event: CaseEvent) -> str:
    if event.actor is None:
        return event.unit.name if event.unit else "系统"
    name = event.actor.full_name
    if event.acting_for:
        name = f"{name} 代 {event.acting_for.full_name}"
    return f"{event.unit.short_name or event.unit.name} {name}" if event.unit else name


def _moment(text: str) -> str:
    return (
        timezone.localtime(datetime.fromisoformat(text)).strftime("%Y年%m月%d日 %H:%M")
        if text
        else "停表期间"
    )


def _step_taken(event: CaseEvent, names: _Names) -> tuple[str, str]:
    detail = event.step.opinion if event.step else ""
    if event.data.get("legal_basis"):
        detail = f"{detail}（依据：{event.data['legal_basis']}）"
    stage, label = names.stage(event.data["stage"]), event.data["label"]
    return label if label == stage else f"{stage}：{label}", detail


def _alerted(event: CaseEvent, names: _Names) -> tuple[str, str]:
    offset, to = event.data["offset"], event.data["to"]
    when = (
        "到期"
        if offset == 0
        else f"{'超期' if offset > 0 else '到期前'}{format_term(abs(offset), event.data['unit'])}"
    )
    people = "、".join("办理人员" if role == HOLDER else role_label(role) for role in to)
    name = f"“{event.step.stage_name}”环节" if event.step else names.clock(event.data["clock"])
    return f"{name}{when}提醒", f"已提醒：{people}"


def _urged(event: CaseEvent, names: _Names) -> tuple[str, str]:
    urge = names.urges.get(event.data["urge"])
    word = "督办" if event.data["kind"] == "supervise" else "催办"
    return word, urge.reason if urge else ""


def _urge_answered(event: CaseEvent, names: _Names) -> tuple[str, str]:
    urge = names.urges.get(event.data["urge"])
    return "催办反馈", urge.answer if urge else ""


def _clock(word: str) -> Callable:
    def tell(event: CaseEvent, names: _Names) -> tuple[str, str]:
        detail = event.data["reason"]
        if "due_at" in event.data:
            detail = f"{detail}；新的期限：{_moment(event.data['due_at'])}"
        return f"{names.clock(event.data['clock'])}{word}", detail

    return tell


_TELLERS: dict[str, Callable[[CaseEvent, _Names], tuple[str, str]]] = {
    "casework.opened": lambda e, n: (f"收到{n.kind.label}", ""),
    "casework.step_taken": _step_taken,
    "casework.step_claimed": lambda e, n: (f"领办“{n.stage(e.data['stage'])}”", ""),
    "casework.step_released": lambda e, n: (
        f"放回“{n.stage(e.data['stage'])}”待领",
        e.data.get("reason", ""),
    ),
    "casework.returned": lambda e, n: (
        f"由“{n.stage(e.data['stage'])}”退回“{n.stage(e.data['to'])}”",
        e.step.opinion if e.step else "",
    ),
    "casework.forwarded": lambda e, n: (f"转交“{n.stage(e.data['stage'])}”", n.unit(e.data["unit"])),
    "casework.withdrawn": lambda e, n: (f"撤回到“{n.stage(e.data['to'])}”", ""),
    "casework.participant_added": lambda e, n: ("增加参与单位", "、".join(map(n.unit, e.data["units"]))),
    "casework.participant_removed": lambda e, n: ("减少参与单位", n.unit(e.data["unit"])),
    "casework.transferred": lambda e, n: (f"转办至{n.unit(e.data['to'])}", e.data["reason"]),
    "casework.succeeded": lambda e, n: (f"单位合并，移交{n.unit(e.data['to'])}", n.unit(e.data["from"])),
    "casework.closed": lambda e, n: (f"办结：{n.outcome(e.data['outcome'])}", ""),
    "casework.alerted": _alerted,
    "casework.urged": _urged,
    "casework.urge_answered": _urge_answered,
    "casework.clock_paused": _clock("停表"),
    "casework.clock_resumed": _clock("恢复计时"),
    "casework.clock_extended": _clock("延期"),
    "casework.clock_restarted": _clock("重新计时"),
}
