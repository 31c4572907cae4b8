"""Two at once, each on a connection of its own: one wins, the other is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone

from tests.accounts.factories import make_staff
from yulin_gov.organization.actions import appoint, end_appointment, settle_ended_appointments
from yulin_gov.organization.models import Appointment
from yulin_gov.organization.signals import appointment_ended
from yulin_gov.refused import Refused

from .factories import make_position, make_unit

pytestmark = pytest.mark.usefixtures("committed_db")


def at_once(*verbs):
    """Every verb's result or refusal, all started at the same moment."""
    barrier = Barrier(len(verbs))

    def run(verb):
        try:
            barrier.wait(10)
            return verb()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


def test_one_person_never_becomes_two_administrators_at_once():
    person, unit = make_staff(), make_unit()
    positions = [make_position(unit=unit, administrator=kind) for kind in ("system", "security", "audit")]
    results = at_once(*[lambda position=position: appoint(person, position) for position in positions])
    refusals = [str(result) for result in results if isinstance(result, Refused)]
    assert len(refusals) == 2
    assert all("管理员不能由同一人同时担任" in sentence or "刷新" in sentence for sentence in refusals)
    assert Appointment.objects.filter(person=person).count() == 1


def test_an_appointment_ends_once_by_hand_and_once_by_time():
    appointment = appoint(make_staff(), make_position("drafter"))
    heard = []

    def listen(sender, appointment, **kwargs):
        heard.append(appointment)

    appointment_ended.connect(listen)
    try:
        results = at_once(*[lambda: end_appointment(Appointment.objects.get(pk=appointment.pk))] * 3)
    finally:
        appointment_ended.disconnect(listen)
    assert len(heard) == 1
    assert sum(isinstance(result, Refused) for result in results) == 2
    today = timezone.localdate()
    for _ in range(4):
        past = {"from_date": today - timedelta(days=3), "to_date": today - timedelta(days=1)}
        appoint(make_staff(), make_position("drafter"), **past)
    assert sum(at_once(settle_ended_appointments, settle_ended_appointments)) == 4
    assert settle_ended_appointments() == 0
