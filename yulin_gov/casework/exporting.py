"""Lists as files: XLSX, or CSV for those who ask for it. Every export is written into the audit log."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.styles import Font

from yulin_gov.accounts.audit import record_audit

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_response(
    request: HttpRequest, name: str, headers: Sequence[str], rows: Iterable[Sequence]
) -> HttpResponse:
    """`rows` as a download, in the format `?export=csv|xlsx` names (XLSX unless CSV is asked for).

    Texts that a spreadsheet would run as formulas are made harmless. Side effect: an AuditEvent.
    """
    rows = [[_plain(value) for value in row] for row in rows]
    kind = "csv" if request.GET.get("export") == "csv" else "xlsx"
    record_audit(
        "casework.exported",
        by=request.user,
        subject=name,
        data={"rows": len(rows), "format": kind},
        request=request,
    )
    content = _csv(headers, rows) if kind == "csv" else _workbook(name, headers, rows)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8" if kind == "csv" else _XLSX)
    day = timezone.localdate()
    response["Content-Disposition"] = content_disposition_header(True, f"{name}-{day:%Y%m%d}.{kind}")
    response["Cache-Control"] = "no-store"
    return response


def _plain(value) -> str | int:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if value is None:
        return ""
    if isinstance(value, int):
        return value
    text = "".join(c for c in str(value) if c >= " " or c in "\n\t")
    return f"'{text}" if text[:1] in "=+-@\t" and text else text


def _csv(headers: Sequence[str], rows: list[list]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headers)
    writer.writerows(rows)
    return ("\ufeff" + out.getvalue()).encode()  # spreadsheet programs need the mark


def _workbook(name: str, headers: Sequence[str], rows: list[list]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = name[:31]
    sheet.append(list(headers))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(row)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
