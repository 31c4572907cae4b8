from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.accounts.factories import make_citizen, make_staff
from yulin_gov.accounts.models import AuditEvent
from yulin_gov.organization.actions import (
    add_supervision,
    appoint,
    change_position,
    delegate,
    end_appointment,
    revoke_delegation,
    settle_ended_appointments,
)
from yulin_gov.organization.capacity import capacities_of
from yulin_gov.organization.models import Appointment, Delegation, Position
from yulin_gov.organization.signals import appointment_ended
from yulin_gov.refused import Refused

from .factories import make_position, make_unit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def ended():
    """Appointments whose end was announced."""
    heard = []

    def listen(sender, appointment, **kwargs):
        heard.append(appointment)

    appointment_ended.connect(listen)
    yield heard
    appointment_ended.disconnect(listen)


def today():
    return timezone.localdate()


@pytest.mark.parametrize(
    ("first", "second"), [("system", "security"), ("security", "audit"), ("audit", "system")]
)
def test_the_three_administrators_exclude_each_other(first, second):
    person, unit = make_staff(), make_unit()
    appoint(person, make_position(unit=unit, administrator=first))
    other = make_position(unit=unit, administrator=second)
    with pytest.raises(Refused, match="不能由同一人同时担任"):
        appoint(person, other)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.bulk_create([Appointment(person=person, position=other, administrator="")])


def test_one_administrator_may_follow_another_and_hold_the_same_kind_twice():
    person = make_staff()
    first = appoint(person, make_position(administrator="system"), from_date=today() - 9 * DAY)
    appoint(person, make_position(administrator="system"), from_date=today() - 8 * DAY, to_date=today() - DAY)
    end_appointment(first, on=today() - DAY)
    appoint(person, make_position(administrator="audit"))


def test_a_position_cannot_become_an_administrators_behind_the_constraint():
    person, position = make_staff(), make_position("drafter")
    appoint(person, make_position(administrator="audit"))
    appoint(person, position)
    with pytest.raises(Refused, match="不能由同一人同时担任"):
        change_position(position, roles=[], administrator="security")
    with pytest.raises(IntegrityError), transaction.atomic():
        Position.objects.filter(pk=position.pk).update(roles=[], administrator="security")


def test_nobody_holds_one_position_twice_at_a_time():
    person, position = make_staff(), make_position("drafter")
    appoint(person, position)
    with pytest.raises(Refused, match="重叠"):
        appoint(person, position, from_date=today() + DAY)


def test_citizens_hold_no_office():
    with pytest.raises(Refused, match="群众账号"):
        appoint(make_citizen(), make_position("drafter"))


def test_ending_an_appointment_takes_effect_at_once(ended):
    person, position = make_staff(), make_position("drafter")
    appointment = appoint(person, position, from_date=today() - DAY)
    end_appointment(appointment, reason="调动")
    assert ended == [appointment]
    assert capacities_of(person) == []
    person.refresh_from_db()
    assert person.left_at
    with pytest.raises(Refused, match="已经结束"):
        end_appointment(appointment)


def test_whoever_still_holds_something_has_not_left(ended):
    person = make_staff()
    appointment = appoint(person, make_position("drafter"))
    appoint(person, make_position("reviewer"))
    end_appointment(appointment)
    person.refresh_from_db()
    assert person.left_at is None


def test_coming_back_is_no_longer_having_left():
    person = make_staff()
    end_appointment(appoint(person, make_position("drafter")))
    appoint(person, make_position("reviewer"))
    person.refresh_from_db()
    assert person.left_at is None


def test_an_end_planned_ahead_waits_for_its_day(ended):
    person, position = make_staff(), make_position("drafter")
    appointment = appoint(person, position, from_date=today() - 5 * DAY)
    end_appointment(appointment, on=today() + 3 * DAY)
    assert ended == []
    assert len(capacities_of(person)) == 1
    assert settle_ended_appointments() == 0
    Appointment.objects.filter(pk=appointment.pk).update(to_date=today() - DAY)
    assert capacities_of(person) == []
    assert settle_ended_appointments() == 1
    assert settle_ended_appointments() == 0
    assert ended == [appointment]


def test_an_appointment_does_not_end_before_it_began():
    appointment = appoint(make_staff(), make_position("drafter"))
    with pytest.raises(Refused) as refusal:
        end_appointment(appointment, on=today() - DAY)
    assert refusal.value.field == "to_date"


@pytest.fixture
def pair():
    """甲 holds a position that 乙 may act in."""
    principal, deputy, position = make_staff("甲"), make_staff("乙"), make_position("drafter")
    appoint(principal, position, from_date=today() - 9 * DAY)
    return principal, deputy, position


def until(days=3):
    return timezone.now() + days * DAY


def test_a_deputy_acts_for_the_principal_within_the_scope(pair):
    principal, deputy, position = pair
    delegation = delegate(
        position, principal=principal, deputy=deputy, to_at=until(), kinds=["letters.letter"], by=principal
    )
    (capacity,) = capacities_of(deputy)
    assert capacity.label == f"乙 · {position.unit.name}（代 甲）"
    assert capacity.key == f"d{delegation.pk}"
    assert capacity.persons == {principal.pk, deputy.pk}
    assert capacity.covers("letters.letter")
    assert not capacity.covers("documents.outgoing")


def test_delegations_end_by_time_and_by_revocation(pair):
    principal, deputy, position = pair
    delegation = delegate(position, principal=principal, deputy=deputy, to_at=until())
    assert capacities_of(deputy, until(2))
    assert capacities_of(deputy, until(4)) == []
    revoke_delegation(delegation)
    assert capacities_of(deputy) == []
    with pytest.raises(Refused, match="已经结束"):
        revoke_delegation(delegation)


def test_delegations_do_not_chain(pair):
    principal, deputy, position = pair
    delegate(position, principal=principal, deputy=deputy, to_at=until())
    third = make_staff("丙")
    with pytest.raises(Refused, match="不能转托"):
        delegate(position, principal=deputy, deputy=third, to_at=until())
    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation.objects.create(position=position, principal=deputy, deputy=third, to_at=until())


def test_a_delegation_falls_with_the_appointment_it_stands_on(pair):
    principal, deputy, position = pair
    delegate(position, principal=principal, deputy=deputy, to_at=until())
    end_appointment(principal.appointments.get(), on=today() - DAY)
    assert capacities_of(deputy) == []
    appoint(principal, position)
    assert capacities_of(deputy) == []  # a new appointment does not revive it


def test_an_administrators_position_is_never_delegated():
    principal, position = make_staff(), make_position(administrator="audit")
    appoint(principal, position)
    with pytest.raises(Refused, match="管理员职位"):
        delegate(position, principal=principal, deputy=make_staff(), to_at=until())
    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation.objects.create(position=position, principal=principal, deputy=make_staff(), to_at=until())


def test_a_senseless_delegation_is_refused(pair):
    principal, deputy, position = pair
    cases = [
        ({"deputy": principal}, "本人"),
        ({"deputy": make_citizen()}, "工作人员"),
        ({"to_at": timezone.now() - DAY}, "晚于现在"),
        ({"from_at": until(5)}, "晚于开始"),
        ({"principal": make_staff()}, "在任者"),
        ({"reason": "长" * 201}, "代理原因"),
    ]
    for facts, sentence in cases:
        given = {"principal": principal, "deputy": deputy, "to_at": until(), **facts}
        with pytest.raises(Refused, match=sentence):
            delegate(position, **given)
    delegate(position, principal=principal, deputy=deputy, to_at=until())
    with pytest.raises(Refused, match="已经代理"):
        delegate(position, principal=principal, deputy=deputy, to_at=until(9), from_at=until(1))


def test_only_a_supervisors_position_supervises():
    with pytest.raises(Refused, match="监察员"):
        add_supervision(make_position("drafter"), unit=make_unit())


def test_every_change_of_rights_is_audited(pair):
    principal, deputy, position = pair
    delegation = delegate(position, principal=principal, deputy=deputy, to_at=until(), by=principal)
    revoke_delegation(delegation, by=principal)
    end_appointment(principal.appointments.get(), by=deputy)
    events = AuditEvent.objects.filter(verb__startswith="organization.").order_by("id")
    assert [event.verb.removeprefix("organization.") for event in events] == [
        "appointed",
        "delegated",
        "delegation_revoked",
        "appointment_ended",
    ]
    assert events.last().actor == deputy
