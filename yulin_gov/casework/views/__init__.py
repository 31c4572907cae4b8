"""The office's own pages."""

from .cases import case, chart, deadlines, step_file
from .lists import done, to_read, todo
from .steps import adhoc, claim, release, take
from .urges import answer, urge

__all__ = [
    "adhoc",
    "answer",
    "case",
    "chart",
    "claim",
    "deadlines",
    "done",
    "release",
    "step_file",
    "take",
    "to_read",
    "todo",
    "urge",
]
