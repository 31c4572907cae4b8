"""Who could do a step: the people of a unit, read once for the whole of a page."""

from __future__ import annotations

from yulin_gov.organization.capacity import Capacity
from yulin_gov.organization.models import Appointment
from yulin_gov.organization.queries import appointed_in

from .models import Case, Step
from .participants import Participant


def holders_in(case: Case, unit_id: int, role: str) -> list[Appointment]:
    """Today's appointments in a unit that carry a role. One query for a case instance and unit,
    whatever roles are asked for: several forms of one page ask for different ones."""
    known = case.__dict__.setdefault("_appointments", {})
    if unit_id not in known:
        known[unit_id] = list(appointed_in([unit_id]))
    return [appointment for appointment in known[unit_id] if role in appointment.position.roles]


def choice_of(appointment: Appointment) -> tuple[str, str]:
    """A person in a position as a form's choice."""
    return str(appointment.pk), f"{appointment.person.full_name}（{appointment.position.title}）"


def named(appointment: Appointment) -> Participant:
    """The participant that an appointment stands for."""
    position = appointment.position
    return Participant(position.unit, position=position, person_id=appointment.person_id)


def colleagues_of(step: Step, capacity: Capacity) -> list[Appointment]:
    """Whoever else holds the step's role in its unit."""
    holders = holders_in(step.case, step.unit_id, step.role)
    return [appointment for appointment in holders if appointment.person_id not in capacity.persons]
