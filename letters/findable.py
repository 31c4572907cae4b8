"""What search finds of a letter: the whole of it inside the unit, its public copy for everybody."""

from django.urls import reverse

from yulin_gov.casework.models import Case, CaseUnit
from yulin_gov.search.actions import SearchDocument, index_row, index_rows, remove_row

from .enums import KIND
from .models import Letter, Publication

OFFICE, PUBLIC = KIND, "letters.public"


def index_letters(letters: list[Letter]) -> None:
    """Make new letters findable in the offices of their units; one statement per 500."""
    index_rows(_office_document(letter.case, letter, [letter.case.unit_id]) for letter in letters)


def refind_after_transfer(case_id: int) -> None:
    """Another unit took the letter over: it finds it as well."""
    letter = Letter.objects.select_related("case").filter(pk=case_id).first()
    if letter is not None:
        units = CaseUnit.objects.filter(case=case_id).values_list("unit_id", flat=True)
        index_rows([_office_document(letter.case, letter, set(units))])


def index_publication(publication: Publication) -> None:
    """Make the public copy findable by everybody."""
    index_row(
        PUBLIC,
        publication.pk,
        title=publication.title,
        text=f"{publication.text}\n{publication.reply}",
        url=publication.url,
        is_public=True,
        unit_ids=[publication.unit_id],
        sort_at=publication.published_at,
    )


def forget_publication(publication: Publication) -> None:
    remove_row(PUBLIC, publication.pk)


def _office_document(case: Case, letter: Letter, unit_ids) -> SearchDocument:
    return SearchDocument(
        kind=OFFICE,
        object_id=case.pk,
        title=case.title,
        text=f"{case.number}\n{letter.text}",
        url=reverse("casework:case", args=[case.pk]),
        is_public=False,
        unit_ids=unit_ids,
        sort_at=case.opened_at,
    )
