"""Letters of the cast: written by 唐丽 to 市城管局 unless a test says otherwise."""

from __future__ import annotations

import uuid

from letters import actions
from letters.actions import LetterDraft, submit_letter
from letters.models import Letter
from yulin_gov.casework.models import Step

TITLE = "人民东路路灯晚上不亮请维修"
TEXT = "人民东路与教育路交叉口的三盏路灯已经一周不亮了，晚上行人很多，请尽快维修。"
REPLY = "您好！来信收悉。经现场核查，三盏路灯系线路故障，已于今日修复。感谢您的监督。"
PHONE = "13800001234"
NAME = "韦小芬"


def draft(city, **facts) -> LetterDraft:
    said = {
        "unit": city.unit("市城管局"),
        "title": TITLE,
        "text": TEXT,
        "name": NAME,
        "phone": PHONE,
        "may_publish": True,
    }
    return LetterDraft(**{**said, **facts})


def sent(city, **facts) -> Letter:
    """A letter that has just come in."""
    letter, _ = submit_letter(draft(city, **facts), idempotency_key=uuid.uuid4().hex)
    return letter


def step_of(letter: Letter) -> Step:
    """The one open step of the letter."""
    return Step.objects.select_related("case").get(case=letter.pk, closed_at=None)


def accepted(city, **facts) -> Letter:
    letter = sent(city, **facts)
    actions.accept_letter(step_of(letter), by=city.as_("梁敏"))
    return letter


def drafted(city, *, reply: str = REPLY, **facts) -> Letter:
    letter = accepted(city, **facts)
    actions.submit_reply(step_of(letter), by=city.as_("陈刚"), reply=reply)
    return letter


def replied(city, **facts) -> Letter:
    letter = drafted(city, **facts)
    actions.pass_review(step_of(letter), by=city.as_("黄勇"))
    actions.reply_to_letter(step_of(letter), by=city.as_("庞洁"))
    return Letter.objects.select_related("case__unit").get(pk=letter.pk)


def published(city, **facts) -> Letter:
    letter = replied(city, **facts)
    copy = {"title": letter.case.title, "text": letter.text, "reply": letter.reply}
    actions.publish_letter(step_of(letter), by=city.as_("黄勇"), **copy)
    return Letter.objects.select_related("case__unit", "publication").get(pk=letter.pk)
