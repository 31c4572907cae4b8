"""The closed vocabularies of letters."""

from django.db.models import TextChoices

KIND = "letters.letter"  # the case kind of every letter


class Outcome(TextChoices):
    """How a letter's case ends."""

    DECLINED = "declined", "不予受理"
    REPLIED = "replied", "已答复"
    PUBLISHED = "published", "已答复并公开"
    WITHDRAWN = "withdrawn", "已撤回"
