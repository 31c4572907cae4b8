"""Procedures as versioned data."""

from django.conf import settings
from django.db import models


class ProcedureVersion(models.Model):
    """One version of a procedure (办事流程). A published one never changes; a case pins its version."""

    key = models.CharField("流程", max_length=60)
    unit = models.ForeignKey(
        "organization.Unit", models.PROTECT, null=True, blank=True, verbose_name="适用单位", related_name="+"
    )
    number = models.PositiveIntegerField("版本号")
    title = models.CharField("名称", max_length=100)
    definition = models.JSONField("定义")
    sha256 = models.CharField("摘要", max_length=64)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="发布人",
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "办事流程"
        constraints = [
            models.UniqueConstraint(
                fields=["key", "unit", "number"],
                nulls_distinct=False,
                name="procedure_number_once_per_key_and_unit",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.number}版）"
