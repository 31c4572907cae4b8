"""The log's vocabulary and its chain.

Verbs are namespaced (`casework.step_taken`, `letters.replied`), each with a schema, so that a
reader of the log finds the facts it needs without knowing the app that wrote them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import CaseEvent

# The anchor seals every event; other readers register for the verbs they want.
ANCHOR = "anchor"


@dataclass(frozen=True)
class EventType:
    """A verb with its Chinese label and its data: field name → type (or tuple of types).

    A name ending in "?" may be missing. `public` events show in the applicant's timeline.
    """

    verb: str
    label: str
    schema: dict[str, type | tuple]
    public: bool = False


@dataclass(frozen=True)
class Reader:
    """Somebody who is handed every event with one of `verbs` (a verb ending in "." is a prefix;
    empty means all). `handle(event)` runs once, in the transaction that deletes the queue row.
    A reader without `handle` takes its rows itself (the anchor does, nightly)."""

    name: str
    verbs: tuple[str, ...] = ()
    handle: Callable[[CaseEvent], None] | None = None

    def wants(self, verb: str) -> bool:
        return not self.verbs or any(
            verb == v or (v.endswith(".") and verb.startswith(v)) for v in self.verbs
        )


_types: dict[str, EventType] = {}
_readers: dict[str, Reader] = {}


def register_event_types(*types: EventType) -> None:
    for event_type in types:
        if _types.setdefault(event_type.verb, event_type) != event_type:
            raise ValueError(f"event type {event_type.verb} is registered twice")


def register_reader(reader: Reader) -> None:
    if _readers.setdefault(reader.name, reader) != reader:
        raise ValueError(f"event reader {reader.name} is registered twice")


def forget_reader(name: str) -> None:
    _readers.pop(name, None)


def event_type(verb: str) -> EventType:
    return _types[verb]


def readers_of(verb: str) -> list[str]:
    return [reader.name for reader in _readers.values() if reader.wants(verb)]


def reader(name: str) -> Reader:
    return _readers[name]


def handling_readers() -> list[str]:
    return [reader.name for reader in _readers.values() if reader.handle]


def is_handled(verb: str) -> bool:
    """Whether a reader is waiting that acts on this verb at once."""
    return any(reader.handle and reader.wants(verb) for reader in _readers.values())


def check_data(verb: str, data: dict) -> None:
    """Raise ValueError unless `data` is what the verb's schema says. A programming error, never
    the user's: what people type is checked by forms long before."""
    schema = _types[verb].schema if verb in _types else None
    if schema is None:
        raise ValueError(f"unknown event verb {verb}")
    required = {name for name in schema if not name.endswith("?")}
    allowed = {name.rstrip("?"): kind for name, kind in schema.items()}
    if required - data.keys() or data.keys() - allowed.keys():
        raise ValueError(f"{verb}: data {sorted(data)} does not fit {sorted(schema)}")
    for name, value in data.items():
        if not isinstance(value, allowed[name]):
            raise ValueError(f"{verb}: {name} is {type(value).__name__}")


def hash_of(event: CaseEvent) -> str:
    """The link of the chain: sha256 over everything the event says and the previous hash."""
    said = [
        event.case_id,
        event.sequence,
        event.step_id,
        _moment(event.occurred_at),
        _moment(event.recorded_at),
        event.actor_id,
        event.acting_for_id,
        event.unit_id,
        event.verb,
        event.data,
        event.previous_hash,
    ]
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


register_reader(Reader(ANCHOR))
register_event_types(
    EventType("casework.opened", "收到", {"stage": str, "clocks": dict, "origin": str}, public=True),
    EventType(
        "casework.step_taken",
        "办理",
        {
            "stage": str,
            "outcome": str,
            "label": str,
            "opened": list,
            "facts?": dict,
            "files?": int,
            "legal_basis?": str,
        }
        | {"to?": list},
    ),
    EventType("casework.awaiting_children", "等待下级办件", {"stage": str}),
    EventType("casework.step_claimed", "领办", {"stage": str}),
    EventType("casework.step_released", "放回待领", {"stage": str, "reason?": str}),
    EventType("casework.returned", "退回", {"stage": str, "to": str}),
    EventType("casework.forwarded", "转交", {"stage": str, "unit": int, "position?": int, "person?": int}),
    EventType("casework.participant_added", "增加参与单位", {"stage": str, "units": list}),
    EventType("casework.participant_removed", "减少参与单位", {"stage": str, "unit": int}),
    EventType("casework.withdrawn", "撤回", {"stage": str, "to": str}),
    EventType("casework.transferred", "转办", {"from": int, "to": int, "reason": str}, public=True),
    EventType("casework.succeeded", "单位合并，办件移交", {"from": int, "to": int}, public=True),
    EventType("casework.closed", "办结", {"outcome": str}, public=True),
    EventType("casework.excluded", "设置回避", {"unit?": int, "person?": int, "reason": str}),
    EventType(
        "casework.clock_paused", "停表", {"clock": str, "reason": str, "legal_basis": str}, public=True
    ),
    EventType(
        "casework.clock_resumed", "恢复计时", {"clock": str, "reason": str, "due_at": str}, public=True
    ),
    EventType(
        "casework.clock_extended",
        "延期",
        {"clock": str, "amount": int, "reason": str, "legal_basis": str, "due_at": str},
        public=True,
    ),
    EventType(
        "casework.clock_restarted",
        "重新计时",
        {"clock": str, "reason": str, "legal_basis": str, "due_at": str},
        public=True,
    ),
    EventType(
        "casework.clocks_recounted", "日历调整，时限重算", {"revision": int, "clocks": dict}, public=True
    ),
    EventType(
        "casework.alerted", "时限提醒", {"clock": str, "offset": int, "unit": str, "due_at": str, "to": list}
    ),
    EventType("casework.timer_fired", "定时事项", {"action": str}),
    EventType("casework.urged", "催办", {"urge": int, "kind": str, "unit": int}, public=True),
    EventType("casework.urge_answered", "催办反馈", {"urge": int}, public=True),
)
