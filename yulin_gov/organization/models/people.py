"""Who holds a position, who stands in for whom, and what a supervisor looks after."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from ..delegable import kind_labels
from ..enums import AdministratorKind
from .ranges import BOTH_DAYS, UNTIL, Dates, Moments
from .units import Position, Unit


class AppointmentQuerySet(models.QuerySet):
    def current(self, at: datetime | None = None) -> "AppointmentQuerySet":
        """Appointments in force at the moment `at` (aware; default now)."""
        return self.filter(appointment_in_force(at))


def appointment_in_force(at: datetime | None = None) -> Q:
    moment = at or timezone.now()
    day = timezone.localdate(moment)
    return (
        Q(from_date__lte=day)
        & (Q(to_date=None) | Q(to_date__gte=day))
        & (Q(ended_at=None) | Q(ended_at__gt=moment))
    )


class Appointment(models.Model):
    """A person holds a position from one day to another, both included.

    `ended_at` is the moment the end took effect, set by `actions.end_appointment` or, for an end
    planned ahead, by the nightly task; whoever ends today has no rights from that moment on.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="人员", on_delete=models.PROTECT, related_name="appointments"
    )
    position = models.ForeignKey(
        Position, verbose_name="职位", on_delete=models.PROTECT, related_name="appointments"
    )
    from_date = models.DateField("任职日期", default=timezone.localdate)
    to_date = models.DateField("免职日期", null=True, blank=True, help_text="任职的最后一天；空为在任。")
    ended_at = models.DateTimeField("免职生效时间", null=True, blank=True, editable=False)
    # Copied from the position by trigger (0002), because a constraint sees one table only.
    administrator = models.CharField(
        "管理员类别",
        max_length=10,
        choices=AdministratorKind.choices,
        blank=True,
        default="",
        editable=False,
    )

    history = HistoricalRecords(excluded_fields=["administrator"])
    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["position__sort", "id"]
        indexes = [
            models.Index(
                fields=["to_date"],
                name="organization_appointment_due",
                condition=Q(ended_at=None, to_date__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=F("from_date")),
                name="organization_appointment_dates",
                violation_error_message="免职日期不能早于任职日期。",
            ),
            ExclusionConstraint(
                name="organization_appointment_no_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("position", RangeOperators.EQUAL),
                    (Dates("from_date", "to_date", BOTH_DAYS), RangeOperators.OVERLAPS),
                ],
                violation_error_message="此人在该职位上的任职期间重叠。",
            ),
            ExclusionConstraint(
                name="organization_administrators_exclude",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("administrator", RangeOperators.NOT_EQUAL),
                    (Dates("from_date", "to_date", BOTH_DAYS), RangeOperators.OVERLAPS),
                ],
                condition=~Q(administrator=""),
                violation_error_message="系统、安全、审计管理员不能由同一人同时担任。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.position}"


class DelegationQuerySet(models.QuerySet):
    def current(self, at: datetime | None = None) -> "DelegationQuerySet":
        """Delegations in force at `at`: not revoked, and the principal still holds the position.

        That condition is also why delegations cannot chain: a deputy holds no appointment to pass on.
        """
        moment = at or timezone.now()
        held = Appointment.objects.current(moment).filter(
            person=OuterRef("principal"), position=OuterRef("position")
        )
        return self.filter(
            Q(revoked_at=None) | Q(revoked_at__gt=moment),
            Exists(held),
            from_at__lte=moment,
            to_at__gt=moment,
        )


class Delegation(models.Model):
    """A deputy acts for the principal in one position (职位代理, “乙 代 甲”) for a stated time."""

    position = models.ForeignKey(
        Position, verbose_name="职位", on_delete=models.PROTECT, related_name="delegations"
    )
    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="被代理人",
        on_delete=models.PROTECT,
        related_name="delegations_given",
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="代理人",
        on_delete=models.PROTECT,
        related_name="delegations_held",
    )
    from_at = models.DateTimeField("代理开始", default=timezone.now)
    to_at = models.DateTimeField("代理结束")
    kinds = ArrayField(
        models.CharField(max_length=60),
        verbose_name="办件类别",
        default=list,
        blank=True,
        help_text="只代理这些类别的办件；空为全部。",
    )
    reason = models.CharField("代理原因", max_length=200, blank=True, default="")
    revoked_at = models.DateTimeField("撤回时间", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    history = HistoricalRecords()
    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "职位代理"
        ordering = ["-from_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(principal=F("deputy")),
                name="organization_delegation_not_self",
                violation_error_message="不能由本人代理本人。",
            ),
            models.CheckConstraint(
                condition=Q(to_at__gt=F("from_at")),
                name="organization_delegation_times",
                violation_error_message="代理结束时间应晚于开始时间。",
            ),
            ExclusionConstraint(
                name="organization_delegation_no_overlap",
                expressions=[
                    ("position", RangeOperators.EQUAL),
                    ("principal", RangeOperators.EQUAL),
                    ("deputy", RangeOperators.EQUAL),
                    (Moments("from_at", "to_at", UNTIL), RangeOperators.OVERLAPS),
                ],
                condition=Q(revoked_at=None),
                violation_error_message="此人在这段时间已经代理该职位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} 代 {self.principal}（{self.position}）"

    @property
    def scope_label(self) -> str:
        """“群众来信、发文”, or “全部办件”."""
        return kind_labels(self.kinds)

    @property
    def stage(self) -> str:
        """How far it is in time: waiting, running, over or revoked."""
        now = timezone.now()
        if self.revoked_at:
            return "revoked"
        if self.to_at <= now:
            return "over"
        return "waiting" if self.from_at > now else "running"


class SupervisionScope(models.Model):
    """A supervisor's position looks after a unit and everything below it. Nothing is implied."""

    position = models.ForeignKey(
        Position, verbose_name="监察职位", on_delete=models.PROTECT, related_name="supervision_scopes"
    )
    unit = models.ForeignKey(
        Unit, verbose_name="监察范围", on_delete=models.PROTECT, related_name="supervision_scopes"
    )

    class Meta:
        verbose_name = verbose_name_plural = "监察范围"
        constraints = [
            models.UniqueConstraint(
                fields=["position", "unit"],
                name="organization_supervisionscope_unique",
                violation_error_message="该职位已监察此单位。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.position} → {self.unit}"
