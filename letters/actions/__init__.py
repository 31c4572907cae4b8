"""Every verb of letters, one function each."""

from .handling import (
    accept_letter,
    decline_letter,
    pass_review,
    reply_to_letter,
    save_draft,
    submit_reply,
)
from .identity import Identity, reveal_identity
from .importing import ImportReport, import_letters
from .publishing import keep_letter_private, publish_letter, withdraw_publication
from .submitting import LetterDraft, submit_letter

__all__ = [
    "Identity",
    "ImportReport",
    "LetterDraft",
    "accept_letter",
    "decline_letter",
    "import_letters",
    "keep_letter_private",
    "pass_review",
    "publish_letter",
    "reply_to_letter",
    "reveal_identity",
    "save_draft",
    "submit_letter",
    "submit_reply",
    "withdraw_publication",
]
