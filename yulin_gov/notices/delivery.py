"""Delivering notices: first to whom, then one message after the other.

Every step is claimed and finished by statements of its own, so that a worker may die between any
two of them. Expanding is one transaction: it happens whole or not at all. Sending is claimed by
moving `next_attempt_at` on; a claim whose worker died comes due again, and the gateway's
idempotency key keeps the second try from becoming a second message.
"""

import json
import logging
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from yulin_gov.messaging.gateways import GatewayError, send_email, send_sms
from yulin_gov.organization.queries import Holder, holders_of_many
from yulin_gov.privacy.models import open_text

from .enums import INSIDE, OUTSIDE, Channel, DeliveryState
from .models import Notice, NoticeDelivery
from .quiet import is_quiet, loud_at

logger = logging.getLogger(__name__)

# How long after the nth try the next one is made. Longer than any gateway's time-out: it is also
# how long a claim is held against other workers.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
EXPAND_BATCH = 200
# A role that nobody holds may be filled next week; until then its notices wait.
VACANT_RETRY = timedelta(hours=1)
VACANT_LIMIT = timedelta(days=7)
SMS_LENGTH = 500
TROUBLES = 3  # failures in a row after which a gateway is taken to be away

# user id and the id of the one they act for; both None for a contact without an account
Person = tuple[int | None, int | None]


# -- to whom ------------------------------------------------------------------------------


def expand_notices(*, now: datetime | None = None) -> int:
    """Give the next batch of notices its deliveries: today's holders of the role, deputies too.

    Returns how many notices were claimed. An inbox delivery is thereby delivered. The number of
    statements does not depend on the number of notices.
    """
    now = now or timezone.now()
    with transaction.atomic():
        notices = list(
            Notice.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(expanded_at__isnull=True, withdrawn_at__isnull=True, expand_at__lte=now)
            .order_by("expand_at", "id")[:EXPAND_BATCH]
        )
        if not notices:
            return 0
        holders = _holders(notices)
        deliveries, expanded, vacant = [], [], []
        for notice in notices:
            people = _people(notice, holders)
            if people or now - notice.created_at > VACANT_LIMIT:
                expanded.append(notice.pk)
                deliveries += _deliveries(notice, people, now)
            else:
                vacant.append(notice.pk)
            if not people:
                logger.warning("Notice %s: nobody is %s in unit %s", notice.pk, notice.role, notice.unit_id)
        NoticeDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        Notice.objects.filter(pk__in=expanded).update(expanded_at=now)
        if vacant:
            Notice.objects.filter(pk__in=vacant).update(expand_at=now + VACANT_RETRY)
    return len(notices)


def _holders(notices: list[Notice]) -> dict[str, Mapping[tuple[int, str], list[Holder]]]:
    """For each kind of case, who holds which role; two queries for each kind there is."""
    pairs: dict[str, set[tuple[int, str]]] = {}
    for notice in notices:
        if notice.unit_id:
            pairs.setdefault(notice.case_kind, set()).add((notice.unit_id, notice.role))
    return {kind: holders_of_many(asked, kind=kind or None) for kind, asked in pairs.items()}


def _people(notice: Notice, holders: Mapping[str, Mapping]) -> list[Person]:
    """Who is told: each person once, in their own right if they have it."""
    if not notice.unit_id:
        return [(notice.user_id, None)]
    told: dict[int, int | None] = {}
    for holder in holders[notice.case_kind][notice.unit_id, notice.role]:
        if {holder.user_id, holder.acting_for_id}.intersection(notice.except_user_ids):
            continue
        in_own_right = told.get(holder.user_id, holder.acting_for_id) is None
        told[holder.user_id] = None if in_own_right else holder.acting_for_id
    return list(told.items())


def _deliveries(notice: Notice, people: list[Person], now: datetime) -> list[NoticeDelivery]:
    made = []
    for user_id, acting_for_id in people:
        for channel in notice.channels:
            if channel in INSIDE and user_id is None:
                continue
            in_inbox = channel == Channel.INBOX
            made.append(
                NoticeDelivery(
                    notice=notice,
                    user_id=user_id,
                    acting_for_id=acting_for_id,
                    channel=channel,
                    state=DeliveryState.SENT if in_inbox else DeliveryState.WAITING,
                    sent_at=now if in_inbox else None,
                    next_attempt_at=loud_at(now) if channel in OUTSIDE else now,
                )
            )
    return made


# -- one message after the other ----------------------------------------------------------


def send_next(*, now: datetime | None = None, channels: Iterable[str] = OUTSIDE) -> NoticeDelivery | None:
    """Claim the SMS or e-mail that is due longest and try to send it; None if nothing is due.

    Nothing is due in quiet hours. Returns the delivery as it stands afterwards. Must not be
    called inside a transaction: the claim has to be committed before the message leaves.
    """
    delivery = claim_next(now=now or timezone.now(), channels=channels)
    if delivery is None:
        return None
    try:
        _send(delivery, _address(delivery))
    except _NowhereToSend as reason:
        _finish(delivery, DeliveryState.DROPPED, error=str(reason))
    except GatewayError as error:
        _failed(delivery, error, now or timezone.now())
    except Exception as error:  # one broken row must not hold up the others
        logger.exception("Notice delivery %s could not be prepared", delivery.pk)
        _failed(delivery, GatewayError(type(error).__name__, retry=True), now or timezone.now())
    else:
        _finish(delivery, DeliveryState.SENT, sent_at=now or timezone.now())
    return delivery


def claim_next(*, now: datetime, channels: Iterable[str] = OUTSIDE) -> NoticeDelivery | None:
    """Claim one due delivery for this worker, until its next attempt would be due."""
    if is_quiet(now):
        return None
    with transaction.atomic(durable=True):
        delivery = (
            NoticeDelivery.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("notice__data_key")
            .filter(state=DeliveryState.WAITING, channel__in=channels, next_attempt_at__lte=now)
            .order_by("next_attempt_at", "id")
            .first()
        )
        if delivery is None:
            return None
        delivery.attempts += 1
        delivery.next_attempt_at = now + _pause_after(delivery.attempts)
        delivery.save(update_fields=["attempts", "next_attempt_at"])
    return delivery


def _pause_after(attempts: int) -> timedelta:
    return BACK_OFF[min(attempts, len(BACK_OFF)) - 1]


class _NowhereToSend(Exception):
    """The person has no address on this channel; the text says why."""


def _address(delivery: NoticeDelivery) -> str:
    """Where the message goes: the contact given with the notice, else the user's own."""
    notice, user = delivery.notice, delivery.user
    field = "phone" if delivery.channel == Channel.SMS else "email"
    if notice.data_key is not None:
        if notice.sealed_contact is None or notice.data_key.is_destroyed:
            raise _NowhereToSend("联系方式已清除")
        contact = json.loads(open_text(notice.sealed_contact, notice.data_key))
        if contact[field]:
            return contact[field]
    if user is None:
        raise _NowhereToSend("未留联系方式")
    if not user.is_active:
        raise _NowhereToSend("收件人已停用")
    if not getattr(user, field):
        raise _NowhereToSend("收件人未登记联系方式")
    return getattr(user, field)


def _send(delivery: NoticeDelivery, address: str) -> None:
    notice, government = delivery.notice, settings.CITY["government"]
    key = f"{notice.idempotency_key}|{delivery.user_id or ''}|{delivery.channel}"
    if delivery.channel == Channel.SMS:
        text = "：".join(filter(None, [notice.title, notice.body]))
        send_sms(address, f"【{government}】{text}"[:SMS_LENGTH], key=key)
        return
    link = f"查看详情：{settings.SITE_URL.rstrip('/')}{notice.url}" if notice.url else ""
    parts = [notice.body or notice.title, link, f"{government}\n（系统邮件，请勿直接回复）"]
    send_email(address, notice.title, "\n\n".join(filter(None, parts)), key=key)


def _failed(delivery: NoticeDelivery, error: GatewayError, now: datetime) -> None:
    if error.retry and delivery.attempts <= len(BACK_OFF):
        again = loud_at(now + _pause_after(delivery.attempts))
        _finish(delivery, DeliveryState.WAITING, error=str(error), next_attempt_at=again)
        return
    logger.error("Notice delivery %s failed for good: %s", delivery.pk, error)
    _finish(delivery, DeliveryState.FAILED, error=str(error))


def _finish(delivery: NoticeDelivery, state: str, *, error: str = "", **changes) -> None:
    """Write down how the try ended, unless somebody else has claimed or ended it since."""
    mine = NoticeDelivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)
    if state != DeliveryState.SENT:  # what was sent was sent, even if withdrawn meanwhile
        mine = mine.filter(state=DeliveryState.WAITING)
    values = {"state": state, "last_error": error[:200], **changes}
    mine.update(**values)
    for name, value in values.items():
        setattr(delivery, name, value)


# -- a whole run --------------------------------------------------------------------------


def deliver(*, until: float, now: datetime | None = None) -> bool:
    """Deliver what is due, one after the other; False if `until` (monotonic seconds) came first.

    A gateway that fails several times in a row is left alone for the rest of the run: the others
    need not wait for its time-outs.
    """
    while expand_notices(now=now):
        if time.monotonic() > until:
            return False
    troubles = dict.fromkeys(OUTSIDE, 0)
    while channels := [channel for channel in OUTSIDE if troubles[channel] < TROUBLES]:
        if time.monotonic() > until:
            return False
        delivery = send_next(now=now, channels=channels)
        if delivery is None:
            return True
        failed = delivery.state == DeliveryState.WAITING
        troubles[delivery.channel] = troubles[delivery.channel] + 1 if failed else 0
    return True
