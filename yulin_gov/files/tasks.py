"""Tidying up the storage."""

from datetime import date, timedelta

from celery import shared_task
from django.core.files.storage import default_storage
from django.utils import timezone

from .models import DIRECTORY, StoredFile

# Days looked back at. The last day is spared: a transaction may still be running.
_FIRST, _LAST = 2, 9


@shared_task
def remove_leftovers() -> int:
    """Daily: delete stored content whose transaction was rolled back. Returns how many there were."""
    today = timezone.localdate()
    return sum(_remove_of(today - timedelta(days=ago)) for ago in range(_FIRST, _LAST))


def _remove_of(day: date) -> int:
    directory = f"{day:{DIRECTORY}}"
    try:
        _, files = default_storage.listdir(directory)
    except FileNotFoundError:
        return 0
    names = {f"{directory}/{file}" for file in files}
    leftovers = names.difference(StoredFile.objects.filter(name__in=names).values_list("name", flat=True))
    for name in leftovers:
        default_storage.delete(name)
    return len(leftovers)
