"""Publishing a letter with its reply, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Unpack

from yulin_gov.casework.actions import noting, stepping
from yulin_gov.casework.models import Step
from yulin_gov.organization.capacity import Capacity
from yulin_gov.pagecache import bump
from yulin_gov.privacy.finding import find_personal_data
from yulin_gov.refused import Refused

from ..findable import forget_publication, index_publication
from ..models import Letter, Publication
from ..redaction import known_names
from ..rules import is_author, may_withdraw_publication
from .handling import SHORTEST_REASON, Given, author_of

PAGES = "letters"  # every public page that lists letters depends on this key


def page_of(reference: str) -> str:
    """The key of one letter's public page."""
    return f"letter:{reference}"


def publish_letter(
    step: Step,
    *,
    by: Capacity,
    title: str,
    text: str,
    reply: str,
    confirmed: bool = False,
    **given: Unpack[Given],
) -> Publication:
    """Make the redacted copy of letter and reply public (公开); the originals stay untouched.

    Only with the writer's consent, and never by the reply's author. What still looks like
    personal data is refused unless `confirmed` says that somebody looked. Shows in the list and
    in search as soon as the transaction commits (page keys “letters” and the letter's own).
    """
    copy = {"title": title.strip(), "text": text.strip(), "reply": reply.strip()}
    for name, value in copy.items():
        if not value:
            raise Refused("公开内容不能为空。", field=name)
    with stepping(step, by=by, outcome="publish", **given) as move:
        letter = Letter.objects.select_related("writer__data_key").get(pk=move.case.pk)
        if not letter.may_publish:
            raise Refused("来信人未同意公开，不能公开。")
        if is_author(letter, by):
            raise Refused("答复由您拟写，公开审核须由他人办理。")
        if not confirmed:
            _refuse_personal_data(copy, known_names(letter))
        letter.case = move.case
        publication = Publication.objects.create(
            letter=letter,
            unit=move.case.unit,
            **copy,
            drafted_by_id=letter.drafted_by_id,
            reviewed_by=by.user,
            published_at=move.running.at,
        )
        changed = [
            copy["title"] != move.case.title,
            copy["text"] != letter.text,
            copy["reply"] != letter.reply,
        ]
        move.record("letters.published", {**author_of(letter), "redactions": sum(changed)})
        index_publication(publication)
        bump(PAGES, page_of(move.case.public_ref))
    return publication


def keep_letter_private(step: Step, *, by: Capacity, **given: Unpack[Given]) -> None:
    """End the letter without publishing it (不公开), for a reason given as the opinion."""
    with stepping(step, by=by, outcome="keep", **given) as move:
        move.record("letters.kept_private", {"reason": given.get("opinion", "").strip()})


def withdraw_publication(
    letter: Letter, *, by: Capacity, reason: str, at: datetime | None = None
) -> Publication:
    """Take a published letter off the public pages (撤下); its address says so from then on.

    Raises Refused without a reason, for somebody who may not, or where it is not public.
    """
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= 200:
        raise Refused(f"请填写撤下原因，{SHORTEST_REASON}至200字。", field="reason")
    with noting(letter.pk, by=by, at=at) as running:
        publications = Publication.objects.select_for_update(of=("self",)).select_related("unit")
        publication = publications.filter(letter=letter).first()
        if publication is None or publication.withdrawn_at is not None:
            raise Refused("该来信目前没有公开，请刷新后查看。")
        if not may_withdraw_publication(publication, by):
            raise Refused("您没有撤下公开内容的权限。")
        publication.withdrawn_at, publication.withdrawn_by = running.at, by.user
        publication.withdrawal_reason = reason
        publication.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
        running.record("letters.publication_withdrawn", {"reason": reason})
        forget_publication(publication)
        bump(PAGES, page_of(running.case.public_ref))
    return publication


def _refuse_personal_data(copy: dict[str, str], names: Sequence[str]) -> None:
    for field, value in copy.items():
        found = find_personal_data(value, names)
        if found:
            shown = "、".join(dict.fromkeys(f"“{finding.text}”" for finding in found[:5]))
            raise Refused(
                f"似乎还有个人信息：{shown}。请隐去；确认可以公开的，请勾选“已核对，不含个人信息”。",
                field=field,
            )
