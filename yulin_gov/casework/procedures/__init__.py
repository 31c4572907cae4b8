"""Procedures (办事流程): the language, its validation, the flow chart, and finding the right version."""

from .definition import (
    CHILDREN_CLOSED,
    END,
    HOLDER,
    Alert,
    ClockRule,
    InvalidDefinition,
    Procedure,
    Route,
    Stage,
    Term,
    parse,
)
from .resolution import definition_of, procedure_for

__all__ = [
    "CHILDREN_CLOSED",
    "END",
    "HOLDER",
    "Alert",
    "ClockRule",
    "InvalidDefinition",
    "Procedure",
    "Route",
    "Stage",
    "Term",
    "definition_of",
    "parse",
    "procedure_for",
]
