"""Storing and discarding files."""

import hashlib
from functools import partial

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from yulin_gov.refused import Refused

from .checking import check_upload
from .models import StoredFile, random_name, validate_purpose


def store_upload(upload: File, *, by_id: int | None, purpose: str, field: str = "file") -> StoredFile:
    """Check `upload` by its content, clean it and store it under a random name.

    `purpose` is the key of what it belongs to, like `letters.attachment`. Raises Refused, beside
    the form's `field`, for whatever `checking` does not let in. If the caller's transaction is
    rolled back the content stays behind; `tasks.remove_leftovers` takes it away later.
    """
    validate_purpose(purpose)
    try:
        checked = check_upload(upload)
    except Refused as refusal:
        raise Refused(refusal.sentence, field=field) from refusal
    name = default_storage.save(random_name(checked.kind), ContentFile(checked.content))
    return StoredFile.objects.create(
        name=name,
        original_name=checked.name,
        kind=checked.kind,
        size=len(checked.content),
        sha256=hashlib.sha256(checked.content).hexdigest(),
        purpose=purpose,
        created_by_id=by_id,
    )


def discard_file(stored: StoredFile) -> None:
    """Delete the row now and the content after commit. ProtectedError while something owns it."""
    with transaction.atomic():
        name = stored.name
        stored.delete()
        transaction.on_commit(partial(default_storage.delete, name), robust=True)
