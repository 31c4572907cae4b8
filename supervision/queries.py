"""What a supervisor reads of the whole city's cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from yulin_gov.casework.lists import Viewer
from yulin_gov.casework.models import Case, Urge
from yulin_gov.casework.visibility import without_excluded
from yulin_gov.organization.queries import supervised_unit_ids

COUNTED = 1000
SOON = timedelta(days=3)


def supervised_cases(viewer: Viewer) -> QuerySet[Case]:
    """The cases of the units that this capacity supervises, less those it must never see."""
    units = supervised_unit_ids(viewer.capacity)
    if not units:
        return Case.objects.none()
    return without_excluded(Case.objects.filter(unit__in=units), viewer.user, viewer.capacities)


def overdue_cases(viewer: Viewer, now: datetime | None = None) -> QuerySet[Case]:
    """Open cases that are late, the longest late first."""
    return supervised_cases(viewer).filter(closed_at=None, state="open", due_at__lte=now or timezone.now())


def pressing_cases(viewer: Viewer, now: datetime | None = None) -> QuerySet[Case]:
    """Open cases that fall due within three calendar days."""
    now = now or timezone.now()
    return supervised_cases(viewer).filter(state="open", due_at__gt=now, due_at__lte=now + SOON)


def urges_by(viewer: Viewer, *, answered: bool | None = None) -> QuerySet[Urge]:
    """What this person has urged, the latest first."""
    urges = Urge.objects.filter(by=viewer.user, case__in=supervised_cases(viewer))
    if answered is not None:
        urges = urges.filter(answered_at__isnull=not answered)
    return urges.select_related("case", "unit").order_by("-id")


@dataclass(frozen=True)
class Figures:
    """The dashboard's counts, each stopping at 1000."""

    overdue: int
    pressing: int
    unanswered: int


def figures_for(viewer: Viewer) -> Figures:
    """Three queries, each reading at most a thousand entries of an index."""
    return Figures(
        overdue=overdue_cases(viewer)[: COUNTED + 1].count(),
        pressing=pressing_cases(viewer)[: COUNTED + 1].count(),
        unanswered=urges_by(viewer, answered=False)[: COUNTED + 1].count(),
    )
