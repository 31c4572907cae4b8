"""The demo city's two tables, as data: its units (`units.csv`) and its posts and people (`staff.csv`).

Names of units and places are public facts; telephone numbers, house numbers and every person
are invented.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class UnitRow:
    code: str
    name: str
    short_name: str
    number_prefix: str
    kind: str
    parent: str  # code of the unit above; empty for a root. Parents stand before their children.
    exchanges_documents: bool
    circulates_inside: bool
    receives_letters: bool
    phone: str
    address: str
    duties: str


@dataclass(frozen=True)
class StaffRow:
    """A post and the person in it. A username on two rows is one person with two posts."""

    unit: str  # code
    division: str  # empty for a post of the unit's head office
    title: str
    roles: tuple[str, ...]
    administrator: str
    name: str
    username: str
    duties: str


def unit_rows() -> list[UnitRow]:
    switches = ("exchanges_documents", "circulates_inside", "receives_letters")
    return [UnitRow(**row | {name: row[name] == "1" for name in switches}) for row in _read("units.csv")]


def staff_rows() -> list[StaffRow]:
    return [StaffRow(**row | {"roles": tuple(row["roles"].split())}) for row in _read("staff.csv")]


def _read(name: str) -> Iterator[dict]:
    with (_HERE / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
