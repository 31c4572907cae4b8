"""Who of the staff may sign in, and where they arrive. Registered with accounts, which knows no positions."""

from django.urls import reverse

from yulin_gov.accounts.models import User
from yulin_gov.accounts.sign_in import register_landing, register_sign_in_rule
from yulin_gov.refused import Refused

from .capacity import capacities_of


def holds_something(user: User) -> None:
    """Sign-in rule: staff without an appointment or a delegation today have no business inside."""
    if user.is_official and not capacities_of(user):
        raise Refused("您目前没有任职，不能登录办公系统。如有疑问，请与本单位管理员联系。")


def administrators_desk(user: User) -> str | None:
    """Landing: somebody who is an administrator and nothing else arrives in /admin/."""
    capacities = capacities_of(user)
    if capacities and all(capacity.administrator for capacity in capacities):
        return reverse("admin:index")
    return None


register_sign_in_rule(holds_something)
register_landing(administrators_desk)
