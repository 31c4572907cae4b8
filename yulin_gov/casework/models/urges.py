"""Urging (催办, 督办)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..enums import UrgeKind


class Urge(models.Model):
    """Somebody presses for a case, and is answered."""

    case = models.ForeignKey("Case", models.PROTECT, related_name="urges")
    step = models.ForeignKey("Step", models.PROTECT, null=True, blank=True, related_name="urges")
    kind = models.CharField("类型", max_length=10, choices=UrgeKind)
    reason = models.TextField("催办内容")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_unit = models.ForeignKey("organization.Unit", models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey("organization.Unit", models.PROTECT, related_name="+")
    urged_at = models.DateTimeField("催办时间")
    answer_by = models.DateTimeField("要求反馈时间", null=True, blank=True)
    answered_at = models.DateTimeField("反馈时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.TextField("反馈", blank=True)
    idempotency_key = models.CharField("防重复提交标识", max_length=64, unique=True, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "催办督办"
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="urge_answers_have_text",
            )
        ]
        indexes = [
            models.Index(fields=["case"], name="urge_by_case"),
            models.Index(
                fields=["unit", "-urged_at"], condition=Q(answered_at=None), name="urge_open_by_unit"
            ),
        ]
