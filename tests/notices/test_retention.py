from datetime import timedelta

import pytest
from django.utils import timezone

from tests.notices.factories import draft, make_user, noon
from yulin_gov.notices import retention
from yulin_gov.notices.actions import post_notice, post_notices
from yulin_gov.notices.beat import SCHEDULE
from yulin_gov.notices.delivery import expand_notices, send_next
from yulin_gov.notices.models import Notice, NoticeDelivery
from yulin_gov.notices.tasks import deliver_notices, forget_old_notices
from yulin_gov.privacy.models import DataKey

pytestmark = pytest.mark.django_db


def in_days(days):
    return timezone.now() + timedelta(days=days)


def test_what_was_read_or_settled_goes_after_half_a_year_and_unread_stays():
    user = make_user(phone="13800001234")
    post_notices(
        [draft("read", user_id=user.pk, channels=("inbox", "desktop", "sms")), draft(user_id=user.pk)]
    )
    expand_notices()
    NoticeDelivery.objects.filter(channel="inbox", notice__idempotency_key="read").update(read_at=in_days(1))
    NoticeDelivery.objects.filter(channel="desktop").update(state="dropped")
    assert retention.delete_old_deliveries(now=in_days(179)) == 0
    assert retention.delete_old_deliveries(now=in_days(181)) == 3
    left = NoticeDelivery.objects.values_list("notice__idempotency_key", "channel", "state")
    assert ("read", "sms", "waiting") in left
    assert len(left) == 2


def test_a_notice_without_deliveries_still_keeps_its_key_for_two_years():
    user = make_user()
    post_notice(draft("k", user_id=user.pk, channels=("inbox",)))
    expand_notices()
    NoticeDelivery.objects.update(read_at=timezone.now())
    retention.delete_old_deliveries(now=in_days(200))
    retention.delete_old_notices(now=in_days(200))
    post_notice(draft("k", user_id=user.pk, channels=("inbox",)))
    expand_notices()
    assert not NoticeDelivery.objects.exists()
    assert retention.delete_old_notices(now=in_days(731)) == 1


def test_contacts_are_erased_when_they_have_served(gateway):
    shared = DataKey.objects.create()
    post_notices([draft("own", phone="13800001234"), draft("shared", phone="13900005678", data_key=shared)])
    post_notice(draft("waiting", phone="13700001111"))
    Notice.objects.filter(idempotency_key="waiting").update(expand_at=in_days(60))
    expand_notices()
    send_next(now=noon())
    send_next(now=noon())
    assert retention.erase_contacts(now=in_days(29)) == 0
    assert retention.erase_contacts(now=in_days(31)) == 2
    own, kept = Notice.objects.get(idempotency_key="own"), Notice.objects.get(idempotency_key="shared")
    assert (own.sealed_contact, kept.sealed_contact) == (None, None)
    assert own.data_key.is_destroyed
    shared.refresh_from_db()
    assert not shared.is_destroyed  # it belongs to the letter, not to the notice
    assert Notice.objects.get(idempotency_key="waiting").sealed_contact


def test_pop_ups_nobody_came_to_see_are_dropped():
    post_notice(draft(user_id=make_user().pk))
    expand_notices()
    assert retention.drop_stale_pop_ups() == 0
    assert retention.drop_stale_pop_ups(now=timezone.now() + timedelta(hours=13)) == 1


def test_deleting_goes_in_short_batches(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    user = make_user()
    post_notices([draft(user_id=user.pk, channels=("inbox",)) for _ in range(5)])
    expand_notices()
    NoticeDelivery.objects.update(read_at=timezone.now())
    assert retention.delete_old_deliveries(now=in_days(200)) == 5


def test_the_nightly_task_runs_and_the_schedule_names_real_tasks():
    forget_old_notices()
    assert {entry["task"] for entry in SCHEDULE.values()} == {deliver_notices.name, forget_old_notices.name}
