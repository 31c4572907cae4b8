"""Reading a year's arrangement from a table: one row per day, or per run of days.

Columns 日期, 结束日期 (may be empty or missing), 安排 (放假 or 上班), 名称; UTF-8, as a spreadsheet
program writes it.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from yulin_gov.refused import Refused

from .seeding import OfficialDay

_KINDS = {"放假": False, "上班": True}
_LONGEST = 31  # days in one run; more is a slip of the pen


def read_notice(lines: Iterable[str]) -> list[OfficialDay]:
    """The days of a CSV table. Refused with the row's number for whatever cannot be read."""
    days: list[OfficialDay] = []
    for row, record in enumerate(csv.DictReader(lines), start=2):
        days += _days_of(row, {key: (value or "").strip() for key, value in record.items() if key})
    return days


def _days_of(row: int, record: dict[str, str]) -> Iterator[OfficialDay]:
    if record.get("安排") not in _KINDS:
        raise Refused(f"第{row}行的“安排”只能填“放假”或“上班”。")
    first = _date(row, record.get("日期", ""))
    last = _date(row, record["结束日期"]) if record.get("结束日期") else first
    if not 0 <= (last - first).days < _LONGEST:
        raise Refused(f"第{row}行的结束日期早于日期，或相隔超过{_LONGEST}天。")
    for ago in range((last - first).days + 1):
        yield OfficialDay(first + timedelta(days=ago), _KINDS[record["安排"]], record.get("名称", ""))


def _date(row: int, text: str) -> date:
    try:
        year, month, day = text.replace("/", "-").split("-")
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Refused(f"第{row}行的日期“{text}”无法识别，请写成 2027-01-01 的形式。") from None
