"""Things to find."""

from datetime import UTC, datetime, timedelta
from itertools import count

from yulin_gov.search.actions import SearchDocument, index_rows

numbers = count(1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def document(title: str = "反映小区物业问题", text: str = "", **given) -> SearchDocument:
    """A public letter; every further one is a minute newer."""
    number = next(numbers)
    values = {
        "kind": "letters.letter",
        "object_id": number,
        "url": f"/letters/{number}/",
        "is_public": True,
        "unit_ids": [1],
        "sort_at": START + timedelta(minutes=number),
    }
    return SearchDocument(title=title, text=text, **values | given)


def indexed(*titles: str, **given) -> list[int]:
    documents = [document(title, **given) for title in titles]
    index_rows(documents)
    return [entry.object_id for entry in documents]
