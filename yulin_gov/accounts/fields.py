"""A column that follows another: the keyed hash by which an encrypted phone is found."""

from django.db import models

from yulin_gov.privacy.keys import blind_index


def phone_lookup(phone: str) -> str:
    """The value of `phone_index` for a phone number; empty for an empty number."""
    return blind_index(phone, "phone") if phone else ""


class PhoneIndexField(models.CharField):
    """The blind index of the model's `phone`, computed on every save, in bulk too."""

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault("max_length", 64)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        kwargs.setdefault("editable", False)
        kwargs.setdefault("db_index", True)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance, add):
        value = phone_lookup(model_instance.phone)
        setattr(model_instance, self.attname, value)
        return value
