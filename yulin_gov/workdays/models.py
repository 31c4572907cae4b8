"""The calendar as data: days that differ from the plain week, years with a notice, revisions."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

FIRST_YEAR, LAST_YEAR = 2000, 2100


class SpecialDay(models.Model):
    """A day the State Council's notice (or the city) names: a holiday, or a weekend swapped into work (调休).

    Every other day follows the plain week: Monday to Friday are worked.
    """

    date = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("是否上班")
    name = models.CharField("名称", max_length=60)
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "特殊日期"
        ordering = ["date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(date__range=(f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31")),
                name="workdays_special_day_in_range",
                violation_error_message="日期超出工作日历的范围",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="workdays_special_day_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.name}（{'上班' if self.is_workday else '放假'}）"


class CalendarYear(models.Model):
    """Whether a year follows an official notice; without one it falls back to the plain week."""

    year = models.PositiveSmallIntegerField(
        "年度", primary_key=True, validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    official = models.BooleanField("已按国务院办公厅通知确认", default=False)
    notice = models.TextField("通知", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "日历年度"
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year__range=(FIRST_YEAR, LAST_YEAR)), name="workdays_year_in_range"
            ),
            models.CheckConstraint(
                condition=Q(official=False) | ~Q(notice=""), name="workdays_official_year_names_notice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{'' if self.official else '（未确认）'}"


class CalendarRevision(models.Model):
    """One change of the calendar; deadlines name the revision they were computed with.

    The number comes from a sequence, so that a number once seen is never given to other content.
    """

    number = models.BigAutoField("修订号", primary_key=True)
    changed_at = models.DateTimeField("修订时间", default=timezone.now, editable=False)
    summary = models.CharField("修订内容", max_length=300)
    reason = models.CharField("修订原因", max_length=300)
    first_day = models.DateField("影响起始日")
    last_day = models.DateField("影响截止日")
    # A plain number: the calendar lies below the accounts and cannot refer to them.
    by_id = models.BigIntegerField("修订人", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "日历修订"
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=models.F("last_day")), name="workdays_revision_range"
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}次修订：{self.summary}"
