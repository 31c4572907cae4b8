"""Who may: pure predicates over letters."""

from yulin_gov.organization.capacity import Capacity

from .models import Letter, Publication

_MAY_WITHDRAW = frozenset({"reviewer", "leader", "head"})
_MAY_REVEAL = frozenset({"letter_clerk", "drafter", "leader", "head"})


def may_withdraw_publication(publication: Publication, capacity: Capacity) -> bool:
    """Reviewers and leaders of the unit that published it, as long as it is public."""
    in_unit = capacity.unit_id == publication.unit_id
    return publication.withdrawn_at is None and in_unit and bool(_MAY_WITHDRAW & capacity.roles)


def may_reveal_identity(letter: Letter, capacity: Capacity) -> bool:
    """Whoever in the responsible unit deals with the writer."""
    return capacity.unit_id == letter.case.unit_id and bool(_MAY_REVEAL & capacity.roles)


def is_author(letter: Letter, capacity: Capacity) -> bool:
    """Whether the reply was written by this person or the one acted for."""
    return letter.drafted_by_id in capacity.persons
