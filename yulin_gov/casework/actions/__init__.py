"""Every verb that changes a case. Nothing else writes casework's tables."""

from .adhoc import (
    add_participants,
    forward_step,
    remove_participant,
    return_step,
    return_targets,
    withdraw_step,
)
from .claims import claim_step, release_step, release_steps_of
from .closing import close_case, exclude_from_case, transfer_case
from .deadlines import extend_clock, pause_clock, recount_clocks, restart_clock, resume_clock
from .noting import noting
from .opening import CaseDraft, open_case, open_cases
from .publishing import publish_procedure
from .reading import anchor_events, drain_events
from .replaying import PastMove, replay_cases
from .stepping import AlreadyTaken, Move, stepping, take_step
from .succession import succeed_cases
from .sweeping import Sweep, set_timer, sweep_deadlines
from .urging import answer_urge, urge_case

__all__ = [
    "AlreadyTaken",
    "CaseDraft",
    "Move",
    "PastMove",
    "Sweep",
    "add_participants",
    "anchor_events",
    "answer_urge",
    "claim_step",
    "close_case",
    "drain_events",
    "exclude_from_case",
    "extend_clock",
    "forward_step",
    "noting",
    "open_case",
    "open_cases",
    "pause_clock",
    "publish_procedure",
    "recount_clocks",
    "release_step",
    "release_steps_of",
    "remove_participant",
    "replay_cases",
    "restart_clock",
    "resume_clock",
    "return_step",
    "return_targets",
    "set_timer",
    "stepping",
    "succeed_cases",
    "sweep_deadlines",
    "take_step",
    "transfer_case",
    "urge_case",
    "withdraw_step",
]
