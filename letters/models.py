"""The tables of letters: what was written, by whom (apart from it), and what the public may read."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from yulin_gov.privacy.models import open_text


class Letter(models.Model):
    """A citizen's letter (群众来信). Title, unit, times and state are the case's.

    Text and consent never change. The reply is a draft until `replied_at`, and fixed from then
    on; the database refuses anything else (migration 0002).
    """

    case = models.OneToOneField(
        "casework.Case", models.PROTECT, primary_key=True, related_name="letter", verbose_name="办件"
    )
    text = models.TextField("来信内容")
    may_publish = models.BooleanField("同意公开")
    reply = models.TextField("答复", blank=True, default="")
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="拟稿人",
        related_name="+",
    )
    replied_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "群众来信"
        constraints = [
            models.CheckConstraint(
                condition=Q(replied_at=None) | ~Q(reply=""), name="letter_is_replied_to_in_words"
            )
        ]

    def __str__(self) -> str:
        return str(self.case)


class LetterWriter(models.Model):
    """Who wrote a letter, sealed under a key of its own: destroying the key forgets the person.

    The indexes are keyed hashes. Somebody who knows code and phone finds the letter; the table
    tells neither. Imported letters have no code.
    """

    letter = models.OneToOneField(
        Letter, models.PROTECT, primary_key=True, related_name="writer", verbose_name="来信"
    )
    data_key = models.OneToOneField(
        "privacy.DataKey", models.PROTECT, related_name="+", verbose_name="数据密钥"
    )
    sealed_name = models.BinaryField("姓名密文")
    sealed_phone = models.BinaryField("电话密文", default=bytes)
    sealed_email = models.BinaryField("邮箱密文", default=bytes)
    phone_index = models.CharField("电话索引", max_length=64, blank=True, default="")
    code_index = models.CharField("查询码索引", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "来信人"
        constraints = [
            models.UniqueConstraint(
                fields=["code_index"], condition=~Q(code_index=""), name="query_code_once"
            ),
            models.CheckConstraint(
                condition=Q(code_index="") | ~Q(phone_index=""), name="a_query_code_needs_a_phone"
            ),
        ]
        indexes = [models.Index(fields=["phone_index"], condition=~Q(phone_index=""), name="writer_by_phone")]

    def __str__(self) -> str:
        return f"来信人 {self.pk}"

    @property
    def name(self) -> str:
        """Raises Erased once the person has been forgotten; so do `phone` and `email`."""
        return open_text(self.sealed_name, self.data_key)

    @property
    def phone(self) -> str:
        """Digits alone; empty where none is known."""
        return open_text(self.sealed_phone, self.data_key) if self.sealed_phone else ""

    @property
    def email(self) -> str:
        return open_text(self.sealed_email, self.data_key) if self.sealed_email else ""


class PublicationQuerySet(models.QuerySet):
    def public(self) -> "PublicationQuerySet":
        """What anybody may read now."""
        return self.filter(withdrawn_at=None)

    def newest_first(self) -> "PublicationQuerySet":
        return self.order_by("-published_at", "-letter_id")


class Publication(models.Model):
    """The public copy of a letter and its reply, with personal data taken out. The originals stay
    untouched. Reviewed by somebody other than the reply's author: the database insists."""

    letter = models.OneToOneField(
        Letter, models.PROTECT, primary_key=True, related_name="publication", verbose_name="来信"
    )
    unit = models.ForeignKey("organization.Unit", models.PROTECT, verbose_name="答复单位", related_name="+")
    title = models.CharField("标题", max_length=200)
    text = models.TextField("来信内容（公开）")
    reply = models.TextField("答复（公开）")
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="拟稿人", related_name="+"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="公开审核人", related_name="+"
    )
    published_at = models.DateTimeField("公开时间")
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="撤下人",
        related_name="+",
    )
    withdrawal_reason = models.CharField("撤下原因", max_length=200, blank=True, default="")

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公开的来信"
        constraints = [
            models.CheckConstraint(
                condition=Q(drafted_by=None) | ~Q(reviewed_by=F("drafted_by")),
                name="publication_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawal_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawal_reason="")),
                name="withdrawn_publications_say_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-published_at", "-letter"],
                condition=Q(withdrawn_at=None),
                name="publication_newest",
            ),
            models.Index(
                fields=["unit", "-published_at", "-letter"],
                condition=Q(withdrawn_at=None),
                name="publication_newest_of_unit",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def url(self) -> str:
        """The public address; needs `letter__case` loaded."""
        return reverse("letters:letter", args=[self.letter.case.public_ref])

    @property
    def unit_name(self) -> str:
        return self.unit.name


class ImportedLetter(models.Model):
    """Which row of which kind of file a letter came from, so that nothing is imported twice."""

    letter = models.OneToOneField(
        Letter, models.PROTECT, primary_key=True, related_name="imported", verbose_name="来信"
    )
    row_hash = models.CharField("行摘要", max_length=64, unique=True)
    source_number = models.CharField("原编号", max_length=60, blank=True, default="")
    imported_at = models.DateTimeField("导入时间")

    class Meta:
        verbose_name = verbose_name_plural = "导入的来信"

    def __str__(self) -> str:
        return self.source_number or self.row_hash[:12]
