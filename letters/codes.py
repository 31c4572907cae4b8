"""Query codes (查询码): what a writer follows a letter with, besides the phone number.

A code follows from the letter's idempotency key and the platform's secret: sending the same form
twice shows the same code, and no table holds it.
"""

from yulin_gov.casework.models import Case
from yulin_gov.privacy.keys import blind_index

# No 0, O, 1, I, L: people read codes over the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 10  # 31^10 codes: guessing one is hopeless even without the limits on tries


def code_for(idempotency_key: str) -> str:
    """Ten characters, unguessable without the platform's secret."""
    number = int(blind_index(idempotency_key, "letters.query_code"), 16)
    places = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        places.append(ALPHABET[place])
    return "".join(places)


def code_of(case: Case) -> str:
    """The code of a letter written here; empty for an imported one."""
    return code_for(case.idempotency_key) if case.idempotency_key else ""


def spaced(code: str) -> str:
    """ABCDE-FGHJK, easier to read out and to copy."""
    return f"{code[:5]}-{code[5:]}" if code else ""


def normal_code(written: str) -> str:
    """The code as it was given, whatever spaces, dashes and small letters were typed."""
    return "".join(character for character in written.upper() if character in ALPHABET)[: LENGTH * 2]


def index_of(code: str) -> str:
    return blind_index(code, "letters.code_index")


def phone_index(phone: str) -> str:
    """`phone` in its normal form (see `yulin_gov.messaging.phones`)."""
    return blind_index(phone, "letters.phone")
