"""Seeing who wrote a letter: recorded, with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from yulin_gov.accounts.audit import record_audit
from yulin_gov.casework.actions import noting
from yulin_gov.organization.capacity import Capacity
from yulin_gov.refused import Refused

from ..models import Letter, LetterWriter
from ..rules import may_reveal_identity


@dataclass(frozen=True)
class Identity:
    """Who wrote a letter and how to reach them."""

    name: str
    phone: str
    email: str


def reveal_identity(
    letter: Letter, *, by: Capacity, reason: str, request: HttpRequest | None = None
) -> Identity:
    """Show the writer's name and contact to somebody who deals with the letter.

    Leaves an event in the letter's log and an audit event. Raises Refused without a reason of
    four characters or more, or for somebody who may not; Erased where the person was forgotten.
    """
    reason = reason.strip()
    if not 4 <= len(reason) <= 200:
        raise Refused("请填写查看原因，4至200字。", field="reason")
    with noting(letter.pk, by=by) as running:
        letter.case = running.case
        if not may_reveal_identity(letter, by):
            raise Refused("您没有查看来信人信息的权限。")
        writer = LetterWriter.objects.select_related("data_key").get(pk=letter.pk)
        identity = Identity(writer.name, writer.phone, writer.email)
        running.record("letters.identity_revealed", {"reason": reason})
        record_audit(
            "letters.identity_revealed",
            by=by.user,
            subject=running.case.number,
            data={"reason": reason, "capacity": by.key},
            request=request,
        )
    return identity
