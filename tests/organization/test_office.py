"""Choosing a capacity, delegating, and the gate before the office."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from tests.accounts.factories import make_citizen, make_staff
from yulin_gov.organization.actions import appoint, delegate, end_appointment
from yulin_gov.organization.delegable import register_delegable_kind
from yulin_gov.organization.forms import DelegationForm
from yulin_gov.organization.middleware import CapacityMiddleware
from yulin_gov.organization.models import Delegation

from .factories import make_holder, make_position, make_unit

pytestmark = pytest.mark.django_db
CAPACITY, DELEGATIONS = "/office/capacity/", "/office/delegations/"


def through(request):
    return CapacityMiddleware(lambda seen: seen)(request)


def test_a_stranger_has_no_capacity_and_costs_nothing(django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user, request.session = AnonymousUser(), {}
    with django_assert_num_queries(0):
        seen = through(request)
        assert seen.capacity is None
        assert seen.capacities == []


def test_capacities_are_read_only_when_asked_for(django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user, request.session = make_holder("drafter"), {}
    request.COOKIES["sessionid"] = "x"
    with django_assert_num_queries(0):
        seen = through(request)
    with django_assert_num_queries(2):
        assert seen.capacity == seen.capacities[0]
        assert seen.capacity.roles == {"drafter"}


def test_strangers_are_asked_to_sign_in(client):
    assert client.get(DELEGATIONS)["Location"] == "/accounts/sign-in/?next=%2Foffice%2Fdelegations%2F"
    assert client.get(DELEGATIONS, headers={"Accept": "application/json"}).status_code == 401
    part = client.get(
        DELEGATIONS, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/office/"}
    )
    assert part["HX-Redirect"] == "/accounts/sign-in/?next=%2Foffice%2F"


@pytest.mark.parametrize(("make", "sentence"), [(make_citizen, "群众账号"), (make_staff, "没有任职")])
def test_whoever_holds_nothing_is_told_so(client, make, sentence):
    client.force_login(make())
    page = client.get(DELEGATIONS)
    assert page.status_code == 403
    assert sentence in page.content.decode()


def test_losing_office_closes_the_door_at_once(client):
    person = make_holder("drafter")
    client.force_login(person)
    assert client.get(CAPACITY).status_code == 200
    end_appointment(person.appointments.get())
    assert client.get(CAPACITY).status_code == 403


@pytest.fixture
def several(client):
    """陈敏 holds two positions; the client is signed in as her."""
    person = make_staff("陈敏")
    positions = [
        make_position(role, unit=make_unit(name)) for role, name in (("drafter", "甲局"), ("head", "乙局"))
    ]
    for position in positions:
        appoint(person, position)
    client.force_login(person)
    return positions


def test_the_choice_holds_for_the_session_and_can_be_lost(client, several):
    first, second = several
    answer = client.post(CAPACITY, {"capacity": f"p{second.pk}", "next": DELEGATIONS})
    assert answer["Location"] == DELEGATIONS
    assert client.get(CAPACITY).wsgi_request.capacity.position == second
    end_appointment(second.appointments.get())
    assert client.get(CAPACITY).wsgi_request.capacity.position == first


@pytest.mark.parametrize("key", ["p0", "d1", "", "x\x00", "system"])
def test_a_capacity_one_does_not_have_is_refused_with_a_sentence(client, several, key):
    page = client.post(CAPACITY, {"capacity": key, "next": "https://evil.example/"}, follow=True)
    assert page.redirect_chain == [(CAPACITY, 302)]
    assert "没有这个身份" in page.content.decode()


def test_a_choice_never_leaves_this_site(client, several):
    answer = client.post(CAPACITY, {"capacity": f"p{several[0].pk}", "next": "https://evil.example/"})
    assert answer["Location"] == "/office/"


@pytest.fixture
def colleagues(client):
    unit = make_unit()
    person, colleague = make_holder("leader", unit=unit, full_name="黎明"), make_holder("drafter", unit=unit)
    client.force_login(person)
    return person, colleague


def days(first, last):
    today = timezone.localdate()
    return {
        "from_date": (today + timedelta(days=first)).isoformat(),
        "to_date": (today + timedelta(days=last)).isoformat(),
    }


def test_one_delegates_ones_own_position_for_whole_days(client, colleagues):
    person, colleague = colleagues
    position = person.appointments.get().position
    data = {"position": position.pk, "deputy": colleague.pk, **days(0, 2), "reason": "出差"}
    assert client.post(DELEGATIONS, data).status_code == 302
    delegation = Delegation.objects.get()
    end = timezone.localtime(delegation.to_at)
    assert (end.date(), end.hour) == (timezone.localdate() + timedelta(days=3), 0)
    page = client.get(DELEGATIONS).content.decode()
    assert "代理中" in page
    assert client.post(f"/office/delegations/{delegation.pk}/revoke/").status_code == 302
    assert "已撤回" in client.get(DELEGATIONS).content.decode()


def test_a_bad_delegation_says_what_is_wrong_beside_the_field(client, colleagues):
    person, colleague = colleagues
    stranger, position = make_holder("drafter"), person.appointments.get().position
    good = {"position": position.pk, "deputy": colleague.pk, **days(0, 2), "reason": ""}
    wrong = [
        ({"position": stranger.appointments.get().position_id}, "position"),
        ({"deputy": stranger.pk}, "deputy"),
        ({"deputy": person.pk}, "deputy"),
        ({"deputy": "x"}, "deputy"),
        (days(-1, 2), "from_date"),
        (days(2, 1), "to_date"),
        ({"to_date": "明天"}, "to_date"),
        ({"reason": "坏\x00"}, "reason"),
        ({"reason": "长" * 201}, "reason"),
    ]
    for data, field in wrong:
        assert list(DelegationForm({**good, **data}, principal=person).errors) == [field]
    page = client.post(DELEGATIONS, {**good, "to_date": "明天"})
    assert page.status_code == 200
    assert "to_date" in page.context["form"].errors
    assert not Delegation.objects.exists()


def test_a_delegation_can_be_limited_to_registered_kinds(client, colleagues):
    register_delegable_kind("letters.letter", "群众来信")
    person, colleague = colleagues
    data = {"position": person.appointments.get().position_id, "deputy": colleague.pk, **days(0, 1)}
    assert "kinds" in client.post(DELEGATIONS, {**data, "kinds": ["magic"]}).context["form"].errors
    client.post(DELEGATIONS, {**data, "kinds": ["letters.letter"]})
    assert Delegation.objects.get().scope_label == "群众来信"


def test_nobody_revokes_a_strangers_delegation(client, colleagues):
    principal = make_holder("head")
    position, until = principal.appointments.get().position, timezone.now() + timedelta(days=1)
    delegation = delegate(position, principal=principal, deputy=colleagues[0], to_at=until)
    assert client.post(f"/office/delegations/{delegation.pk}/revoke/").status_code == 404
    assert client.get(f"/office/delegations/{delegation.pk}/revoke/").status_code == 405


def test_the_page_costs_the_same_with_one_row_and_with_three(
    client, colleagues, django_assert_max_num_queries
):
    person, _ = colleagues
    position = person.appointments.get().position
    for _ in range(3):
        delegate(position, principal=person, deputy=make_staff(), to_at=timezone.now() + timedelta(days=1))
        with django_assert_max_num_queries(12):
            client.get(DELEGATIONS)
