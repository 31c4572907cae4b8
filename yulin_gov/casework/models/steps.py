"""Steps: what is to be done now, by whom."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..enums import StageKind

_OPEN = Q(closed_at=None)


def _todo_indexes(name: str, fields: list[str], whose: Q) -> list[models.Index]:
    return [
        models.Index(fields=[*fields, "due_at", "id"], condition=_OPEN & whose, name=f"step_{name}_by_due"),
        models.Index(fields=[*fields, "id"], condition=_OPEN & whose, name=f"step_{name}_by_arrival"),
    ]


class Step(models.Model):
    """One running or finished passage of a case through a stage (环节).

    Bound to a unit and a role; to a position or a person only where one was named or somebody
    took it from the pool. `entry` counts the case's stage entries: parallel steps share it.
    """

    case = models.ForeignKey("Case", models.PROTECT, related_name="steps")
    entry = models.PositiveIntegerField("进入序号")
    stage_key = models.CharField("环节", max_length=40)
    stage_name = models.CharField("环节名称", max_length=60)
    kind = models.CharField("环节类型", max_length=12, choices=StageKind, default=StageKind.WORK)
    to_read = models.BooleanField("只需阅看", default=False)
    is_host = models.BooleanField("主办", default=True)
    case_kind = models.CharField("办件类别", max_length=60)
    unit = models.ForeignKey("organization.Unit", models.PROTECT, related_name="+")
    role = models.CharField("角色", max_length=30)
    position = models.ForeignKey(
        "organization.Position", models.PROTECT, null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField("到达时间")
    closed_at = models.DateTimeField("办理时间", null=True, blank=True)
    due_at = models.DateTimeField("到期时间", null=True, blank=True)
    outcome = models.CharField("办理结果", max_length=40, blank=True)
    outcome_label = models.CharField("办理结果名称", max_length=40, blank=True)
    opinion = models.TextField("意见", blank=True)
    acted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "环节"
        constraints = [
            models.CheckConstraint(
                condition=(_OPEN & Q(outcome="")) | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="closed_steps_have_an_outcome",
            ),
            models.UniqueConstraint(
                fields=["case", "entry", "unit", "role", "position", "person"],
                condition=_OPEN,
                nulls_distinct=False,
                name="one_open_step_per_participant",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "entry"], name="step_by_case"),
            # The three ways in which an open step belongs to somebody, each in the two orders
            # of the to-do list; see queries.todo_for.
            *_todo_indexes("pool", ["unit", "role", "to_read"], Q(position=None, person=None)),
            *_todo_indexes("position", ["position", "to_read"], Q(person=None, position__isnull=False)),
            *_todo_indexes("person", ["person", "unit", "to_read"], Q(person__isnull=False)),
            models.Index(
                fields=["acted_by", "-closed_at", "-id"],
                condition=Q(acted_by__isnull=False),
                name="step_done_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage_name}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class StepFile(models.Model):
    """A file that somebody attached when taking a step."""

    step = models.ForeignKey(Step, models.PROTECT, related_name="files")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "环节附件"
        constraints = [models.UniqueConstraint(fields=["step", "file"], name="step_file_once")]
