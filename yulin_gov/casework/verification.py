"""Proving the log: every chain, every cached figure that follows from it, every anchor."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from .actions.reading import anchor_directory
from .events import ANCHOR, hash_of
from .models import Case, CaseEvent, Clock, ClockEntry, EventAnchor, EventQueue, Step

CHUNK = 2000


@dataclass
class Verification:
    """What was looked at and every fault found, as Chinese sentences."""

    cases: int = 0
    events: int = 0
    anchors: int = 0
    faults: list[str] = field(default_factory=list)


def verify_events() -> Verification:
    """Read the whole log and prove it: sequences without gaps, hashes that follow from contents,
    heads that agree with the cases, triggers in place, due times that agree with their ledgers,
    anchors whose files and events agree.

    Sees the database as it is at one moment, so that work going on meanwhile is no fault.
    """
    found = Verification()
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        _verify_triggers(found)
        for case_ids in _chunks():
            _verify_chains(case_ids, found)
        _verify_states(found)
        _verify_clocks(found)
        _verify_anchors(found)
    return found


def _chunks() -> Iterator[list[int]]:
    last = 0
    while True:
        ids = list(Case.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not ids:
            return
        yield ids
        last = ids[-1]


def _verify_chains(case_ids: list[int], found: Verification) -> None:
    cases = Case.objects.in_bulk(case_ids)
    heads = dict.fromkeys(case_ids, (0, ""))
    for event in CaseEvent.objects.filter(case__in=case_ids).order_by("case_id", "sequence").iterator(CHUNK):
        sequence, digest = heads[event.case_id]
        number = cases[event.case_id].number
        if event.sequence != sequence + 1:
            found.faults.append(f"{number}：第{sequence + 1}条事件缺失。")
        if event.previous_hash != digest or event.hash != hash_of(event):
            found.faults.append(f"{number}：第{event.sequence}条事件的摘要不符。")
        heads[event.case_id] = (event.sequence, event.hash)
        found.events += 1
    for pk, case in cases.items():
        if heads[pk] != (case.last_sequence, case.last_hash):
            found.faults.append(f"{case.number}：办件记载的最后事件与日志不符。")
    found.cases += len(case_ids)


def _verify_states(found: Verification) -> None:
    """States follow from the log: closed exactly where a closing event is, and then without open steps."""
    closed = CaseEvent.objects.filter(verb="casework.closed").values("case")
    wrong = Case.objects.filter(
        Q(closed_at=None, pk__in=closed) | (Q(closed_at__isnull=False) & ~Q(pk__in=closed))
    )
    for number in wrong.values_list("number", flat=True)[:100]:
        found.faults.append(f"{number}：办件状态与日志不符。")
    steps = Step.objects.filter(closed_at=None, case__closed_at__isnull=False)
    for number in steps.values_list("case__number", flat=True)[:100]:
        found.faults.append(f"{number}：已办结但仍有未办环节。")


def _verify_clocks(found: Verification) -> None:
    """No due time but the one its ledger says."""
    lines = ClockEntry.objects.filter(clock=OuterRef("pk")).order_by("-id")
    said = Clock.objects.annotate(said=Subquery(lines.values("due_at")[:1]), lines=Exists(lines))
    agrees = Q(due_at=F("said")) | Q(due_at=None, said=None)
    for number, label in said.exclude(agrees & Q(lines=True)).values_list("case__number", "label")[:100]:
        found.faults.append(f"{number}：时限“{label}”的到期时间与时限记录不符。")


def _verify_triggers(found: Verification) -> None:
    with connection.cursor() as cursor:
        for model in (CaseEvent, ClockEntry, EventAnchor):
            table = model._meta.db_table
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass"
                " AND tgname = 'append_only' AND tgenabled IN ('O', 'A')",
                [table],
            )
            if not cursor.fetchone()[0]:
                found.faults.append(f"数据表 {table} 的防篡改触发器缺失或已停用。")


def _verify_anchors(found: Verification) -> None:
    previous, sealed = "", 0
    for anchor in EventAnchor.objects.order_by("id"):
        found.anchors += 1
        if anchor.previous_digest != previous:
            found.faults.append(f"封存 {anchor.name}：与前一次封存不衔接。")
        previous = anchor.digest
        path = anchor_directory() / anchor.name
        if not path.exists():
            found.faults.append(f"封存 {anchor.name}：文件不存在。")
            continue
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != anchor.digest:
            found.faults.append(f"封存 {anchor.name}：文件内容与摘要不符。")
            continue
        sealed += _compare_with_log(anchor, content.decode().splitlines()[1:], found)
    waiting = EventQueue.objects.filter(reader=ANCHOR).count()
    total = CaseEvent.objects.count()
    if sealed + waiting != total:
        found.faults.append(f"日志共{total}条，已封存{sealed}条，待封存{waiting}条，数目不符。")


def _compare_with_log(anchor: EventAnchor, lines: list[str], found: Verification) -> int:
    said = {}
    for line in lines:
        case, sequence, digest = line.split()
        said[int(case), int(sequence)] = digest
    for start in range(0, len(lines), CHUNK):
        part = list(said)[start : start + CHUNK]
        events = CaseEvent.objects.filter(case__in={case for case, _ in part})
        stored = {(c, s): h for c, s, h in events.values_list("case_id", "sequence", "hash")}
        for place in part:
            if stored.get(place) != said[place]:
                found.faults.append(f"封存 {anchor.name}：办件{place[0]}第{place[1]}条事件与封存不符。")
    return len(said)
