"""A text column that is readable in the application and nowhere else."""

from base64 import b64decode, b64encode

from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.db import models

from .keys import Unreadable, decrypt, encrypt

_CONTEXT = "field"
# Begins with what no person's text may hold, so that a dumped value is never taken for one.
_DUMPED = "\x00sealed:"


class EncryptedTextField(models.Field):
    """Text encrypted with AES-GCM under the newest of settings.PRIVACY_KEYS.

    Cannot be searched, sorted or made unique: keep a `blind_index` beside it to find a row by it.
    Only None and "" are told apart in the database. `max_length` is checked by forms and full_clean.
    """

    description = "加密文本"
    empty_strings_allowed = True

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))
        self.validators.append(ProhibitNullCharactersValidator())

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        if value is None or value == "":
            return value if value is None else b""
        return encrypt(str(value).encode(), _CONTEXT)

    def get_db_prep_value(self, value, connection, prepared=False):
        value = super().get_db_prep_value(value, connection, prepared)
        return value if value is None else connection.Database.Binary(value)

    def from_db_value(self, value, expression, connection) -> str | None:
        if value is None or not (blob := bytes(value)):
            return value if value is None else ""
        return decrypt(blob, _CONTEXT).decode()

    def to_python(self, value):
        if value is None:
            return value
        value = str(value)
        if not value.startswith(_DUMPED):
            return value
        try:
            return decrypt(b64decode(value.removeprefix(_DUMPED)), _CONTEXT).decode()
        except (Unreadable, ValueError):
            raise ValidationError("文字中含有无法识别的字符，请删除后重试。") from None

    def value_to_string(self, obj) -> str:
        """A dump of the database stays sealed; loading it needs the same keys."""
        value = self.value_from_object(obj)
        return value and _DUMPED + b64encode(encrypt(value.encode(), _CONTEXT)).decode()

    def get_lookup(self, lookup_name: str):
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted; look it up by a blind index")
        return super().get_lookup(lookup_name)

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": forms.CharField, "max_length": self.max_length} | kwargs)
