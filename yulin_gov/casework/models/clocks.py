"""Clocks with their ledger, and timers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from yulin_gov.workdays.terms import TermUnit

from ..enums import ClockState, ClockVerb


class Clock(models.Model):
    """A deadline of a case or of one of its steps (时限).

    `due_at` is the first moment that is too late. It is a projection of the entries: nothing
    sets it but `casework.clocks.project`.
    """

    case = models.ForeignKey("Case", models.PROTECT, related_name="clocks")
    step = models.ForeignKey("Step", models.PROTECT, null=True, blank=True, related_name="clocks")
    name = models.CharField("名称", max_length=40)
    label = models.CharField("显示名称", max_length=40)
    amount = models.PositiveIntegerField("期限")
    unit = models.CharField("期限单位", max_length=10, choices=TermUnit)
    legal_basis = models.CharField("依据", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=ClockState, default=ClockState.RUNNING)
    due_at = models.DateTimeField("到期时间", null=True, blank=True)
    next_alert_at = models.DateTimeField("下次提醒时间", null=True, blank=True)
    alerts_done = models.PositiveSmallIntegerField("已提醒次数", default=0)
    calendar_revision = models.PositiveIntegerField("日历版本", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "时限"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step", "name"],
                condition=~Q(state=ClockState.STOPPED),
                nulls_distinct=False,
                name="one_live_clock_per_name",
            ),
            models.CheckConstraint(
                condition=Q(next_alert_at=None) | Q(state=ClockState.RUNNING),
                name="only_running_clocks_alert",
            ),
        ]
        indexes = [
            models.Index(fields=["case"], name="clock_by_case"),
            models.Index(
                fields=["next_alert_at", "case"],
                condition=Q(next_alert_at__isnull=False),
                name="clock_next_alert",
            ),
            models.Index(
                fields=["calendar_revision"],
                condition=~Q(state=ClockState.STOPPED),
                name="clock_live_by_calendar",
            ),
        ]

    @property
    def is_running(self) -> bool:
        return self.state == ClockState.RUNNING


class ClockEntry(models.Model):
    """A line of a clock's ledger; append-only. “Why this date?” is answered by reading them."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="entries")
    event = models.ForeignKey("CaseEvent", models.PROTECT, related_name="+")
    verb = models.CharField("动作", max_length=10, choices=ClockVerb)
    at = models.DateTimeField("时间")
    amount = models.IntegerField("延长", default=0)
    reason = models.CharField("原因", max_length=300, blank=True)
    legal_basis = models.CharField("依据", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField("结果到期时间", null=True, blank=True)
    calendar_revision = models.PositiveIntegerField("日历版本")

    class Meta:
        verbose_name = verbose_name_plural = "时限记录"
        indexes = [models.Index(fields=["clock", "id"], name="clock_ledger")]


class Timer(models.Model):
    """Another moment at which something happens by itself; `action` names a registered function."""

    case = models.ForeignKey("Case", models.PROTECT, related_name="timers")
    action = models.CharField("动作", max_length=60)
    subject = models.BigIntegerField("对象", null=True, blank=True)
    at = models.DateTimeField("时间")
    done_at = models.DateTimeField("执行时间", null=True, blank=True)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "定时事项"
        indexes = [
            models.Index(
                fields=["at", "case"], condition=Q(done_at=None, cancelled_at=None), name="timer_waiting"
            ),
            models.Index(fields=["case"], name="timer_by_case"),
        ]
