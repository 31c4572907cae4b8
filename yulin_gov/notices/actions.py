"""Posting notices, taking them back, and reading them."""

import json
from collections.abc import Iterable

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from yulin_gov.privacy.models import DataKey, seal_text
from yulin_gov.refused import Refused

from .drafts import BODY_LENGTH, TITLE_LENGTH, NoticeDraft
from .enums import DeliveryState
from .models import Notice, NoticeDelivery
from .queries import inbox_of, waiting_on_desktop
from .quiet import loud_at
from .wake import wake_on_commit

__all__ = [
    "NoticeDraft",
    "mark_all_read",
    "mark_read",
    "post_notice",
    "post_notices",
    "retry_delivery",
    "take_desktop_notices",
    "withdraw_notices",
]

DESKTOP_AT_ONCE = 5  # more pop-ups than this at one time help nobody


def post_notice(draft: NoticeDraft) -> None:
    """Post one notice; see `post_notices`."""
    post_notices([draft])


def post_notices(drafts: Iterable[NoticeDraft]) -> None:
    """Write any number of notices into the outbox, in the caller's transaction.

    One INSERT, and one more where contacts are given without a data key. A draft whose key was
    posted before is passed over. Side effects: after the commit Celery is woken to deliver them;
    where that fails, beat delivers them within seconds. Rolled back, nothing happened.
    """
    drafts = list(drafts)
    if not drafts:
        return
    with transaction.atomic(savepoint=False):
        keys = _keys_of_their_own(drafts)
        rows = [_row(draft, keys.get(index)) for index, draft in enumerate(drafts)]
        Notice.objects.bulk_create(rows, ignore_conflicts=True)
        wake_on_commit()


def withdraw_notices(subject_key: str) -> int:
    """Stop everything not yet delivered about a subject, e.g. “case:12” when the case is closed.

    What already stands in an inbox stays, and what is posted afterwards is delivered: call this
    before posting that the case is closed. Returns how many deliveries were dropped.
    """
    if not subject_key:
        raise ValueError("Withdrawing needs a subject.")
    unexpanded = Notice.objects.filter(
        subject_key=subject_key, expanded_at__isnull=True, withdrawn_at__isnull=True
    )
    with transaction.atomic(savepoint=False):
        # Waits for an expansion under way; the next statement then sees the rows it made.
        unexpanded.update(withdrawn_at=timezone.now())
        waiting = NoticeDelivery.objects.filter(notice__subject_key=subject_key, state=DeliveryState.WAITING)
        return _drop(waiting, "事项已办结，提醒已撤回")


def mark_read(user, delivery_id: int) -> bool:
    """Mark one entry of the user's inbox as read; false where it was, or is not theirs.

    Side effect: its desktop pop-up, if still waiting, is dropped.
    """
    now = timezone.now()
    with transaction.atomic(savepoint=False):
        if not inbox_of(user).filter(pk=delivery_id, read_at__isnull=True).update(read_at=now):
            return False
        same_notice = Notice.objects.filter(deliveries__pk=delivery_id)
        _drop(waiting_on_desktop(user).filter(notice__in=same_notice), "已在站内阅读")
    return True


def mark_all_read(user, *, up_to: int | None = None) -> int:
    """Mark the user's inbox as read, up to the entry `up_to` that they have seen on the page.

    Returns how many entries it changed. Side effect: waiting desktop pop-ups are dropped.
    """
    unread = inbox_of(user).filter(read_at__isnull=True)
    pop_ups = waiting_on_desktop(user)
    if up_to is not None:
        unread = unread.filter(pk__lte=up_to)
        pop_ups = pop_ups.filter(notice__in=unread.values("notice"))
    with transaction.atomic(savepoint=False):
        _drop(pop_ups, "已在站内阅读")  # first: the condition asks for what is still unread
        return unread.update(read_at=timezone.now())


def retry_delivery(delivery: NoticeDelivery) -> None:
    """Send an SMS or e-mail that failed for good once more, with all its tries before it again.

    For the time after a gateway's long outage. Raises `Refused` for a delivery that did not fail.
    The message keeps its key: should the gateway have taken it after all, it is not sent twice.
    """
    failed = NoticeDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.FAILED)
    waiting = {"state": DeliveryState.WAITING, "attempts": 0, "last_error": ""}
    with transaction.atomic(savepoint=False):
        if not failed.update(**waiting, next_attempt_at=loud_at(timezone.now())):
            raise Refused("只有发送失败的提醒才能重新发送")
        wake_on_commit()


def take_desktop_notices(user) -> list[NoticeDelivery]:
    """The next few pop-ups of a user, oldest first, each given out once even to two windows.

    `entry` on each is the id of the same notice's entry in the user's inbox, or None.
    """
    now = timezone.now()
    entry = inbox_of(user).filter(notice=OuterRef("notice")).values("pk")[:1]
    waiting = waiting_on_desktop(user).select_related("notice").annotate(entry=Subquery(entry))
    waiting = waiting.order_by("id")[:DESKTOP_AT_ONCE]
    return [
        delivery
        for delivery in waiting
        if NoticeDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(
            state=DeliveryState.SENT, sent_at=now
        )
    ]


def _keys_of_their_own(drafts: list[NoticeDraft]) -> dict[int, DataKey]:
    alone = [index for index, draft in enumerate(drafts) if draft.has_contact and draft.data_key is None]
    if not alone:
        return {}
    return dict(zip(alone, DataKey.objects.bulk_create([DataKey() for _ in alone]), strict=True))


def _row(draft: NoticeDraft, own_key: DataKey | None) -> Notice:
    data_key = own_key or (draft.data_key if draft.has_contact else None)
    sealed = None
    if data_key and not data_key.is_destroyed:  # else the delivery is dropped, and says why
        contact = {"phone": draft.phone or "", "email": draft.email or ""}
        sealed = seal_text(json.dumps(contact), data_key)
    return Notice(
        idempotency_key=draft.key,
        unit_id=draft.unit_id,
        role=draft.role,
        case_kind=draft.case_kind,
        except_user_ids=list(draft.except_user_ids),
        user_id=draft.user_id,
        data_key=data_key,
        owns_key=own_key is not None,
        sealed_contact=sealed,
        kind=draft.kind,
        title=_cut(" ".join(draft.title.split()), TITLE_LENGTH),
        body=_cut(draft.body.strip(), BODY_LENGTH),
        url=draft.url,
        subject_key=draft.subject_key,
        urgent=draft.urgent,
        channels=draft.all_channels,
    )


def _cut(text: str, length: int) -> str:
    """Text that fits: telling somebody must never be what makes their matter fail."""
    text = text.replace("\0", "")
    return text if len(text) <= length else text[: length - 1] + "…"


def _drop(deliveries: QuerySet, reason: str) -> int:
    """Drop deliveries, locked in one order everywhere so that two such actions never deadlock."""
    locked = deliveries.order_by("id").select_for_update(of=("self",)).values("id")
    return NoticeDelivery.objects.filter(pk__in=locked).update(state=DeliveryState.DROPPED, last_error=reason)
