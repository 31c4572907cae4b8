"""How far a letter has come, as its writer may see it."""

from yulin_gov.casework.batch import Batch
from yulin_gov.casework.models import CaseEvent
from yulin_gov.casework.pages import stage_line
from yulin_gov.casework.procedures import Procedure
from yulin_gov.casework.procedures.definition import holds
from yulin_gov.casework.running import RunningCase
from yulin_gov.casework.timeline import timeline_of
from yulin_gov.organization.capacity import citizen

from .enums import Outcome
from .models import Letter


def progress_of(letter: Letter) -> dict:
    """Stages, timeline and what the answer was; a handful of queries. Names no official."""
    case = letter.case
    running = RunningCase.load(case, Batch(), by=citizen(None))
    on_the_way = _stages_ahead(running.definition, {"consented": letter.may_publish})
    line = zip(running.definition.stages, stage_line(running), strict=True)
    return {
        "letter": letter,
        "case": case,
        "outcome": Outcome(case.outcome).label if case.outcome in Outcome else "",
        "stages": [entry for stage, entry in line if stage.key in on_the_way],
        "timeline": timeline_of(case, public=True),
        "reason": _reason(letter) if case.outcome == Outcome.DECLINED else "",
    }


def _stages_ahead(definition: Procedure, facts: dict[str, bool]) -> set[str]:
    """The stages that a case with these facts can come to."""
    seen, waiting = set(), [definition.start]
    while waiting:
        key = waiting.pop()
        if key and key not in seen:
            seen.add(key)
            waiting += [route.to for route in definition.stage(key).routes if holds(route.when, facts)]
    return seen


def _reason(letter: Letter) -> str:
    said = CaseEvent.objects.filter(case=letter.pk, verb="letters.declined").order_by("-sequence").first()
    return said.data["reason"] if said else ""
