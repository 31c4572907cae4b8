"""Timer actions: functions the apps register under a key, called by the sweep."""

from __future__ import annotations

from collections.abc import Callable

_actions: dict[str, Callable] = {}


def register_timer(key: str, action: Callable) -> None:
    """`action(case, subject)` runs when a timer of this key is due, in the sweep's transaction,
    with the case locked. It must be idempotent and must not raise for a matter already settled."""
    if _actions.setdefault(key, action) is not action:
        raise ValueError(f"timer action {key} is registered twice")


def timer_action(key: str) -> Callable:
    return _actions[key]
