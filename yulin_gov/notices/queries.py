"""Reading the inbox. Everything here starts from one user: nobody reads another's notices."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from .enums import Channel, DeliveryState
from .models import NoticeDelivery

COUNTED = 99  # the bell says “99+” beyond
POP_UP_HOURS = 12  # a pop-up of yesterday is no news; the inbox still has it


def inbox_of(user) -> QuerySet[NoticeDelivery]:
    """The entries of the user's inbox, newest first."""
    return NoticeDelivery.objects.filter(user_id=user.pk, channel=Channel.INBOX).order_by("-id")


def unread_inbox_of(user) -> QuerySet[NoticeDelivery]:
    """The entries of the user's inbox not read yet, newest first."""
    return inbox_of(user).filter(read_at__isnull=True)


def unread_count(user) -> int:
    """How many unread entries there are, counted to 100 at most. One query."""
    return unread_inbox_of(user)[: COUNTED + 1].count()


def unread_label(count: int) -> str:
    """What the bell says: empty, the number, or “99+”."""
    if count > COUNTED:
        return f"{COUNTED}+"
    return str(count) if count else ""


def waiting_on_desktop(user) -> QuerySet[NoticeDelivery]:
    """The user's pop-ups that no window has shown, from the last hours."""
    return NoticeDelivery.objects.filter(
        user_id=user.pk,
        channel=Channel.DESKTOP,
        state=DeliveryState.WAITING,
        created_at__gt=timezone.now() - timedelta(hours=POP_UP_HOURS),
    )
