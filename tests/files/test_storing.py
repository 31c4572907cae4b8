"""Stored files have random names, no address of their own, and leave nothing behind."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from tests.files import factories as make
from yulin_gov.files.actions import discard_file, store_upload
from yulin_gov.files.models import DIRECTORY, StoredFile
from yulin_gov.files.serving import file_response
from yulin_gov.files.tasks import remove_leftovers
from yulin_gov.refused import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def _store(content=make.PDF, name="申请书 “正本”.pdf", **options) -> StoredFile:
    return store_upload(make.upload(content, name), by_id=7, purpose="letters.attachment", **options)


def test_a_stored_file_is_described_by_what_was_stored():
    stored = StoredFile.objects.get(pk=_store().pk)
    assert (stored.original_name, stored.kind, stored.size) == ("申请书 “正本”.pdf", "pdf", len(make.PDF))
    assert stored.sha256 == hashlib.sha256(make.PDF).hexdigest()
    assert (stored.created_by_id, stored.purpose, stored.content_type) == (
        7,
        "letters.attachment",
        "application/pdf",
    )
    assert "申请书" not in stored.name
    with stored.open() as content:
        assert content.read() == make.PDF


def test_a_cleaned_picture_is_measured_after_cleaning():
    stored = _store(make.picture("JPEG", comment=b"x" * 500), "a.jpg")
    with stored.open() as content:
        assert len(content.read()) == stored.size < 900


def test_a_refusal_stands_beside_its_field_and_stores_nothing(storage):
    with pytest.raises(Refused) as caught:
        _store(b"", field="attachment")
    assert caught.value.field == "attachment"
    assert not StoredFile.objects.exists()
    assert not any(storage.rglob("*.*"))


def test_the_same_file_twice_is_two_files():
    assert _store().name != _store().name


def test_a_download_is_never_run_sniffed_or_cached():
    response = file_response(_store(make.docx(), "a.docx"), inline=True)
    assert response["Content-Disposition"] == 'attachment; filename="a.docx"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"
    response.close()


def test_only_pdf_and_pictures_are_shown_inline_and_names_are_encoded():
    response = file_response(_store(), inline=True)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline; filename*=utf-8''%E7%94%B3")
    assert b"".join(response.streaming_content) == make.PDF
    assert file_response(_store())["Content-Disposition"].startswith("attachment")


def test_lost_content_is_not_found():
    stored = _store()
    default_storage.delete(stored.name)
    with pytest.raises(Http404):
        file_response(stored)


def test_discarding_deletes_the_content_only_after_commit(django_capture_on_commit_callbacks):
    stored = _store()
    with django_capture_on_commit_callbacks(execute=True):
        discard_file(stored)
        assert default_storage.exists(stored.name)
    assert not default_storage.exists(stored.name)
    assert not StoredFile.objects.exists()


def test_what_a_rollback_left_is_removed_after_a_day_and_nothing_else():
    def put(days_ago: int) -> str:
        day = timezone.localdate() - timedelta(days=days_ago)
        return default_storage.save(f"{day:{DIRECTORY}}/{'a' * 32}.pdf", ContentFile(make.PDF))

    fresh, old = put(1), put(3)
    kept = _store()
    kept_name = kept.name.replace(f"{timezone.localdate():{DIRECTORY}}", old.rpartition("/")[0])
    default_storage.save(kept_name, ContentFile(make.PDF))
    StoredFile.objects.filter(pk=kept.pk).update(name=kept_name)
    assert remove_leftovers() == 1
    assert [default_storage.exists(name) for name in (fresh, old, kept_name)] == [True, False, True]


@pytest.mark.parametrize("wrong", [{"size": 0}, {"kind": "exe"}, {"sha256": "abc"}])
def test_the_database_refuses_a_nonsensical_file(wrong):
    right = {"name": "x", "original_name": "x", "kind": "pdf", "size": 1, "sha256": "0" * 64, "purpose": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.create(**right | wrong)
