from datetime import timedelta

import pytest
from django.utils import timezone

from tests.accounts.factories import make_citizen, make_staff
from yulin_gov.organization.actions import add_supervision, appoint, create_division, delegate
from yulin_gov.organization.capacity import SYSTEM, capacities_of, citizen
from yulin_gov.organization.queries import (
    Holder,
    appointed_in,
    holders_of,
    holders_of_many,
    supervised_unit_ids,
)

from .factories import make_holder, make_position, make_unit

pytestmark = pytest.mark.django_db


def stand_in(principal, deputy, **more):
    (appointment,) = principal.appointments.all()
    to_at = timezone.now() + timedelta(days=2)
    return delegate(appointment.position, principal=principal, deputy=deputy, to_at=to_at, **more)


def test_own_appointments_come_before_delegations():
    person, unit = make_staff("陈敏"), make_unit("市政府办公室")
    late = make_position("reviewer", unit=unit, sort=2, division=create_division(unit, name="文秘科"))
    early = make_position("drafter", unit=unit, sort=1)
    appoint(person, late)
    appoint(person, early)
    stand_in(make_holder("leader", full_name="黎明"), person)
    capacities = capacities_of(person)
    assert [capacity.label for capacity in capacities[:2]] == [
        "陈敏 · 市政府办公室",
        "陈敏 · 市政府办公室 文秘科",
    ]
    assert capacities[2].label.endswith("（代 黎明）")
    assert capacities[1].roles == {"reviewer"}
    assert capacities[1].key == f"p{late.pk}"


@pytest.mark.parametrize("several", [1, 3])
def test_capacities_cost_two_queries(django_assert_num_queries, several):
    person = make_staff()
    for _ in range(several):
        appoint(person, make_position("drafter"))
        stand_in(make_holder("leader"), person)
    with django_assert_num_queries(2):
        assert len([capacity.label for capacity in capacities_of(person)]) == 2 * several


def test_citizens_and_closed_accounts_have_no_capacity(django_assert_num_queries):
    holder, stranger = make_holder("drafter"), make_citizen()
    holder.is_active = False
    with django_assert_num_queries(0):
        assert capacities_of(holder) == capacities_of(stranger) == []


def test_the_system_and_strangers_are_capacities_too():
    assert SYSTEM.is_system
    assert SYSTEM.persons == frozenset()
    assert citizen(None).label == "群众"
    person = make_citizen("唐丽")
    assert citizen(person).persons == {person.pk}
    assert (citizen(person).label, citizen(person).unit_id) == ("唐丽", None)


def test_an_administrator_has_no_other_role():
    capacity = capacities_of(make_holder(administrator="audit"))[0]
    assert capacity.administrator == "audit"
    assert capacity.roles == frozenset()


def test_holders_are_the_appointed_then_their_deputies():
    unit = make_unit()
    clerk, deputy = make_holder("letter_clerk", "drafter", unit=unit), make_staff()
    make_holder("letter_clerk")  # elsewhere
    make_holder("reviewer", unit=unit)
    locked = make_holder("letter_clerk", unit=unit)
    type(locked).objects.filter(pk=locked.pk).update(is_active=False)
    stand_in(clerk, deputy, kinds=["letters.letter"])
    position = clerk.appointments.get().position_id
    expected = [Holder(clerk.pk, position), Holder(deputy.pk, position, clerk.pk)]
    assert holders_of(unit.pk, "letter_clerk") == expected
    assert holders_of(unit.pk, "letter_clerk", kind="letters.letter") == expected
    assert holders_of(unit.pk, "letter_clerk", kind="documents.outgoing") == expected[:1]
    assert holders_of(unit.pk, "head") == []


def test_yesterdays_holders_are_known_by_asking_for_yesterday():
    unit, person = make_unit(), make_staff()
    today = timezone.localdate()
    appoint(person, make_position("drafter", unit=unit), from_date=today)
    assert holders_of(unit.pk, "drafter")
    assert holders_of(unit.pk, "drafter", timezone.now() - timedelta(days=1)) == []


@pytest.mark.parametrize("units", [1, 3])
def test_holders_of_many_units_cost_two_queries(django_assert_num_queries, units):
    pairs = [(make_holder("drafter").appointments.get().position.unit_id, "drafter") for _ in range(units)]
    with django_assert_num_queries(2):
        found = holders_of_many([*pairs, (0, "head")])
    assert [len(found[pair]) for pair in pairs] == [1] * units
    assert found[0, "head"] == []
    with django_assert_num_queries(0):
        assert holders_of_many([]) == {}


def test_colleagues_are_listed_in_one_query(django_assert_num_queries):
    unit = make_unit()
    for _ in range(3):
        make_holder("drafter", unit=unit)
    with django_assert_num_queries(1):
        assert len([f"{held.person} {held.position}" for held in appointed_in([unit.pk])]) == 3


def test_a_supervisor_sees_explicit_subtrees_only(django_assert_num_queries):
    city = make_unit("玉林市")
    county = make_unit("北流市", parent=city)
    town = make_unit("北流镇", parent=county)
    other = make_unit("容县", parent=city)
    supervisor = make_holder("supervisor", unit=city)
    (capacity,) = capacities_of(supervisor)
    assert supervised_unit_ids(capacity) == set()
    add_supervision(capacity.position, unit=county)
    with django_assert_num_queries(1):
        assert supervised_unit_ids(capacity) == {county.pk, town.pk}
    add_supervision(capacity.position, unit=city)
    assert supervised_unit_ids(capacity) == {city.pk, county.pk, town.pk, other.pk}
    assert supervised_unit_ids(capacities_of(make_holder("head"))[0]) is None
    assert supervised_unit_ids(None) is None
