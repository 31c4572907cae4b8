"""Destroying a key erases what it sealed; rotation moves everything and loses nothing."""

from io import StringIO

import pytest
from django.apps.registry import Apps
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models

from yulin_gov.privacy.fields import EncryptedTextField
from yulin_gov.privacy.keys import Unreadable
from yulin_gov.privacy.models import DataKey, Erased, open_text, seal_text
from yulin_gov.privacy.rotation import Column, columns, rotate, under_old_keys
from yulin_gov.refused import Refused

pytestmark = pytest.mark.django_db
registry = Apps()  # of its own, so that no migration ever sees this table


class Contact(models.Model):
    phone = EncryptedTextField("手机号码", max_length=11, null=True, blank=True)

    class Meta:
        app_label = "privacy_tests"
        apps = registry


PHONE = Column(Contact, "phone")
COLUMNS = [Column(DataKey, "wrapped"), PHONE]


@pytest.fixture
def contacts(db):
    with connection.cursor() as cursor:
        # Temporary: the application's role may not make lasting tables.
        cursor.execute("CREATE TEMPORARY TABLE privacy_tests_contact (id bigserial PRIMARY KEY, phone bytea)")
    return Contact.objects


@pytest.fixture(autouse=True)
def keys(settings):
    settings.PRIVACY_KEYS = ["second", "first"]


def _stored(contact) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM privacy_tests_contact WHERE id = %s", [contact.pk])
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


def test_an_encrypted_field_reads_as_text_and_is_stored_unreadable(contacts):
    for text in ("13812345678", "𠮷 emoji 😀", "", None):
        contact = contacts.create(phone=text)
        contact.refresh_from_db()
        assert contact.phone == text
        if text:
            assert text.encode() not in _stored(contact)
    assert contacts.filter(phone__isnull=True).count() == 1
    contacts.filter(pk=contact.pk).update(phone="110")
    assert contacts.values_list("phone", flat=True).get(pk=contact.pk) == "110"


def test_an_encrypted_field_cannot_be_searched_by_mistake(contacts):
    with pytest.raises(FieldError, match="blind index"):
        contacts.filter(phone="13812345678")


def test_an_encrypted_field_checks_length_and_nul(contacts):
    for wrong in ("1" * 12, "1\x002", "\x00sealed:AAAA"):
        with pytest.raises(ValidationError):
            Contact(phone=wrong).full_clean(validate_unique=False)
    field = Contact._meta.get_field("phone").formfield()
    assert (field.max_length, field.clean(" 13812345678 ")) == (11, "13812345678")


def test_a_dump_stays_sealed(contacts):
    contact = contacts.create(phone="13812345678")
    dumped = Contact._meta.get_field("phone").value_to_string(contact)
    assert "138" not in dumped
    assert Contact._meta.get_field("phone").to_python(dumped) == "13812345678"
    assert "13812345678" not in serializers.serialize("json", [contact])


def test_a_destroyed_key_erases_what_it_sealed_and_nothing_else():
    mine, other = DataKey.objects.create(), DataKey.objects.create()
    blob, kept = seal_text("我要举报𠮷某", mine), seal_text("别的来信", other)
    assert open_text(memoryview(blob), DataKey.objects.get(pk=mine.pk)) == "我要举报𠮷某"
    mine.destroy()
    mine.destroy()
    for key in (mine, DataKey.objects.get(pk=mine.pk)):
        assert key.is_destroyed and key.destroyed_at
        with pytest.raises(Erased, match="已依法删除"):
            open_text(blob, key)
        with pytest.raises(Refused):
            seal_text("新的内容", key)
    assert open_text(kept, other) == "别的来信"
    with pytest.raises(Unreadable):
        open_text(blob, other)


def test_a_stale_copy_destroyed_again_keeps_the_first_moment():
    key = DataKey.objects.create()
    stale = DataKey.objects.get(pk=key.pk)
    key.destroy()
    stale.destroy()
    assert DataKey.objects.get(pk=key.pk).destroyed_at == key.destroyed_at


def test_the_database_knows_no_half_destroyed_key():
    with pytest.raises(IntegrityError):
        DataKey.objects.create(wrapped=None)


def test_keys_and_sealed_rows_can_be_written_in_sets():
    made = [DataKey() for _ in range(3)]
    blobs = [seal_text(f"第{i}封", key) for i, key in enumerate(made)]
    DataKey.objects.bulk_create(made)
    read = [open_text(blob, DataKey.objects.get(pk=key.pk)) for blob, key in zip(blobs, made, strict=True)]
    assert read == ["第0封", "第1封", "第2封"]


def test_rotation_moves_everything_to_the_newest_key(contacts, settings, monkeypatch):
    monkeypatch.setattr("yulin_gov.privacy.rotation.BATCH", 2)
    settings.PRIVACY_KEYS = ["first"]
    rows = [contacts.create(phone=text) for text in ("1", "2", "3", "", None)]
    key, gone = DataKey.objects.create(), DataKey.objects.create()
    gone.destroy()
    blob = seal_text("来信", key)
    settings.PRIVACY_KEYS = ["second", "first"]
    contacts.create(phone="4")
    assert under_old_keys(PHONE).count() == 3

    assert [rotated.rewritten for rotated in rotate(COLUMNS)] == [1, 3]

    settings.PRIVACY_KEYS = ["second"]
    assert [Contact.objects.get(pk=row.pk).phone for row in rows] == ["1", "2", "3", "", None]
    assert open_text(blob, DataKey.objects.get(pk=key.pk)) == "来信"
    assert [rotated.rewritten for rotated in rotate(COLUMNS)] == [0, 0]


def test_a_value_that_nothing_opens_is_named_and_stops_nothing(contacts, settings):
    settings.PRIVACY_KEYS = ["lost"]
    lost = contacts.create(phone="1")
    settings.PRIVACY_KEYS = ["first"]
    contacts.create(phone="2")
    settings.PRIVACY_KEYS = ["second", "first"]
    column, rewritten, unreadable = list(rotate(COLUMNS))[1]
    assert (column.label, rewritten, unreadable) == ("privacy_tests.Contact.phone", 1, [lost.pk])


def test_the_command_rotates_checks_and_says_what_failed(settings):
    settings.PRIVACY_KEYS = ["first"]
    DataKey.objects.create()
    settings.PRIVACY_KEYS = ["second", "first"]
    said = StringIO()
    with pytest.raises(CommandError, match="尚有数据使用旧密钥"):
        call_command("rotate_privacy_keys", "--check", stdout=said)
    call_command("rotate_privacy_keys", stdout=said)
    assert "privacy.DataKey.wrapped：已更换 1 行" in said.getvalue()
    call_command("rotate_privacy_keys", "--check", stdout=said)
    settings.PRIVACY_KEYS = ["third"]
    with pytest.raises(CommandError, match="找回对应的旧密钥"):
        call_command("rotate_privacy_keys", stdout=said, stderr=said)


def test_the_data_keys_are_the_first_column():
    assert columns()[0].label == "privacy.DataKey.wrapped"
