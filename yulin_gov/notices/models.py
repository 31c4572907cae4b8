"""The outbox. A `Notice` says what to tell whom; a `NoticeDelivery` is one telling of one person."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .enums import OUTSIDE, Channel, DeliveryState

_TO_ROLE = Q(unit__isnull=False, user__isnull=True, data_key__isnull=True) & ~Q(role="")
_TO_USER = Q(unit__isnull=True, role="", user__isnull=False)
_TO_CONTACT = Q(unit__isnull=True, role="", data_key__isnull=False)


class Notice(models.Model):
    """Something to tell, written in the transaction of what it tells of (see `actions.post_notices`).

    Addressed to a unit and role, to a user, or to a citizen's contact; the persons behind a unit
    and role are looked up when it is delivered, because people change places.
    """

    idempotency_key = models.CharField("幂等键", max_length=200, unique=True)
    unit = models.ForeignKey(
        "organization.Unit", verbose_name="单位", null=True, on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField("角色", max_length=40, blank=True, default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="用户", null=True, on_delete=models.CASCADE, related_name="+"
    )
    # Narrow the role's holders: to deputies for this kind of case, and to others than these people.
    case_kind = models.CharField("办件类别", max_length=60, blank=True, default="")
    except_user_ids = ArrayField(models.BigIntegerField(), verbose_name="回避人员", blank=True, default=list)
    # The contact lives as long as its key: whoever destroys the key erases the contact here too.
    data_key = models.ForeignKey(
        "privacy.DataKey", verbose_name="数据密钥", null=True, on_delete=models.PROTECT, related_name="+"
    )
    owns_key = models.BooleanField("密钥专用于本提醒", default=False)
    sealed_contact = models.BinaryField("联系方式（加密）", null=True)
    kind = models.CharField("类型", max_length=80)
    title = models.CharField("标题", max_length=200)
    body = models.TextField("内容", max_length=2000, blank=True, default="")
    url = models.CharField("链接", max_length=500, blank=True, default="")
    subject_key = models.CharField("事由", max_length=100, blank=True, default="")
    urgent = models.BooleanField("紧急", default=False)
    channels = ArrayField(models.CharField(max_length=10, choices=Channel.choices), verbose_name="渠道")
    created_at = models.DateTimeField("产生时间", db_default=Now())
    expand_at = models.DateTimeField("展开时间", db_default=Now())
    expanded_at = models.DateTimeField("已展开时间", null=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        constraints = [
            models.CheckConstraint(condition=_TO_ROLE | _TO_USER | _TO_CONTACT, name="notices_addressee"),
            models.CheckConstraint(
                condition=Q(sealed_contact__isnull=True) | Q(data_key__isnull=False),
                name="notices_contact_has_key",
            ),
            models.CheckConstraint(
                condition=Q(channels__contained_by=Channel.values) & ~Q(channels=[]),
                name="notices_channels_known",
            ),
            # A link leads into this site: a notice must never carry anybody elsewhere.
            models.CheckConstraint(
                condition=Q(url="") | (Q(url__startswith="/") & ~Q(url__regex=r"^/[/\\]")),
                name="notices_url_local",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expand_at"],
                name="notices_to_expand",
                condition=Q(expanded_at__isnull=True, withdrawn_at__isnull=True),
            ),
            models.Index(fields=["subject_key"], name="notices_subject", condition=~Q(subject_key="")),
            BrinIndex(fields=["created_at"], name="notices_created"),
        ]

    def __str__(self) -> str:
        return self.title


class NoticeDelivery(models.Model):
    """One notice on one channel to one person. An inbox row is the message itself.

    `attempts` counts the claims: whoever claims a row for sending raises it and moves
    `next_attempt_at` on, so that a worker that dies leaves a row that comes due again.
    """

    notice = models.ForeignKey(
        Notice, verbose_name="提醒", on_delete=models.CASCADE, related_name="deliveries"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="收件人", null=True, on_delete=models.CASCADE, related_name="+"
    )
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="代", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    state = models.CharField(
        "状态", max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    created_at = models.DateTimeField("产生时间", db_default=Now())
    next_attempt_at = models.DateTimeField("下次尝试时间", db_default=Now())
    sent_at = models.DateTimeField("送达时间", null=True)
    read_at = models.DateTimeField("阅读时间", null=True)
    last_error = models.CharField("最近错误", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "提醒送达"
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "user", "channel"], name="notices_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values, state__in=DeliveryState.values),
                name="notices_delivery_known",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(channel__in=OUTSIDE), name="notices_inside_has_user"
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~Q(state=DeliveryState.SENT) & Q(sent_at__isnull=True)),
                name="notices_sent_when",
            ),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(channel=Channel.INBOX), name="notices_read_in_inbox"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="notices_due",
                condition=Q(state=DeliveryState.WAITING, channel__in=OUTSIDE),
            ),
            models.Index(fields=["user", "-id"], name="notices_inbox", condition=Q(channel=Channel.INBOX)),
            models.Index(
                fields=["user", "-id"],
                name="notices_unread",
                condition=Q(channel=Channel.INBOX, read_at__isnull=True),
            ),
            models.Index(
                fields=["user", "-id"],
                name="notices_desktop",
                condition=Q(channel=Channel.DESKTOP, state=DeliveryState.WAITING),
            ),
            BrinIndex(fields=["created_at"], name="notices_delivery_created"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.get_state_display()}"
