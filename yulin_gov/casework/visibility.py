"""Who sees which case. Every list, page, search, download, export and PDF starts here."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from yulin_gov.accounts.models import User
from yulin_gov.organization.capacity import Capacity
from yulin_gov.organization.queries import supervised_unit_ids

from .enums import Scope
from .models import Case, CaseExclusion, CaseUnit, Step


def cases_visible_to(user: User, capacities: Sequence[Capacity]) -> QuerySet[Case]:
    """The cases that a person may see with these capacities (own and delegated), today.

    Units take part through CaseUnit and its scope; a supervisor sees his subtree of units;
    an applicant his own; whoever is excluded sees nothing, by whatever way.
    """
    mine = Q(applicant=user)
    for capacity in capacities:
        mine |= _through(capacity)
    return without_excluded(Case.objects.filter(mine), user, capacities)


def _through(capacity: Capacity) -> Q:
    if capacity.unit is None:
        return Q(pk__in=[])
    parts = CaseUnit.objects.filter(part_seen_by(capacity), case=OuterRef("pk"))
    seen = Q(Exists(parts))
    supervised = supervised_unit_ids(capacity)
    if supervised is not None:
        seen |= Q(unit__in=supervised)
    if capacity.kinds:
        seen &= Q(kind__in=capacity.kinds)
    return seen


def part_seen_by(capacity: Capacity) -> Q:
    """The CaseUnit rows that show a case to this capacity."""
    touched = Step.objects.filter(
        Q(acted_by__in=capacity.persons)
        | Q(acting_for__in=capacity.persons)
        | Q(person__in=capacity.persons)
        | _in_pool(capacity),
        case=OuterRef("case"),
        unit=OuterRef("unit"),
    )
    return Q(unit=capacity.unit) & (
        Q(scope=Scope.UNIT)
        | Q(scope=Scope.ROLE, role__in=capacity.roles)
        | (Q(scope=Scope.STEPS) & Q(Exists(touched)))
    )


def _in_pool(capacity: Capacity) -> Q:
    mine = Q(position=None) | Q(position=capacity.position)
    return mine & Q(closed_at=None, person=None, role__in=capacity.roles)


def excluded_from(case_reference: str, user: User, capacities: Sequence[Capacity]) -> Exists:
    """Whether the case named by the outer query's column is closed to this person.

    All units one belongs to or acts in count, and all persons one acts for: an exclusion beats
    every grant.
    """
    units = {capacity.unit.pk for capacity in capacities if capacity.unit}
    persons = {user.pk}.union(*(capacity.persons for capacity in capacities))
    barred = CaseExclusion.objects.filter(case=OuterRef(case_reference))
    return Exists(barred.filter(Q(unit__in=units) | Q(person__in=persons)))


def without_excluded(cases: QuerySet, user: User, capacities: Sequence[Capacity]) -> QuerySet:
    """The same cases less those that must never be seen by this person."""
    return cases.filter(~excluded_from("pk", user, capacities))
