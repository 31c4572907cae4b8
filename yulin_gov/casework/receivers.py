"""What casework does when the floors below it change."""

from django.dispatch import receiver

from yulin_gov.organization.signals import appointment_ended, unit_succeeded
from yulin_gov.workdays.signals import calendar_changed

from . import wake


@receiver(appointment_ended)
def put_back_claimed_steps(sender, appointment, **kwargs) -> None:
    """Whoever leaves a position leaves his claimed work to the position's unit."""
    from .actions import release_steps_of

    release_steps_of(appointment.person_id, appointment.position_id)


@receiver(unit_succeeded)
def move_open_work(sender, unit, successor, **kwargs) -> None:
    """Whatever a merged unit had open goes on under its successor."""
    from .actions import succeed_cases

    succeed_cases(unit, successor=successor)


@receiver(calendar_changed)
def recount_deadlines(sender, **kwargs) -> None:
    """A changed calendar moves deadlines; the worker recounts them."""
    wake.recounting()
