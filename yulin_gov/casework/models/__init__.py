"""The tables of casework. Only `casework.actions` writes them."""

from .cases import Case, CaseExclusion, CaseUnit
from .clocks import Clock, ClockEntry, Timer
from .events import CaseEvent, EventAnchor, EventQueue
from .procedures import ProcedureVersion
from .steps import Step, StepFile
from .urges import Urge

__all__ = [
    "Case",
    "CaseEvent",
    "CaseExclusion",
    "CaseUnit",
    "Clock",
    "ClockEntry",
    "EventAnchor",
    "EventQueue",
    "ProcedureVersion",
    "Step",
    "StepFile",
    "Timer",
    "Urge",
]
