"""When a stage with several participants is done, and with what result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .enums import Dissent, Join, StageKind, StepOutcome
from .models import Step
from .procedures import Stage

# Steps closed like this no longer count: somebody else answers in their place, or nobody need.
_NOT_COUNTED = {StepOutcome.REMOVED, StepOutcome.FORWARDED, StepOutcome.SUPERSEDED}


class Result(NamedTuple):
    """The outcome by which a stage is left, and the step that decided it where one step did."""

    outcome: str
    decided_by: Step | None = None


def result_of(stage: Stage, siblings: Sequence[Step]) -> Result | None:
    """How the stage is left, or None while others still have to answer.

    Work: the host's outcome once all have finished (or the first one's). Countersigning: agree,
    or dissent where the stage lets dissent decide; with “any”, the first agreement ends it.
    Circulating: read.
    """
    steps = [step for step in siblings if step.outcome not in _NOT_COUNTED]
    answered = [step for step in steps if not step.is_open]
    complete = len(answered) == len(steps)
    if stage.kind == StageKind.COUNTERSIGN:
        outcome = _countersigned(stage, answered, complete)
        return Result(outcome) if outcome else None
    if not complete and stage.join == Join.ALL:
        return None
    if stage.kind == StageKind.CIRCULATE:
        return Result(StepOutcome.READ.value)
    host = next((step for step in answered if step.is_host), answered[0])
    return Result(host.outcome, host)


def _countersigned(stage: Stage, answered: Sequence[Step], complete: bool) -> str | None:
    agreed = any(step.outcome == StepOutcome.AGREE for step in answered)
    dissented = any(step.outcome == StepOutcome.DISSENT for step in answered)
    if stage.join == Join.ANY and agreed:
        return StepOutcome.AGREE.value
    if not complete:
        return None
    decides = stage.dissent == Dissent.BLOCKS and dissented
    return StepOutcome.DISSENT.value if decides else StepOutcome.AGREE.value
