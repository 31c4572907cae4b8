"""The log: what happened to every case, chained and append-only."""

from django.conf import settings
from django.db import models


class CaseEvent(models.Model):
    """One thing that happened. Holds references, never personal data; UPDATE, DELETE and
    TRUNCATE are refused by the database."""

    case = models.ForeignKey("Case", models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField("序号")
    step = models.ForeignKey("Step", models.PROTECT, null=True, blank=True, related_name="events")
    occurred_at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField("记录时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    unit = models.ForeignKey("organization.Unit", models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField("事件", max_length=60)
    data = models.JSONField("内容", default=dict)
    previous_hash = models.CharField("前一摘要", max_length=64, blank=True)
    hash = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "办件事件"
        constraints = [models.UniqueConstraint(fields=["case", "sequence"], name="event_sequence_once")]
        indexes = [models.Index(fields=["verb", "occurred_at"], name="event_by_verb")]


class EventQueue(models.Model):
    """One row per event and reader, written with the event and deleted with the reader's result,
    so that no reader ever skips an event that committed late."""

    event = models.ForeignKey(CaseEvent, models.PROTECT, related_name="queued")
    reader = models.CharField("读者", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "事件队列"
        constraints = [models.UniqueConstraint(fields=["reader", "event"], name="event_once_per_reader")]


class EventAnchor(models.Model):
    """A nightly seal over all events committed since the last; append-only.

    The list of sealed (case, sequence, hash) lines leaves the database as the file `name`;
    `digest` is the sha256 of that file's bytes, which begin with the previous digest.
    """

    sealed_at = models.DateTimeField("封存时间")
    name = models.CharField("文件名", max_length=80, unique=True)
    events = models.PositiveIntegerField("事件数")
    previous_digest = models.CharField("前一摘要", max_length=64, blank=True)
    digest = models.CharField("摘要", max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "事件封存"
