"""Where an uploaded file lies and what it is."""

import re
import secrets

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .enums import FileKind

DIRECTORY = "%Y/%m/%d"  # by day, so that a day's leftovers can be found


def random_name(kind: FileKind) -> str:
    """A storage name that tells nothing and cannot be guessed."""
    return f"{timezone.localdate():{DIRECTORY}}/{secrets.token_hex(16)}.{kind.value}"


def validate_purpose(value: str) -> None:
    if not re.fullmatch(r"[a-z][a-z_]*(\.[a-z][a-z_]*)*", value):
        raise ValidationError("用途须为小写英文键名，例如 letters.attachment。")


class StoredFile(models.Model):
    """A checked file in the default storage. It has no address of its own: see `serving`.

    Rows are never changed; whatever owns a file refers to it with PROTECT.
    """

    name = models.CharField("存储名", max_length=80, unique=True, editable=False)
    original_name = models.CharField("文件名", max_length=120)
    kind = models.CharField("类型", max_length=4, choices=FileKind)
    size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField("SHA-256", max_length=64)
    purpose = models.CharField("用途", max_length=60, validators=[validate_purpose])
    created_at = models.DateTimeField("上传时间", default=timezone.now, editable=False)
    # A plain number: files lie below the accounts and cannot refer to them.
    created_by_id = models.BigIntegerField("上传人", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="files_not_empty"),
            models.CheckConstraint(condition=Q(kind__in=FileKind.values), name="files_kind_is_known"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="files_sha256_is_whole"),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def content_type(self) -> str:
        """By what the content is, never by what the sender called it."""
        return FileKind(self.kind).content_type

    def open(self) -> File:
        """The content, for reading. FileNotFoundError if the storage lost it."""
        return default_storage.open(self.name)
