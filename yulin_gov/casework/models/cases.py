"""Cases, and who may see them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from ..enums import CaseState, Origin, Part, Scope, Urgency


class Case(models.Model):
    """A matter the government handles for somebody (办件). Everything else hangs on it."""

    kind = models.CharField("类别", max_length=60)
    number = models.CharField("编号", max_length=40, unique=True)
    public_ref = models.CharField("公开编号", max_length=24, unique=True)
    title = models.CharField("标题", max_length=200)
    procedure = models.ForeignKey(
        "ProcedureVersion", models.PROTECT, verbose_name="办事流程", related_name="+"
    )
    unit = models.ForeignKey("organization.Unit", models.PROTECT, verbose_name="承办单位", related_name="+")
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="申请人",
        related_name="+",
    )
    state = models.CharField("状态", max_length=10, choices=CaseState, default=CaseState.OPEN)
    outcome = models.CharField("结果", max_length=40, blank=True)
    urgency = models.CharField("紧急程度", max_length=10, choices=Urgency, default=Urgency.ORDINARY)
    origin = models.CharField("记录来源", max_length=10, choices=Origin, default=Origin.LIVE)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name="上级办件", related_name="children"
    )
    opened_at = models.DateTimeField("收到时间")
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    handled_at = models.DateTimeField("答复时间", null=True, blank=True)
    due_at = models.DateTimeField("到期时间", null=True, blank=True)
    entries = models.PositiveIntegerField("环节进入次数", default=0)
    last_sequence = models.PositiveIntegerField("最后事件序号", default=0)
    last_hash = models.CharField("最后事件摘要", max_length=64, blank=True)
    idempotency_key = models.CharField("防重复提交标识", max_length=64, unique=True, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办件"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CaseState.OPEN, closed_at=None, outcome="")
                | (Q(state=CaseState.CLOSED, closed_at__isnull=False) & ~Q(outcome="")),
                name="closed_cases_have_time_and_outcome",
            ),
            models.CheckConstraint(
                condition=Q(handled_at=None) | Q(handled_at__gte=models.F("opened_at")),
                name="case_handled_after_it_was_opened",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "origin", "opened_at"], name="case_by_kind"),
            models.Index(fields=["due_at", "id"], condition=Q(state=CaseState.OPEN), name="case_open_by_due"),
            models.Index(fields=["applicant", "-opened_at"], name="case_by_applicant"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="case_children"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.state == CaseState.OPEN

    @property
    def subject_key(self) -> str:
        """The name under which notices speak of this case."""
        return f"case:{self.pk}"

    @property
    def work_key(self) -> str:
        """The name under which notices speak of work on it: void once the case is closed."""
        return f"{self.subject_key}:work"

    @cached_property
    def barred(self) -> tuple[frozenset[int], frozenset[int]]:
        """Ids of the units and of the persons that must never see it. One query, once."""
        rows = list(self.exclusions.values_list("unit_id", "person_id")) if self.pk else []
        return frozenset(u for u, _ in rows if u), frozenset(p for _, p in rows if p)


class CaseUnit(models.Model):
    """A unit's part in a case: the one access table and the one list index.

    `kind`, `is_open`, `sort_at` and `due_at` are copies of the case's, so that a unit's list of
    a million cases is read from one index.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="units")
    unit = models.ForeignKey("organization.Unit", models.PROTECT, related_name="+")
    part = models.CharField("身份", max_length=10, choices=Part)
    scope = models.CharField("可见范围", max_length=10, choices=Scope, default=Scope.UNIT)
    role = models.CharField("可见角色", max_length=30, blank=True)
    kind = models.CharField("类别", max_length=60)
    is_open = models.BooleanField("办理中", default=True)
    sort_at = models.DateTimeField("收到时间")
    due_at = models.DateTimeField("到期时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办件参与单位"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "unit", "part", "scope", "role"], name="one_part_per_unit_and_scope"
            ),
            models.CheckConstraint(
                condition=Q(scope=Scope.ROLE, role__gt="") | (~Q(scope=Scope.ROLE) & Q(role="")),
                name="role_scope_names_a_role",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "kind", "-sort_at", "-case"], name="caseunit_list"),
            models.Index(
                fields=["unit", "kind", "is_open", "-sort_at", "-case"], name="caseunit_list_by_state"
            ),
            models.Index(
                fields=["unit", "kind", "due_at", "case"],
                condition=Q(is_open=True, due_at__isnull=False),
                name="caseunit_open_by_due",
            ),
        ]


class CaseExclusion(models.Model):
    """A unit or a person that must never see the case; beats every grant, delegation included."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="exclusions")
    unit = models.ForeignKey("organization.Unit", models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField("原因", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "回避"
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, person=None) | Q(unit=None, person__isnull=False),
                name="exclusion_of_a_unit_or_a_person",
            ),
            models.UniqueConstraint(
                fields=["case", "unit", "person"], nulls_distinct=False, name="exclusion_once"
            ),
        ]
