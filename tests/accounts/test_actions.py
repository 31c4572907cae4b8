import pytest

from yulin_gov.accounts.actions import (
    change_contact,
    change_password,
    lock_user,
    reset_password,
    unlock_user,
)
from yulin_gov.accounts.models import AuditEvent
from yulin_gov.refused import Refused

from .factories import PASSWORD, make_staff

pytestmark = pytest.mark.django_db


def verbs():
    events = AuditEvent.objects.filter(verb__startswith="accounts.").order_by("id")
    return list(events.values_list("verb", flat=True))


@pytest.mark.parametrize("weak", ["short", "1234567890123", "password123456", "liangmin2026"])
def test_a_weak_password_is_refused(weak):
    user = make_staff(username="liangmin")
    with pytest.raises(Refused) as refusal:
        change_password(user, old=PASSWORD, new=weak, by=user)
    assert refusal.value.field == "new"
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_old_password_must_be_right_and_the_new_one_new():
    user = make_staff()
    for old, new, field in (("wrong", "Quiet-Bamboo-7", "old"), (PASSWORD, PASSWORD, "new")):
        with pytest.raises(Refused) as refusal:
            change_password(user, old=old, new=new, by=user)
        assert refusal.value.field == field


def test_a_reset_password_is_temporary_and_recorded_without_being_written():
    admin, user = make_staff(), make_staff()
    password = reset_password(user, by=admin)
    user.refresh_from_db()
    assert user.check_password(password)
    assert user.must_change_password
    event = AuditEvent.objects.get(verb="accounts.password_reset")
    assert event.actor == admin
    assert password not in str(event.data) + event.subject


def test_locking_once_is_enough_and_never_oneself():
    admin, user = make_staff(), make_staff()
    lock_user(user, by=admin, reason="离职")
    with pytest.raises(Refused, match="已经停用"):
        lock_user(user, by=admin)
    with pytest.raises(Refused, match="自己"):
        lock_user(admin, by=admin)
    unlock_user(user, by=admin)
    user.refresh_from_db()
    assert user.is_active
    assert verbs() == ["accounts.locked", "accounts.unlocked"]


def test_contact_changes_keep_the_index():
    user = make_staff()
    change_contact(user, phone="138 0000 1234", by=user)
    user.refresh_from_db()
    assert (user.phone, bool(user.phone_index)) == ("13800001234", True)
    change_contact(user, phone="", by=user)
    user.refresh_from_db()
    assert (user.phone, user.phone_index) == ("", "")
