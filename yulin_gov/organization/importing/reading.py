"""From a CSV or XLSX file to rows of text, and from text to values. Faults are sentences."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from yulin_gov.refused import Refused

# A table of the whole city has a few thousand rows; a bigger file is a mistake, or an attack.
LARGEST_FILE = 20 * 1024 * 1024
MOST_ROWS = 100_000
KIND = "类型"
COLUMNS = (
    KIND,
    "单位编码",
    "单位名称",
    "简称",
    "上级编码",
    "单位类别",
    "代字",
    "设立日期",
    "撤销日期",
    "公文交换",
    "内部流转",
    "接收来信",
    "电话",
    "地址",
    "职责",
    "内设机构",
    "职位",
    "角色",
    "管理员",
    "账号",
    "姓名",
    "手机号码",
    "电子邮箱",
    "任职日期",
    "免职日期",
    "排序",
)
_DAY = re.compile(r"(\d{4})[年/.-](\d{1,2})[月/.-](\d{1,2})日?(?:[ T]0?0:00(?::00)?)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YES = {"是", "1", "true", "y", "yes", "√", "有"}
_NO = {"否", "0", "false", "n", "no", "×", "无"}


@dataclass(frozen=True)
class Row:
    """One line of the file: where it stands, and its cells by column name, stripped."""

    place: str
    cells: dict[str, str]

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def required(self, column: str) -> str:
        if not self.text(column):
            raise Refused(f"缺少“{column}”")
        return self.text(column)

    def day(self, column: str) -> date | None:
        """2026-01-31, 2026/1/31, 2026.1.31, 20260131 or 2026年1月31日; None for an empty cell."""
        written = self.text(column)
        if not written:
            return None
        match = _DAY.fullmatch(written) or _COMPACT_DAY.fullmatch(written)
        try:
            return date(*map(int, match.groups()))
        except (AttributeError, ValueError):
            raise Refused(f"“{column}”不是日期：{_short(written)}") from None

    def flag(self, column: str) -> bool | None:
        written = self.text(column).lower()
        if not written:
            return None
        if written in _YES:
            return True
        if written in _NO:
            return False
        raise Refused(f"“{column}”应填“是”或“否”：{_short(written)}")

    def number(self, column: str) -> int | None:
        written = self.text(column)
        if not written:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", written):
            raise Refused(f"“{column}”应为整数：{_short(written)}")
        return int(written)

    def choice(self, column: str, choices: list[tuple[str, str]]) -> str:
        """The key of a choice written as its key or its Chinese label; empty for an empty cell."""
        written = self.text(column)
        if not written:
            return ""
        return _key_of(written, choices, column)

    def choices(self, column: str, choices: list[tuple[str, str]]) -> list[str] | None:
        """Several choices, separated by 、，,；; or spaces; None for an empty cell."""
        parts = [part for part in re.split(r"[、，,；;\s/]+", self.text(column)) if part]
        return [_key_of(part, choices, column) for part in parts] or None


def _key_of(written: str, choices: list[tuple[str, str]], column: str) -> str:
    for key, label in choices:
        if written in (key, label):
            return key
    known = "、".join(label for _, label in choices)
    raise Refused(f"“{column}”没有“{_short(written)}”这一项，可用：{known}")


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:30]}…"


def read_rows(path: str | Path) -> Iterator[Row]:
    """Every line that is not empty. Raises Refused when the file as a whole cannot be read."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refused(f"不能读取文件“{path}”：{error.strerror or '请检查路径'}。") from error
    if len(content) > LARGEST_FILE:
        raise Refused("文件超过20MB，请分成几个文件导入。")
    if not content.strip():
        raise Refused("文件是空的。")
    if path.suffix.lower() in (".xlsx", ".xlsm") or content.startswith(b"PK\x03\x04"):
        tables = _xlsx_tables(content)
    elif path.suffix.lower() == ".xls" or content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("不支持旧的 .xls 格式，请用表格软件另存为 .xlsx 或 CSV 后再导入。")
    else:
        tables = [("", _csv_lines(content))]
    return _rows_of(tables)


def _rows_of(tables) -> Iterator[Row]:
    found = total = 0
    for title, lines in tables:
        header = None
        for number, line in lines:
            cells = [_as_text(value) for value in line]
            if not any(cells):
                continue
            if header is None:
                header = [cell.replace("\n", "").replace(" ", "") for cell in cells]
                if KIND not in header and "单位编码" not in header:
                    break  # a sheet of notes
                found += 1
                continue
            total += 1
            if total > MOST_ROWS:
                raise Refused(f"超过{MOST_ROWS}行，请分成几个文件导入。")
            values = dict(zip(header, cells, strict=False))
            values[KIND] = values.get(KIND) or title
            yield Row(f"工作表“{title}”第{number}行" if title else f"第{number}行", values)
    if not found:
        raise Refused(f"没有找到表头，第一行应有“{KIND}”“单位编码”等列名。")


def _csv_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_decoded(content), newline=""))
    while True:
        first = reader.line_num + 1  # a cell may hold line breaks: name the line where the row begins
        try:
            line = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(f"第{first}行起不是正确的CSV：引号不成对，或者单元格过长。") from error
        yield first, line


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("文件的编码既不是UTF-8也不是GB18030，请另存为“CSV UTF-8”后再导入。")


def _xlsx_tables(content: bytes):
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError) as error:
        raise Refused("文件不是可以读取的XLSX，可能已损坏或加了密码。") from error
    for sheet in book.worksheets:
        yield sheet.title, enumerate(sheet.iter_rows(values_only=True), start=1)


def _as_text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # codes that a spreadsheet took for numbers
    return str(value).strip()
