"""Taking over letters that were handled elsewhere, with their true times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from yulin_gov.casework.actions import CaseDraft, PastMove, publish_procedure, replay_cases
from yulin_gov.casework.enums import Origin
from yulin_gov.casework.models import Case, ProcedureVersion
from yulin_gov.organization.models import Unit
from yulin_gov.refused import Refused
from yulin_gov.workdays.calendar import current_calendar
from yulin_gov.workdays.terms import TermUnit, due_at

from ..enums import KIND
from ..importing import LetterRow, parse_row
from ..models import ImportedLetter, Letter
from ..procedures import IMPORTED, imported
from .submitting import LetterDraft, write_letters

_LOCK = 0x6C657474657273  # "letters": two imports take turns, so that each sees what the other wrote


@dataclass
class ImportReport:
    """What became of a file's rows: read = imported + known + skipped; on_time and late are of
    the imported ones that were answered."""

    read: int = 0
    imported: int = 0
    known: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)
    on_time: int = 0
    late: int = 0


def import_letters(
    rows: Iterable[tuple[int, dict]],
    *,
    unit: Unit,
    term: int,
    batch: int = 500,
    dry_run: bool = False,
    progress: Callable[[ImportReport], None] = lambda report: None,
) -> ImportReport:
    """Import rows of `importing.read_table`: received, accepted, answered and closed at their true
    times, against a promise of `term` working days.

    Each `batch` is one transaction, so a broken-off import continues where it stopped. A row
    imported before is passed over, one that is wrong is skipped with the reason. Nobody is told,
    nothing is published. With `dry_run` nothing is written.
    """
    report = ImportReport()
    version = None if dry_run else publish_procedure(IMPORTED, imported(term))
    waiting: list[LetterRow] = []
    seen: dict[str, int] = {}

    def flush() -> None:
        _take_over(waiting, unit, version, term, report)
        waiting.clear()
        progress(report)

    for number, cells in rows:
        report.read += 1
        try:
            row = parse_row(number, cells)
            if (first := seen.setdefault(row.row_hash, number)) != number:
                raise Refused(f"与第{first}行内容完全相同")
        except Refused as refused:
            report.skipped.append((number, refused.sentence))
            continue
        waiting.append(row)
        if len(waiting) >= batch:
            flush()
    flush()
    return report


def _take_over(
    rows: Sequence[LetterRow], unit: Unit, version: ProcedureVersion | None, term: int, report: ImportReport
) -> None:
    """Import a set of rows; one that the database refuses is found by halving and skipped alone."""
    try:
        with transaction.atomic():
            fresh = _unknown(rows)
            if version is not None and fresh:
                _write(fresh, unit, version)
    except (DataError, IntegrityError, Refused) as error:
        if len(rows) == 1:
            said = error.sentence if isinstance(error, Refused) else "数据库不能保存该行内容"
            report.skipped.append((rows[0].row, said))
            return
        middle = len(rows) // 2
        _take_over(rows[:middle], unit, version, term, report)
        _take_over(rows[middle:], unit, version, term, report)
        return
    report.known += len(rows) - len(fresh)
    report.imported += len(fresh)
    for row in fresh:
        if row.replied_at is not None:
            in_time = row.replied_at < due_at(row.sent_at, term, TermUnit.WORKDAYS, current_calendar())
            report.on_time += in_time
            report.late += not in_time


def _unknown(rows: Sequence[LetterRow]) -> list[LetterRow]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    hashes = {row.row_hash for row in rows}
    known = set(ImportedLetter.objects.filter(row_hash__in=hashes).values_list("row_hash", flat=True))
    return [row for row in rows if row.row_hash not in known]


def _write(rows: Sequence[LetterRow], unit: Unit, version: ProcedureVersion) -> None:
    def after_write(cases: Sequence[Case]) -> None:
        drafts = [_draft(row, unit) for row in rows]
        letters = write_letters(
            cases,
            drafts,
            codes=[""] * len(cases),
            reply=[row.reply for row in rows],
            replied_at=[row.replied_at for row in rows],
        )
        _remember(letters, rows)

    replay_cases([(_case_draft(row, unit, version), _moves(row)) for row in rows], after_write=after_write)


def _remember(letters: Sequence[Letter], rows: Sequence[LetterRow]) -> None:
    now = timezone.now()
    ImportedLetter.objects.bulk_create(
        ImportedLetter(letter=letter, row_hash=row.row_hash, source_number=row.source_number, imported_at=now)
        for letter, row in zip(letters, rows, strict=True)
    )


def _case_draft(row: LetterRow, unit: Unit, version: ProcedureVersion) -> CaseDraft:
    return CaseDraft(
        kind=KIND, title=row.title, unit=unit, origin=Origin.IMPORT, at=row.sent_at, procedure=version
    )


def _draft(row: LetterRow, unit: Unit) -> LetterDraft:
    return LetterDraft(unit=unit, title=row.title, text=row.text, name=row.name, phone="", may_publish=False)


def _moves(row: LetterRow) -> list[PastMove]:
    """Accepted when received, for the file knows no other moment; answered when it was."""
    moves = [PastMove("accept", row.sent_at, events=[("letters.accepted", {})])]
    if row.replied_at is not None:
        moves.append(PastMove("reply", row.replied_at, events=[("letters.replied", {})]))
    return moves
