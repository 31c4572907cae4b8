"""From a file to rows of named cells: CSV as spreadsheet programs write it, and XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yulin_gov.refused import Refused

COLUMNS = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间")
_ENCODINGS = ("utf-8-sig", "gb18030")
_LONGEST_CELL = 10_000_000  # characters; the csv module's own limit is 131,072


def read_table(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each data row with its number as a spreadsheet shows it (the heading is row 1).

    Empty rows are passed over. Raises Refused where the file cannot be read or a column is missing.
    """
    rows = _xlsx_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path)
    heading = [str(cell or "").strip() for cell in next(rows, [])]
    missing = [name for name in COLUMNS if name not in heading]
    if missing:
        raise Refused(f"文件缺少列：{'、'.join(missing)}。第一行应为：{'、'.join(COLUMNS)}。")
    for number, cells in enumerate(rows, start=2):
        if any(cell not in (None, "") for cell in cells):
            padded = [*cells, *[""] * (len(heading) - len(cells))]
            yield number, dict(zip(heading, padded, strict=False))


def _csv_rows(path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(_decoded(path), newline=""))
    try:
        yield from reader
    except csv.Error as error:
        raise Refused(f"第{reader.line_num}行附近不是有效的CSV格式。") from error


def _decoded(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Refused(f"无法读取文件：{path}。") from error
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("无法识别文件的编码，请另存为UTF-8格式的CSV。")


def _xlsx_rows(path: Path) -> Iterator[list[Any]]:
    from openpyxl import load_workbook  # slow to load, and seldom needed

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # whatever a broken file makes of zip, XML or openpyxl itself
        raise Refused(f"无法读取文件：{path}，请确认是XLSX表格。") from error
    with_cells = book.worksheets[0] if book.worksheets else None
    for cells in with_cells.iter_rows(values_only=True) if with_cells else ():
        yield list(cells)
    book.close()
