"""What the processes agree on: how often a thing pages depend on has changed, and who came to see.

A key's version is `PageVersion.number` plus the number of its `PageChange` rows. Writers only
ever insert a `PageChange`: a counter that they updated themselves would hold its row's lock until
they commit, so that they would wait for each other and, with several keys, deadlock. The changes
are folded into the counter afterwards, by one short statement of its own.
"""

from django.db import models
from django.db.models import Func


class TransactionIdField(models.Field):
    """PostgreSQL's `xid8`: which transaction wrote the row; filled in by the database."""

    def __init__(self, *args, **kwargs):
        kwargs["db_default"] = Func(function="pg_current_xact_id", output_field=models.TextField())
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_default"], kwargs["editable"]
        return name, path, args, kwargs

    def db_type(self, connection) -> str:
        return "xid8"


class PageVersion(models.Model):
    key = models.CharField("依赖项", max_length=200, unique=True)
    number = models.BigIntegerField("版本", default=0)
    xid = TransactionIdField("写入事务")

    class Meta:
        verbose_name = verbose_name_plural = "页面版本"
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=0), name="pageversion_number_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.number}"


class PageChange(models.Model):
    """A change that is not yet counted in its `PageVersion`."""

    key = models.CharField("依赖项", max_length=200, db_index=True)
    xid = TransactionIdField("写入事务")

    class Meta:
        verbose_name = verbose_name_plural = "页面变动"

    def __str__(self) -> str:
        return self.key


class PageVisits(models.Model):
    path = models.CharField("地址", max_length=300)
    day = models.DateField("日期")
    count = models.PositiveBigIntegerField("访问次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "页面访问量"
        constraints = [models.UniqueConstraint(fields=["path", "day"], name="pagevisits_path_day_once")]

    def __str__(self) -> str:
        return f"{self.path} {self.day} {self.count}"
