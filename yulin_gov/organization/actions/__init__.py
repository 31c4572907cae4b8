"""What can be done to the organisation. Each verb writes an audit event in its transaction."""

from .people import (
    add_supervision,
    appoint,
    delegate,
    end_appointment,
    remove_supervision,
    revoke_delegation,
    settle_ended_appointments,
)
from .units import (
    abolish_unit,
    change_division,
    change_position,
    change_unit,
    create_division,
    create_position,
    create_unit,
    move_unit,
    rename_unit,
    succeed_unit,
)

__all__ = [
    "abolish_unit",
    "add_supervision",
    "appoint",
    "change_division",
    "change_position",
    "change_unit",
    "create_division",
    "create_position",
    "create_unit",
    "delegate",
    "end_appointment",
    "move_unit",
    "remove_supervision",
    "rename_unit",
    "revoke_delegation",
    "settle_ended_appointments",
    "succeed_unit",
]
