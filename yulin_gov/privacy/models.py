"""One key per subject, so that a person can be forgotten without touching what may never change."""

import os

from django.db import models
from django.db.models import Q
from django.utils import timezone

from yulin_gov.refused import Refused

from .keys import decrypt, decrypt_with, encrypt, encrypt_with

_KEY_CONTEXT, _TEXT_CONTEXT = "data-key", "sealed-text"


class Erased(Refused):
    """The key of what should be read was destroyed on purpose: it is gone for good."""

    def __init__(self) -> None:
        super().__init__("该内容已依法删除，无法查看。")


def _fresh_wrapped_key() -> bytes:
    return encrypt(os.urandom(32), _KEY_CONTEXT)


class DataKey(models.Model):
    """A random key for the data of one subject (a letter, a case, a person), wrapped by the master key.

    Saving is not needed before sealing, so a set of rows and their keys can be written together.
    """

    wrapped = models.BinaryField("密钥密文", null=True, default=_fresh_wrapped_key, editable=False)
    created_at = models.DateTimeField("生成时间", default=timezone.now, editable=False)
    destroyed_at = models.DateTimeField("销毁时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "数据密钥"
        constraints = [
            models.CheckConstraint(
                condition=Q(wrapped__isnull=True, destroyed_at__isnull=False)
                | Q(wrapped__isnull=False, destroyed_at__isnull=True),
                name="privacy_key_is_either_kept_or_destroyed",
            )
        ]

    def __str__(self) -> str:
        return f"数据密钥 {self.pk}{'（已销毁）' if self.is_destroyed else ''}"

    @property
    def is_destroyed(self) -> bool:
        return self.wrapped is None

    def destroy(self) -> None:
        """Make everything sealed under this key unreadable, for good. Doing it twice changes nothing.

        Copies of the row live on in the database's backups until those are rotated out.
        """
        now = timezone.now()
        DataKey.objects.filter(pk=self.pk, destroyed_at=None).update(wrapped=None, destroyed_at=now)
        self.wrapped, self.destroyed_at = None, self.destroyed_at or now

    def unwrap(self) -> bytes:
        """The key itself. Raises Erased once destroyed."""
        if self.wrapped is None:
            raise Erased
        return decrypt(bytes(self.wrapped), _KEY_CONTEXT)

    def rewrap(self) -> None:
        """Wrap the same key under the newest master key, in memory; what it sealed stays as it is."""
        self.wrapped = encrypt(self.unwrap(), _KEY_CONTEXT)


def seal_text(text: str, data_key: DataKey) -> bytes:
    """Encrypt `text` under `data_key`, for a BinaryField. Raises Erased if the key is destroyed."""
    return encrypt_with(data_key.unwrap(), text.encode(), _TEXT_CONTEXT)


def open_text(blob: bytes, data_key: DataKey) -> str:
    """Read what `seal_text` sealed. Raises Erased if the key is destroyed, Unreadable if it is another's."""
    return decrypt_with(data_key.unwrap(), bytes(blob), _TEXT_CONTEXT).decode()
