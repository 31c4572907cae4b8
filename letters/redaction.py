"""The proposal for a public copy: letter and reply with personal data taken out."""

from collections.abc import Sequence

from yulin_gov.privacy.finding import find_personal_data, redact
from yulin_gov.privacy.models import Erased

from .models import Letter


def known_names(letter: Letter) -> list[str]:
    """The writer's name, which leaks through replies (“尊敬的张三”); nobody once erased."""
    try:
        name = letter.writer.name.strip()
    except Erased:
        return []
    return [name] if len(name) > 1 else []


def proposed_copy(letter: Letter) -> dict[str, str]:
    """Title, text and reply as they might be published; a person looks at them first."""
    names = known_names(letter)
    originals = {"title": letter.case.title, "text": letter.text, "reply": letter.reply}
    return {field: redacted(text, names) for field, text in originals.items()}


def redacted(text: str, names: Sequence[str] = ()) -> str:
    return redact(text, find_personal_data(text, names))
