"""Who may, asked by templates: `{% load letters_tags %}`."""

from django import template

from yulin_gov.organization.capacity import Capacity

from .. import rules
from ..models import Letter, Publication

register = template.Library()


@register.filter
def revealable_by(letter: Letter, capacity: Capacity) -> bool:
    return rules.may_reveal_identity(letter, capacity)


@register.filter
def withdrawable_by(publication: Publication | None, capacity: Capacity) -> bool:
    return publication is not None and rules.may_withdraw_publication(publication, capacity)
