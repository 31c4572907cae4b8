"""Writing a letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from yulin_gov.casework.actions import CaseDraft, open_cases
from yulin_gov.casework.enums import Origin
from yulin_gov.casework.models import Case
from yulin_gov.notices.actions import post_notices
from yulin_gov.organization.capacity import Capacity, citizen
from yulin_gov.organization.models import Unit
from yulin_gov.privacy.models import DataKey, seal_text
from yulin_gov.refused import Refused

from .. import telling
from ..codes import code_for, index_of, phone_index
from ..enums import KIND
from ..findable import index_letters
from ..models import Letter, LetterWriter


@dataclass(frozen=True, kw_only=True)
class LetterDraft:
    """A letter as written. `phone` in its normal form (digits). Lengths are the forms' business.

    `origin` and `at` are for demonstration records only; `loud` lets these notify like live ones.
    """

    unit: Unit
    title: str
    text: str
    name: str
    phone: str
    email: str = ""
    may_publish: bool
    origin: str = Origin.LIVE
    at: datetime | None = None
    loud: bool = False


def submit_letter(
    draft: LetterDraft, *, idempotency_key: str, by: Capacity | None = None
) -> tuple[Letter, str]:
    """Send a letter to a department; returns it with its query code.

    Opens the case at the letter clerk of the unit, seals who wrote it, makes it findable in the
    unit, tells the clerk, and the writer (number and code, by SMS and e-mail). `by` is the
    citizen, with or without an account. The same key again returns the first letter and the same
    code. Raises Refused where the unit receives no letters, or where the key was used for
    another letter.
    """
    if not (draft.unit.receives_letters and draft.unit.is_current):
        raise Refused(f"{draft.unit.name}目前不接收群众来信，请选择其他单位。", field="unit")
    by = by or citizen(None)
    code = code_for(idempotency_key)
    try:
        with transaction.atomic():
            [case] = open_cases([_case_draft(draft, by, idempotency_key)], loud=draft.loud)
            [letter] = write_letters([case], [draft], codes=[code])
            if case.origin == Origin.LIVE:
                post_notices(telling.received(case, letter.writer, code))
    except IntegrityError:
        # The constraint on the key decides between two clicks; whoever lost sees the winner's.
        first = Letter.objects.select_related("case").filter(case__idempotency_key=idempotency_key).first()
        if first is None:
            raise
        _check_same(first, draft)
        return first, code
    return letter, code


def _case_draft(draft: LetterDraft, by: Capacity, idempotency_key: str) -> CaseDraft:
    return CaseDraft(
        kind=KIND,
        title=draft.title,
        unit=draft.unit,
        by=by,
        applicant=by.user,
        origin=draft.origin,
        at=draft.at,
        idempotency_key=idempotency_key,
    )


def _check_same(first: Letter, draft: LetterDraft) -> None:
    """Going back to a sent form and writing another letter in it must not lose that letter."""
    if (first.case.title, first.text) != (draft.title, draft.text):
        raise Refused(
            f"此页面已提交过一封来信（编号{first.case.number}）。如需再写一封，请复制内容后重新打开写信页面。"
        )


def write_letters(
    cases: Sequence[Case], drafts: Sequence[LetterDraft], *, codes: Sequence[str], **facts: Sequence
) -> list[Letter]:
    """The letters' own rows for any number of new cases, in a handful of statements.

    `facts` are further columns of Letter, one value for each case. Call inside the transaction
    that opened the cases.
    """
    more = [dict(zip(facts, values, strict=True)) for values in zip(*facts.values(), strict=True)]
    letters = Letter.objects.bulk_create(
        Letter(case=case, text=draft.text, may_publish=draft.may_publish, **given)
        for case, draft, given in zip(cases, drafts, more or [{}] * len(cases), strict=True)
    )
    keys = DataKey.objects.bulk_create(DataKey() for _ in cases)
    LetterWriter.objects.bulk_create(
        _writer(letter, draft, key, code)
        for letter, draft, key, code in zip(letters, drafts, keys, codes, strict=True)
    )
    index_letters(letters)
    return letters


def _writer(letter: Letter, draft: LetterDraft, key: DataKey, code: str) -> LetterWriter:
    return LetterWriter(
        letter=letter,
        data_key=key,
        sealed_name=seal_text(draft.name, key),
        sealed_phone=seal_text(draft.phone, key) if draft.phone else b"",
        sealed_email=seal_text(draft.email, key) if draft.email else b"",
        phone_index=phone_index(draft.phone) if draft.phone else "",
        code_index=index_of(code) if code else "",
    )
