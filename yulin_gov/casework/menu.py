"""Entries of the office's side bar that apps add for whoever may use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yulin_gov.organization.capacity import Capacity


@dataclass(frozen=True)
class MenuEntry:
    """A link shown to capacities for which `shown` is true."""

    label: str
    url_name: str
    shown: Callable[[Capacity], bool]


_entries: list[MenuEntry] = []


def register_menu(entry: MenuEntry) -> None:
    if entry not in _entries:
        _entries.append(entry)


def entries_for(capacity: Capacity) -> list[MenuEntry]:
    return [entry for entry in _entries if entry.shown(capacity)]
