"""From the clerk's desk to the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TypedDict, Unpack

from django.db import transaction

from yulin_gov.casework.actions import stepping
from yulin_gov.casework.actions.stepping import check_capacity, lock_case, open_step
from yulin_gov.casework.batch import Batch
from yulin_gov.casework.models import Step
from yulin_gov.casework.participants import Participant
from yulin_gov.casework.running import RunningCase
from yulin_gov.files.models import StoredFile
from yulin_gov.organization.capacity import Capacity
from yulin_gov.refused import Refused

from .. import telling
from ..models import Letter

REPLY_LENGTH = (10, 20_000)  # characters
SHORTEST_REASON = 10  # characters; supervision takes less for no reason at all


class Given(TypedDict, total=False):
    """What every verb passes on to the step; `at` is for imported and demonstration records only."""

    opinion: str
    legal_basis: str
    to: Sequence[Participant]
    files: Sequence[StoredFile]
    at: datetime | None


def accept_letter(
    step: Step, *, by: Capacity, assign: Participant | None = None, **given: Unpack[Given]
) -> None:
    """Accept a letter (受理) and pass it to the drafters' pool, or to the one named. Tells the writer."""
    if assign:
        given["to"] = [assign]
    with stepping(step, by=by, outcome="accept", **given) as move:
        move.record("letters.accepted", {})
        move.running.notify(partial(telling.accepted, move.case))


def decline_letter(step: Step, *, by: Capacity, **given: Unpack[Given]) -> None:
    """Decline a letter (不予受理) with a reason of ten characters or more, which the writer can read."""
    reason = given["opinion"] = given.get("opinion", "").strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(f"请写明不予受理的理由，至少{SHORTEST_REASON}个字，来信人能看到。", field="opinion")
    with stepping(step, by=by, outcome="decline", **given) as move:
        move.record("letters.declined", {"reason": reason})
        move.running.notify(partial(telling.declined, move.case))


def save_draft(step: Step, *, by: Capacity, reply: str) -> None:
    """Keep the reply as far as it is written, without taking the step. No event."""
    reply = _checked_reply(reply, least=0)
    with transaction.atomic():
        running = RunningCase.load(lock_case(step.case_id), Batch(), by=by)
        current = open_step(running, step)
        check_capacity(running, current)
        if "submit" not in {route.outcome for route in running.stage_of(current).routes}:
            raise Refused("当前环节不能修改答复，请刷新后重试。")
        Letter.objects.filter(pk=step.case_id).update(reply=reply)


def submit_reply(step: Step, *, by: Capacity, reply: str, **given: Unpack[Given]) -> None:
    """Hand the drafted reply to the reviewer (提交审核); whoever does is its author."""
    reply = _checked_reply(reply)
    with stepping(step, by=by, outcome="submit", **given) as move:
        Letter.objects.filter(pk=move.case.pk).update(reply=reply, drafted_by=by.user)
        author = {"drafter": by.user.pk} if by.user else {}
        move.record("letters.drafted", {**author, "characters": len(reply)})


def pass_review(step: Step, *, by: Capacity, **given: Unpack[Given]) -> None:
    """The reviewer lets the draft pass (审核通过)."""
    with stepping(step, by=by, outcome="pass", **given):
        pass


def reply_to_letter(step: Step, *, by: Capacity, **given: Unpack[Given]) -> None:
    """Sign the reply and send it (签发并答复): from now on it never changes. Tells the writer.

    Stops the promised clock; where the writer agreed, publication comes next.
    """
    with stepping(step, by=by, outcome="reply", **given) as move:
        letter = Letter.objects.get(pk=move.case.pk)
        if not letter.reply.strip():
            raise Refused("还没有答复内容，请退回承办人拟写。")
        letter.replied_at = move.running.at
        letter.save(update_fields=["replied_at"])
        move.record("letters.replied", author_of(letter))
        move.running.notify(partial(telling.replied, move.case))


def author_of(letter: Letter) -> dict[str, int]:
    """For events: who drafted the reply, so that supervision can compare."""
    return {"drafter": letter.drafted_by_id} if letter.drafted_by_id else {}


def _checked_reply(reply: str, least: int = REPLY_LENGTH[0]) -> str:
    reply = reply.strip()
    if len(reply) < least:
        raise Refused(f"答复太短，请至少写{least}个字。", field="reply")
    if len(reply) > REPLY_LENGTH[1]:
        raise Refused(f"答复不能超过{REPLY_LENGTH[1]}字，现有{len(reply)}字。", field="reply")
    return reply
