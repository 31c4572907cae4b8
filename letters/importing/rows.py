"""From one row of a file to a letter, or to a sentence that says what is wrong with it."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from yulin_gov.refused import Refused

_MOMENT = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[\sT]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?)?[分秒]?)?"
)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL and halves of characters
_TITLE_LENGTH, _NAME_LENGTH = 200, 100


@dataclass(frozen=True)
class LetterRow:
    """A letter handled elsewhere. `replied_at` is None where it has not been answered."""

    row: int
    source_number: str
    name: str
    title: str
    text: str
    sent_at: datetime
    reply: str
    replied_at: datetime | None

    @property
    def row_hash(self) -> str:
        """The same for the same content, whatever its place, file, format and surrounding blanks."""
        said = [self.source_number, self.name, self.title, self.text, self.reply]
        said += [moment.isoformat() if moment else None for moment in (self.sent_at, self.replied_at)]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def parse_row(row: int, cells: dict[str, Any]) -> LetterRow:
    """Read one row; `row` is its number in the file. Raises Refused with what is wrong."""
    title = " ".join(_text(cells["留言主题"]).split())
    text, reply = _text(cells["留言详情"]), _text(cells["答复意见"])
    name = _text(cells["留言用户"])
    for value, what in ((title, "留言主题"), (text, "留言详情")):
        if not value:
            raise Refused(f"{what}为空")
    if len(title) > _TITLE_LENGTH:
        raise Refused(f"留言主题超过{_TITLE_LENGTH}字")
    if len(name) > _NAME_LENGTH:
        raise Refused(f"留言用户超过{_NAME_LENGTH}字")
    sent_at, _ = _moment(cells["留言时间"], "留言时间")
    replied_at = _replied(cells["答复时间"], reply, sent_at)
    return LetterRow(row, _text(cells["留言编号"])[:60], name, title, text, sent_at, reply, replied_at)


def _replied(cell: Any, reply: str, sent_at: datetime) -> datetime | None:
    written = bool(_text(cell))
    if not reply and not written:
        return None
    if not reply:
        raise Refused("有答复时间，但答复意见为空")
    if not written:
        raise Refused("有答复意见，但答复时间为空")
    replied_at, is_day = _moment(cell, "答复时间")
    if replied_at >= sent_at:
        return replied_at
    if is_day and timezone.localdate(replied_at) == timezone.localdate(sent_at):
        return sent_at  # only the day is known: answered on the day it came
    raise Refused("答复时间早于留言时间")


def _moment(cell: Any, what: str) -> tuple[datetime, bool]:
    """The moment, and whether only its day is known."""
    if isinstance(cell, datetime):
        moment, is_day = cell.replace(tzinfo=None), False
    elif isinstance(cell, date):
        moment, is_day = datetime.combine(cell, time.min), True
    else:
        moment, is_day = _read_moment(_text(cell), what)
    aware = timezone.make_aware(moment)
    if aware.year < 1990 or aware > timezone.now():
        raise Refused(f"{what}不合理：{_shown(cell)}")
    return aware, is_day


def _read_moment(written: str, what: str) -> tuple[datetime, bool]:
    if not written:
        raise Refused(f"{what}为空")
    found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", written))
    if found is None:
        raise Refused(f"{what}无法识别：{_shown(written)}")
    parts = [int(part) for part in found.groups(default="0")]
    try:
        return datetime(*parts), found.group(4) is None
    except ValueError:
        raise Refused(f"{what}不存在：{_shown(written)}") from None


def _text(cell: Any) -> str:
    """The cell without the blanks around it, around its lines, and between them."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # a spreadsheet's number 2549.0 is the letter 2549
    text = str(cell)
    if _UNSTORABLE.search(text):
        raise Refused("含有无法保存的字符")
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _shown(cell: Any) -> str:
    return f"“{str(cell)[:40]}”"
