"""Reading letters."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from yulin_gov.accounts.models import User
from yulin_gov.casework.models import Case
from yulin_gov.casework.statistics import case_statistics
from yulin_gov.casework.visibility import cases_visible_to
from yulin_gov.keyset import Page, read_page
from yulin_gov.organization.capacity import Capacity
from yulin_gov.organization.models import Unit
from yulin_gov.organization.queries import units_receiving_letters
from yulin_gov.privacy.masking import mask_name, mask_phone
from yulin_gov.privacy.models import Erased

from .codes import index_of, phone_index
from .enums import KIND
from .models import Letter, LetterWriter, Publication, PublicationQuerySet

PAGE_SIZE = 20


def letters_visible_to(user: User, capacities: Sequence[Capacity]) -> QuerySet[Letter]:
    """The letters a person may see with these capacities; see `cases_visible_to`."""
    cases = cases_visible_to(user, capacities).filter(kind=KIND)
    return Letter.objects.filter(case__in=cases).select_related("case__unit", "case__procedure")


# -- for the public -----------------------------------------------------------------------


def published_letters() -> PublicationQuerySet:
    """What anybody may read, with unit and case loaded."""
    return Publication.objects.public().select_related("unit", "letter__case")


def published_page(*, unit: Unit | None = None, key: str = "", size: int = PAGE_SIZE) -> Page[Publication]:
    """One page of published letters, the newest first. One query."""
    letters = published_letters()
    if unit is not None:
        letters = letters.filter(unit=unit)
    return read_page(letters, ("-published_at", "-letter_id"), key=key, size=size)


def latest_published(limit: int) -> list[Publication]:
    """For the first page: objects with title, url, published_at and unit_name. One query."""
    return list(published_letters().newest_first()[:limit])


def units_with_published_letters() -> QuerySet[Unit]:
    """For the filter of the public list."""
    return Unit.objects.filter(pk__in=Publication.objects.public().values("unit"))


def public_figures() -> dict[str, int | None]:
    """received, answered, on_time_percent (None before the first answer), departments; imported
    letters count, as the city answered them."""
    counted = case_statistics(KIND)
    share = 100 * counted.on_time // counted.handled if counted.handled else None
    return {
        "received": counted.received,
        "answered": counted.handled,
        "on_time_percent": share,
        "departments": units_receiving_letters().count(),
    }


def find_by_code(code: str, phone: str) -> Letter | None:
    """The letter with this query code, written from this phone (both in normal form). One query
    in any case, so that a wrong code takes as long as an unknown one."""
    found = LetterWriter.objects.filter(code_index=index_of(code), phone_index=phone_index(phone))
    writer = (
        found.exclude(code_index="").select_related("letter__case__unit", "letter__case__procedure").first()
    )
    return writer.letter if writer else None


# -- for the office -----------------------------------------------------------------------


def masked_writer(writer: LetterWriter) -> dict[str, str]:
    """Enough to recognise a writer, too little to reach one; `data_key` loaded."""
    try:
        return {"name": mask_name(writer.name), "phone": mask_phone(writer.phone) if writer.phone else ""}
    except Erased:
        return {"name": "（已删除）", "phone": ""}


def letter_of(case: Case) -> Letter:
    """A case's letter with everything its page shows; read once for a case instance. One query.

    `same_phone` is a list of the latest other letters (dicts) from the same phone to the same
    unit: duplicates are pointed out.
    """
    if "letter" not in case._state.fields_cache:
        others = Case.objects.filter(
            letter__writer__phone_index=OuterRef("writer__phone_index"),
            unit=OuterRef("case__unit"),
        ).exclude(letter__writer__phone_index="")
        shown = (
            others.exclude(pk=OuterRef("pk"))
            .order_by("-pk")
            .values(data=JSONObject(pk="pk", number="number", title="title"))
        )
        letters = Letter.objects.select_related("writer__data_key", "publication__unit", "drafted_by")
        letter = letters.annotate(same_phone=ArraySubquery(shown[:5])).get(pk=case.pk)
        letter.case = case  # and the case knows its letter
    return case.letter


def office_summary(case: Case) -> dict:
    """What the step page shows of a letter. One query."""
    letter = letter_of(case)
    return {
        "letter": letter,
        "writer": masked_writer(letter.writer),
        "publication": getattr(letter, "publication", None),
        "same_phone": letter.same_phone,
    }
