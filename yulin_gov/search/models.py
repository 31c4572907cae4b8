"""One row per thing that can be found."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q


class SearchRow(models.Model):
    kind = models.CharField("类别", max_length=100)
    object_id = models.BigIntegerField("对象编号")
    title = models.CharField("标题", max_length=300)
    excerpt = models.TextField("摘录", help_text="正文开头，用于显示检索结果")
    url = models.CharField("地址", max_length=300)
    sort_at = models.DateTimeField("排序时间")
    is_public = models.BooleanField("公开")
    unit_ids = ArrayField(models.IntegerField(), verbose_name="可检索单位", default=list)
    # 'simple' lexemes made by yulin_gov.search.segmentation: title A, text B; a position is the
    # offset of the lexeme's first character, so that <N> in a query means “N characters on”.
    vector = SearchVectorField("检索向量")

    class Meta:
        verbose_name = verbose_name_plural = "检索条目"
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="searchrow_object_once")]
        indexes = [
            GinIndex(fields=["vector"], name="searchrow_vector"),
            GinIndex(fields=["unit_ids"], name="searchrow_unit_ids"),
            # The two ways of walking from the newest row on; see queries.py.
            models.Index(
                fields=["-sort_at", "-id"], condition=Q(is_public=True), name="searchrow_newest_public"
            ),
            models.Index(fields=["-sort_at", "-id"], name="searchrow_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} {self.title}"
