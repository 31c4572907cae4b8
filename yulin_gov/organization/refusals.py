"""Sentences for what only the database can see: two people acting at once, and the triggers."""

from contextlib import contextmanager

from django.db import IntegrityError, transaction

from yulin_gov.accounts.validation import refusal_of

SENTENCES = {
    "organization_unit_no_circle": "不能把单位放到它自己的下级单位之下。",
    "organization_position_division": "该内设机构不属于所选单位。",
    "organization_delegation_held": "只有在任者才能把自己的职位交人代理，代理不能转托，管理员职位不能代理。",
}


@contextmanager
def refusing():
    """A transaction whose broken constraints become `Refused`."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise refusal_of(error, SENTENCES) from error
