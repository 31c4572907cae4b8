"""What an app tells the kernel about its cases. The kernel knows keys, never the apps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yulin_gov.organization.delegable import register_delegable_kind

if TYPE_CHECKING:
    from .models import Case


@dataclass(frozen=True)
class Verb:
    """What happens when a step is taken with an outcome: the form shown, and the action called.

    `form(step=…, capacity=…, data=…, files=…, prefix=…)` is a Django form class (None: opinion
    and attachments); `action(step, *, by, outcome, **form.cleaned_data)` does what is the
    app's own and takes the step inside `stepping(...)` (None: `take_step`).
    """

    form: type | None = None
    action: Callable[..., Any] | None = None


@dataclass(frozen=True)
class CaseKind:
    """A kind of case, registered by its app in `AppConfig.ready()`.

    `summary_template` is rendered in the step page with `case` and `summary(case)`'s result.
    `number(count)` gives that many new human numbers. `facts(case)` are what routes may ask,
    `fact_labels` say them in the flow chart (keys as routes write them, with “!” for the opposite).
    `mandatory` outcomes every path must pass unless it ends in `exempt_ends`; `handled_by` is
    the outcome that answers or decides, `declined_as` how a declined case ends (statistics).
    """

    key: str
    label: str
    procedure_key: str
    summary_template: str
    number: Callable[[int], list[str]]
    open: Callable[[Any], Case] | None = None
    summary: Callable[[Case], dict] = lambda case: {}
    facts: Callable[[Case], dict[str, bool]] = lambda case: {}
    verbs: dict[str, Verb] = field(default_factory=dict)
    mandatory: tuple[str, ...] = ()
    exempt_ends: frozenset[str] = frozenset({"declined", "withdrawn"})
    handled_by: str = ""
    declined_as: str = "declined"
    outcome_labels: dict[str, str] = field(default_factory=dict)
    fact_labels: dict[str, str] = field(default_factory=dict)
    main_clock: str = "promised"
    list_url: str = ""
    sealed: bool = False

    def verb(self, outcome: str) -> Verb:
        return self.verbs.get(outcome, Verb())


_kinds: dict[str, CaseKind] = {}


def register(kind: CaseKind) -> CaseKind:
    """Make a kind known. Registering another under the same key is a programming error."""
    if _kinds.setdefault(kind.key, kind) != kind:
        raise ValueError(f"case kind {kind.key} is registered twice")
    register_delegable_kind(kind.key, kind.label)
    return kind


def kind_of(key: str) -> CaseKind:
    return _kinds[key]


def all_kinds() -> list[CaseKind]:
    return list(_kinds.values())
