"""Units, their parts and the positions in them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate
from simple_history.models import HistoricalRecords

from ..enums import AdministratorKind, UnitKind
from ..roles import role_label, validate_roles
from .ranges import BOTH_DAYS, Dates


class UnitQuerySet(models.QuerySet):
    def current(self, on=None) -> "UnitQuerySet":
        """Units that exist on the day `on` (a date; default today)."""
        day = on or localdate()
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)

    def below(self, unit: "Unit") -> "UnitQuerySet":
        """`unit` and everything under it."""
        return self.filter(path__startswith=unit.path)


class Unit(models.Model):
    """One of the bodies that exchange documents. Abolished units stay: old papers name them."""

    code = models.CharField(
        "单位编码",
        max_length=32,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+\Z", "单位编码只能包含字母、数字和连字符。")],
        error_messages={"unique": "该单位编码已存在。"},
    )
    name = models.CharField("单位名称", max_length=100)
    short_name = models.CharField("简称", max_length=40, blank=True, default="")
    number_prefix = models.CharField(
        "代字", max_length=20, blank=True, default="", help_text="发文字号中的机关代字，如“玉政发”。"
    )
    kind = models.CharField("类别", max_length=20, choices=UnitKind.choices, default=UnitKind.DEPARTMENT)
    parent = models.ForeignKey(
        "self",
        verbose_name="上级单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    # Codes from the root down, each followed by a slash. Kept by trigger (0002), for bulk writes too.
    path = models.TextField("路径", blank=True, default="", editable=False)
    sort = models.PositiveIntegerField("排序", default=0)
    valid_from = models.DateField("设立日期", default=localdate)
    valid_to = models.DateField("撤销日期", null=True, blank=True, help_text="最后一个有效日；空为现行。")
    exchanges_documents = models.BooleanField("参加公文交换", default=True)
    circulates_inside = models.BooleanField("内部公文流转", default=False)
    receives_letters = models.BooleanField("接收群众来信", default=False)
    phone = models.CharField("公开电话", max_length=60, blank=True, default="")
    address = models.CharField("地址", max_length=200, blank=True, default="")
    duties = models.TextField("主要职责", blank=True, default="")

    history = HistoricalRecords(excluded_fields=["path"])
    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["sort", "code"]
        indexes = [
            models.Index(fields=["path"], name="organization_unit_path", opclasses=["text_pattern_ops"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="organization_unit_valid",
                violation_error_message="撤销日期不能早于设立日期。",
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="organization_unit_not_own_parent",
                violation_error_message="单位不能是自己的上级。",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=UnitKind.values), name="organization_unit_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        self.refresh_from_db(fields=["path"])

    @property
    def label(self) -> str:
        """The name for lists and buttons: the short one where there is one."""
        return self.short_name or self.name

    @property
    def is_current(self) -> bool:
        today = localdate()
        return self.valid_from <= today and (self.valid_to is None or self.valid_to >= today)

    @property
    def depth(self) -> int:
        """0 for a root."""
        return self.path.count("/") - 1


class UnitName(models.Model):
    """What a unit was called and when: old documents keep the name they were issued under."""

    unit = models.ForeignKey(Unit, verbose_name="单位", on_delete=models.PROTECT, related_name="names")
    name = models.CharField("名称", max_length=100)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "单位名称沿革"
        ordering = ["unit", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="organization_unitname_valid",
                violation_error_message="停用日期不能早于启用日期。",
            ),
            ExclusionConstraint(
                name="organization_unitname_no_overlap",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (Dates("valid_from", "valid_to", BOTH_DAYS), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一单位的两个名称不能同时有效。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Division(models.Model):
    """A part of a unit (内设机构): it handles, but does not issue."""

    unit = models.ForeignKey(Unit, verbose_name="单位", on_delete=models.PROTECT, related_name="divisions")
    name = models.CharField("名称", max_length=60)
    sort = models.PositiveIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "内设机构"
        ordering = ["unit", "sort", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "name"],
                name="organization_division_unique",
                violation_error_message="该单位已有同名内设机构。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Position(models.Model):
    """A post with its duty statement and its roles. Several people may hold the same post."""

    unit = models.ForeignKey(Unit, verbose_name="单位", on_delete=models.PROTECT, related_name="positions")
    division = models.ForeignKey(
        Division,
        verbose_name="内设机构",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="positions",
    )
    title = models.CharField("职位名称", max_length=60)
    duties = models.TextField("职位职责", blank=True, default="")
    roles = ArrayField(
        models.CharField(max_length=32),
        verbose_name="角色",
        default=list,
        blank=True,
        validators=[validate_roles],
    )
    administrator = models.CharField(
        "管理员类别", max_length=10, choices=AdministratorKind.choices, blank=True, default=""
    )
    sort = models.PositiveIntegerField("排序", default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "职位"
        ordering = ["unit", "sort", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "division", "title"],
                name="organization_position_unique",
                nulls_distinct=False,
                violation_error_message="该处已有同名职位。",
            ),
            models.CheckConstraint(
                condition=Q(administrator="") | Q(roles=[]),
                name="organization_administrator_alone",
                violation_error_message="管理员职位不能兼任其他角色。",
            ),
            models.CheckConstraint(
                condition=Q(administrator__in=["", *AdministratorKind.values]),
                name="organization_administrator_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.title}"

    @property
    def place(self) -> str:
        """“市政府办公室 文秘科”."""
        return f"{self.unit.label} {self.division.name}" if self.division_id else self.unit.label

    @property
    def role_labels(self) -> list[str]:
        if self.administrator:
            return [self.get_administrator_display()]
        return [role_label(key) for key in self.roles]
