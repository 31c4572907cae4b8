"""Forgetting: contacts as soon as they have served, reminders when nobody needs them any more.

A notice is a reminder, not a record; what happened stands in the case's events. So deliveries go
after half a year. The notice itself, without deliveries and contact, stays longer: its key is
what keeps the same thing from being told twice.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from .enums import Channel, DeliveryState
from .models import Notice, NoticeDelivery
from .queries import POP_UP_HOURS

CONTACT_DAYS = 30  # after the last try; long enough to answer “I got no message”
DELIVERY_DAYS = 180
NOTICE_DAYS = 730
BATCH = 2000

_WAITING = Q(state=DeliveryState.WAITING)


def drop_stale_pop_ups(*, now: datetime | None = None) -> int:
    """Drop desktop pop-ups that no window came to show in time. Returns how many."""
    limit = (now or timezone.now()) - timedelta(hours=POP_UP_HOURS)
    stale = NoticeDelivery.objects.filter(_WAITING, channel=Channel.DESKTOP, created_at__lte=limit)
    locked = stale.order_by("id").select_for_update(skip_locked=True).values("id")
    return NoticeDelivery.objects.filter(pk__in=locked).update(
        state=DeliveryState.DROPPED, last_error="超过弹窗时间"
    )


def erase_contacts(*, now: datetime | None = None) -> int:
    """Erase sealed contacts of notices that are settled; destroys keys made for them alone.

    Returns how many notices lost their contact.
    """
    limit = (now or timezone.now()) - timedelta(days=CONTACT_DAYS)
    settled = Notice.objects.filter(
        ~Exists(NoticeDelivery.objects.filter(_WAITING, notice=OuterRef("pk"))),
        Q(expanded_at__isnull=False) | Q(withdrawn_at__isnull=False),
        sealed_contact__isnull=False,
        created_at__lte=limit,
    )
    erased = 0
    for notice in settled.select_related("data_key").order_by("id").iterator(chunk_size=500):
        with transaction.atomic():
            if notice.owns_key:
                notice.data_key.destroy()
            Notice.objects.filter(pk=notice.pk).update(sealed_contact=None)
        erased += 1
    return erased


def delete_old_deliveries(*, now: datetime | None = None) -> int:
    """Delete deliveries older than half a year, except unread inbox entries and waiting ones."""
    limit = (now or timezone.now()) - timedelta(days=DELIVERY_DAYS)
    unread = Q(channel=Channel.INBOX, read_at__isnull=True)
    return _delete(NoticeDelivery.objects.filter(~_WAITING & ~unread, created_at__lte=limit))


def delete_old_notices(*, now: datetime | None = None) -> int:
    """Delete notices older than two years that have no delivery left."""
    limit = (now or timezone.now()) - timedelta(days=NOTICE_DAYS)
    empty = ~Exists(NoticeDelivery.objects.filter(notice=OuterRef("pk")))
    return _delete(Notice.objects.filter(empty, created_at__lte=limit))


def _delete(rows: QuerySet) -> int:
    """Delete in short transactions, so that nobody waits for the cleaning."""
    model, total = rows.model, 0
    while ids := list(rows.order_by("id").values_list("id", flat=True)[:BATCH]):
        model.objects.filter(pk__in=ids).delete()
        total += len(ids)
    return total
