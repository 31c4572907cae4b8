"""Letters in templates: `{% load letters_tags %}`."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

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


@register.filter
def paragraphs(text: str) -> SafeString:
    """Every line that is not empty as a paragraph of its own, as letters are set."""
    lines = (line.strip() for line in text.splitlines())
    return format_html_join("\n", "<p>{}</p>", ((line,) for line in lines if line))
