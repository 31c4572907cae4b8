"""The organisation's tables: what there is (`units`), and who is what in it (`people`)."""

from .people import Appointment, Delegation, SupervisionScope
from .units import Division, Position, Unit, UnitName

__all__ = ["Appointment", "Delegation", "Division", "Position", "SupervisionScope", "Unit", "UnitName"]
