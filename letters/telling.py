"""What the writer of a letter is told, by SMS and e-mail."""

from django.urls import reverse

from yulin_gov.casework.models import Case
from yulin_gov.notices.actions import NoticeDraft
from yulin_gov.privacy.models import Erased

from .codes import spaced
from .models import LetterWriter


def received(case: Case, writer: LetterWriter, code: str) -> list[NoticeDraft]:
    body = f"您的来信已收到，编号{case.number}，查询码{spaced(code)}。凭查询码和电话可随时查看办理进度。"
    return _to_writer(case, writer, "received", "来信已收到", body)


def accepted(case: Case) -> list[NoticeDraft]:
    body = f"您的来信（编号{case.number}）已由{case.unit.name}受理，将在时限内答复。"
    return _to_writer(case, _writer_of(case), "accepted", "来信已受理", body)


def declined(case: Case) -> list[NoticeDraft]:
    body = f"您的来信（编号{case.number}）经{case.unit.name}研究不予受理，理由请凭查询码查看。"
    return _to_writer(case, _writer_of(case), "declined", "来信不予受理", body)


def replied(case: Case) -> list[NoticeDraft]:
    body = f"{case.unit.name}已答复您的来信（编号{case.number}），请凭查询码和电话查看答复全文。"
    return _to_writer(case, _writer_of(case), "replied", "来信已答复", body)


def _writer_of(case: Case) -> LetterWriter:
    return LetterWriter.objects.select_related("data_key").get(pk=case.pk)


def _to_writer(case: Case, writer: LetterWriter, what: str, title: str, body: str) -> list[NoticeDraft]:
    """Told once each, whatever is withdrawn and done again. Only a mobile phone receives SMS;
    whoever gave neither mobile nor e-mail follows by code, whoever was erased is left alone."""
    try:
        phone, email = writer.phone, writer.email
    except Erased:
        return []
    mobile = phone if phone.startswith("1") else None
    if not mobile and not email:
        return []
    return [
        NoticeDraft(
            key=f"letter:{case.number}:{what}",
            kind=f"letters.{what}",
            title=title,
            body=body,
            url=reverse("letters:track"),
            phone=mobile,
            email=email or None,
            data_key=writer.data_key,
            subject_key=case.subject_key,
            channels=(),
        )
    ]
