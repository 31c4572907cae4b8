"""As what somebody acts: a person in a position, a deputy for another, a citizen, the system."""

from dataclasses import dataclass
from datetime import datetime

from yulin_gov.accounts.models import User

from .models import Appointment, Delegation, Position, Unit


@dataclass(frozen=True)
class Capacity:
    """What an action is done as. Somebody with several capacities chooses one; it never mixes."""

    user: User | None
    unit: Unit | None = None
    position: Position | None = None
    roles: frozenset[str] = frozenset()
    acting_for: User | None = None  # the principal, where a deputy acts: “乙 代 甲”
    kinds: frozenset[str] = frozenset()  # a delegation's scope; empty = every case kind
    is_system: bool = False
    delegation_id: int | None = None

    @property
    def label(self) -> str:
        """“陈敏 · 市政府办公室 文秘科（代 黎明）”, “群众 张三”, “系统”."""
        if self.is_system:
            return "系统"
        if self.position is None:
            return str(self.user) if self.user else "群众"
        acting = f"（代 {self.acting_for}）" if self.acting_for else ""
        return f"{self.user} · {self.position.place}{acting}"

    @property
    def key(self) -> str:
        """Stable id for the choice kept in the session; one person's capacities never share it."""
        if self.is_system:
            return "system"
        if self.position is None:
            return "citizen"
        return f"d{self.delegation_id}" if self.acting_for else f"p{self.position.pk}"

    @property
    def persons(self) -> frozenset[int]:
        """Ids of the actor and of the one acted for: four eyes compares these."""
        return frozenset(person.pk for person in (self.user, self.acting_for) if person and person.pk)

    @property
    def administrator(self) -> str:
        """Which of the three administrators this is; empty for everybody else and for deputies."""
        return self.position.administrator if self.position and not self.acting_for else ""

    @property
    def unit_id(self) -> int | None:
        return self.unit.pk if self.unit else None

    def has_role(self, role: str) -> bool:
        return role in self.roles

    def covers(self, kind: str) -> bool:
        """Whether the delegation's scope includes this case kind; always, where one acts as oneself."""
        return not self.kinds or kind in self.kinds


SYSTEM = Capacity(user=None, is_system=True)


def citizen(user: User | None) -> Capacity:
    """Somebody acting for themselves; None for a person without an account."""
    return Capacity(user=user)


def capacities_of(user: User, at: datetime | None = None) -> list[Capacity]:
    """Everything `user` may act as at the moment `at` (aware; default now), in two queries at most.

    Own appointments first, in the order of the positions, then delegations held. Empty for
    citizens, for people whose account is closed, and for staff who hold nothing.
    """
    if not user.is_active or not user.is_official:
        return []
    places = ("position__unit", "position__division")
    own = Appointment.objects.current(at).filter(person=user).select_related(*places)
    held = Delegation.objects.current(at).filter(deputy=user).select_related(*places, "principal")
    capacities = [_of_position(user, appointment.position) for appointment in own]
    capacities += [
        _of_position(
            user,
            delegation.position,
            acting_for=delegation.principal,
            kinds=frozenset(delegation.kinds),
            delegation_id=delegation.pk,
        )
        for delegation in held.order_by("position__sort", "id")
    ]
    return capacities


def _of_position(user: User, position: Position, **more) -> Capacity:
    return Capacity(user=user, unit=position.unit, position=position, roles=frozenset(position.roles), **more)
