"""What casework tells people: the texts of its notices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.urls import reverse

from yulin_gov.notices.actions import NoticeDraft
from yulin_gov.organization.queries import Holder, appointed_in, holders_of_many
from yulin_gov.workdays.calendar import Calendar
from yulin_gov.workdays.phrases import deadline_phrase

from .enums import UrgeKind
from .kinds import kind_of
from .models import Case, Clock, Step, Urge
from .procedures import HOLDER, Alert


def _about(case: Case) -> str:
    """How a notice names the case; a sealed one only by its number."""
    return case.number if kind_of(case.kind).sealed else f"《{case.title}》（{case.number}）"


def _draft(case: Case, key: str, kind: str, title: str, body: str, **whom) -> NoticeDraft:
    return NoticeDraft(
        key=key,
        kind=kind,
        title=title,
        body=body,
        url=reverse("casework:case", args=[case.pk]),
        subject_key=case.work_key,
        case_kind=case.kind,
        **whom,
    )


class Addressees:
    """Whom to tell about open steps: the role's holders in the unit, or, where a position or a
    person was named, its occupants or that person, each with their deputies.

    Made once for any number of steps: two queries per kind of case that has named steps, else none.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        pairs: dict[str, set[tuple[int, str]]] = {}
        for step in steps:
            if step.person_id or step.position_id:
                pairs.setdefault(step.case_kind, set()).add((step.unit_id, step.role))
        self._holders = {kind: holders_of_many(places, kind=kind) for kind, places in pairs.items()}

    def of(self, step: Step) -> list[dict]:
        """The addressees of a step as `NoticeDraft` names them."""
        role = {"unit_id": step.unit_id, "role": step.role}
        if not (step.person_id or step.position_id):
            return [role]
        holders = self._holders[step.case_kind][step.unit_id, step.role]
        told = dict.fromkeys(h.user_id for h in holders if _is_for(step, h))
        return [{"user_id": user} for user in told] or [role]  # nobody there: the role must know


def _is_for(step: Step, holder: Holder) -> bool:
    if step.person_id:
        return step.person_id in (holder.user_id, holder.acting_for_id)
    return holder.position_id == step.position_id


def admitted(case: Case, drafts: Sequence[NoticeDraft]) -> list[NoticeDraft]:
    """The same notices less whoever must never hear of the case."""
    units, persons = case.barred
    if not (units or persons):
        return list(drafts)
    persons = persons | set(appointed_in(units).values_list("person_id", flat=True) if units else ())
    heard = [d for d in drafts if d.unit_id not in units and d.user_id not in persons]
    return [replace(d, except_user_ids=tuple(persons)) if d.role else d for d in heard]


def steps_opened(case: Case, steps: Sequence[Step]) -> list[NoticeDraft]:
    """A new to-do for whoever holds each step."""
    whom = Addressees(steps)
    return [
        _draft(
            case,
            f"step:{step.pk}:{target.get('user_id', '')}",
            "step_opened",
            f"新待办：{step.stage_name}",
            f"{_about(case)}已到“{step.stage_name}”环节，请及时办理。",
            **target,
        )
        for step in steps
        for target in whom.of(step)
    ]


def steps_released(case: Case, steps: Sequence[Step]) -> list[NoticeDraft]:
    """What somebody put back waits for the others again."""
    return [
        _draft(
            case,
            f"released:{step.pk}:{case.last_sequence}",
            "step_opened",
            f"待领：{step.stage_name}",
            f"{_about(case)}的“{step.stage_name}”环节已放回待领，请及时办理。",
            unit_id=step.unit_id,
            role=step.role,
        )
        for step in steps
    ]


def deadline(
    case: Case,
    clock: Clock,
    alert: Alert,
    steps: Iterable[Step],
    holders: Addressees,
    calendar: Calendar,
    now: datetime,
) -> list[NoticeDraft]:
    """A reminder of one clock to everybody the alert names; phones ring only for what is late."""
    phrase = deadline_phrase(clock.due_at, now, calendar, clock.unit).text
    late = alert.offset >= 0
    title = f"{'超期警告' if late else '到期提醒'}：{clock.label}{phrase}"
    body = f"{_about(case)}的“{clock.label}”时限{phrase}，请抓紧办理。"
    key = f"clock:{clock.pk}:{clock.due_at:%Y%m%d%H%M}:{alert.offset}"
    channels = ("inbox", "desktop", "sms") if late else ("inbox", "desktop")
    drafts = {}
    for role in alert.to:
        if role == HOLDER:
            whom = [t for step in steps if clock.step_id in (None, step.pk) for t in holders.of(step)]
        else:
            unit_id = clock.step.unit_id if clock.step else case.unit_id
            whom = [{"unit_id": unit_id, "role": role}]
        for target in whom:
            name = f"{key}:{target.get('user_id', '')}:{target.get('unit_id', '')}:{target.get('role', '')}"
            drafts[name] = _draft(
                case, name, "deadline", title, body, urgent=late, channels=channels, **target
            )
    return list(drafts.values())


def urged(urge: Urge, steps: Iterable[Step]) -> list[NoticeDraft]:
    """An urging to whoever holds the open steps of the unit that is urged, and to its leader."""
    word = UrgeKind(urge.kind).label
    who = urge.by_unit.name if urge.by_unit else "来信人"
    pressed = [step for step in steps if step.unit_id == urge.unit_id]
    holders = Addressees(pressed)
    whom = [target for step in pressed for target in holders.of(step)]
    whom.append({"unit_id": urge.unit_id, "role": "leader"})
    unique = {tuple(sorted(target.items())): target for target in whom}
    return [
        _draft(
            urge.case,
            f"urge:{urge.pk}:{place}",
            "urge",
            f"{word}：{urge.case.title}" if not kind_of(urge.case.kind).sealed else word,
            f"{who}对{_about(urge.case)}进行{word}，请尽快办理并反馈。",
            urgent=True,
            channels=("inbox", "desktop", "sms"),
            **target,
        )
        for place, target in enumerate(unique.values())
    ]


def urge_answered(urge: Urge) -> list[NoticeDraft]:
    """The answer goes back to whoever urged."""
    if urge.by_id is None:
        return []
    body = f"{_about(urge.case)}的催办已有反馈，请查看。"
    return [
        _draft(urge.case, f"urge-answer:{urge.pk}", "urge_answered", "催办已反馈", body, user_id=urge.by_id)
    ]
