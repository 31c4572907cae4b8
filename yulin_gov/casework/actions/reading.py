"""Handing queued events to their readers, and the nightly anchor."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from yulin_gov.organization.capacity import SYSTEM

from ..enums import StageKind
from ..events import ANCHOR, Reader, handling_readers, reader, register_reader
from ..models import Case, CaseEvent, EventAnchor, EventQueue, Step
from ..procedures import CHILDREN_CLOSED, definition_of
from .stepping import lock_case, take_step

logger = logging.getLogger(__name__)


def drain_events(*, limit: int = 1000) -> int:
    """Hand waiting events to their readers, one transaction each; how many were handled.

    A row is claimed with SKIP LOCKED and deleted together with the reader's result, so that a
    worker that dies repeats nothing and loses nothing. A reader that fails keeps its row and
    holds up no other reader: `limit` is for each of them.
    """
    handled = 0
    for name in handling_readers():
        waiting = EventQueue.objects.filter(reader=name).order_by("event_id").values_list("pk", flat=True)
        for pk in list(waiting[:limit]):
            try:
                handled += _hand_over(pk)
            except Exception:
                logger.exception("event reader %s failed on queue row %s", name, pk)
    return handled


def _hand_over(pk: int) -> int:
    with transaction.atomic():
        claimed = EventQueue.objects.select_for_update(of=("self",), skip_locked=True)
        row = claimed.select_related("event__case").filter(pk=pk).first()
        if row is None:
            return 0
        reader(row.reader).handle(row.event)
        row.delete()
    return 1


# -- children and their parent ------------------------------------------------------------


def advance_parent(event: CaseEvent) -> None:
    """When the last child has ended, the wait for them in the parent ends (event reader).

    Told by a child's end, and by the parent when it begins to wait: its children may all have
    ended by then. Runs after their transactions, so the parent is locked while no child is.
    """
    parent_id = event.case_id if event.verb == "casework.awaiting_children" else event.case.parent_id
    if parent_id is None:
        return
    parent = lock_case(parent_id)
    children = Case.objects.filter(parent=parent_id)
    if not children.exists() or children.filter(closed_at=None).exists():
        return
    definition = definition_of(parent.procedure)
    for step in Step.objects.filter(case=parent_id, kind=StageKind.WAIT, closed_at=None):
        if definition.stage(step.stage_key).offers(CHILDREN_CLOSED):
            take_step(step, by=SYSTEM, outcome=CHILDREN_CLOSED)


register_reader(Reader("children", ("casework.closed", "casework.awaiting_children"), advance_parent))


# -- the anchor ---------------------------------------------------------------------------


def anchor_directory() -> Path:
    """Where anchors leave the database to; copy it elsewhere every night."""
    path = settings.DATA_DIR / "anchors"
    path.mkdir(parents=True, exist_ok=True)
    return path


def anchor_events() -> EventAnchor | None:
    """Seal every committed event that is not yet sealed (nightly); None when there is none.

    Writes a file whose first line is the previous digest and whose others are “case sequence
    hash”, then the anchor's row with the file's sha256. The queue rows go with the row, so an
    event whose transaction commits late is sealed by the next anchor.
    """
    with transaction.atomic():
        rows = EventQueue.objects.select_for_update(of=("self",)).filter(reader=ANCHOR)
        queued = list(rows.values_list("pk", "event__case_id", "event__sequence", "event__hash"))
        if not queued:
            return None
        previous = EventAnchor.objects.order_by("-id").values_list("digest", flat=True).first() or ""
        now = timezone.now()
        lines = [previous, *(f"{case} {sequence} {digest}" for _, case, sequence, digest in sorted(queued))]
        content = ("\n".join(lines) + "\n").encode()
        path = anchor_directory() / f"{timezone.localtime(now):%Y%m%d-%H%M%S-%f}.txt"
        with open(path, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        anchor = EventAnchor.objects.create(
            sealed_at=now,
            name=path.name,
            events=len(queued),
            previous_digest=previous,
            digest=hashlib.sha256(content).hexdigest(),
        )
        EventQueue.objects.filter(pk__in=[pk for pk, *_ in queued]).delete()
    return anchor
