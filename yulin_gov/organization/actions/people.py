"""Appointments, delegations and what a supervisor looks after."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from yulin_gov.accounts.audit import record_audit
from yulin_gov.accounts.models import User
from yulin_gov.accounts.validation import refuse_invalid
from yulin_gov.refused import Refused

from ..models import Appointment, Delegation, Position, SupervisionScope, Unit
from ..refusals import refusing
from ..signals import appointment_ended


def appoint(
    person: User,
    position: Position,
    *,
    from_date: date | None = None,
    to_date: date | None = None,
    by: User | None = None,
) -> Appointment:
    """`person` holds `position` from `from_date` (default today) to `to_date`, both included.

    Refused: citizens' accounts, an overlap with the same appointment, and two of the three
    administrators in one person at the same time.
    """
    if not person.is_official:
        raise Refused("群众账号不能任职，请为其开设工作人员账号。", field="person")
    appointment = Appointment(
        person=person, position=position, from_date=from_date or timezone.localdate(), to_date=to_date
    )
    with refusing():
        refuse_invalid(appointment)
        appointment.save()
        User.objects.filter(pk=person.pk).exclude(left_at=None).update(left_at=None)
        data = {
            "appointment": appointment.pk,
            "position": position.pk,
            "from": appointment.from_date.isoformat(),
        }
        record_audit("organization.appointed", by=by, subject=person.username, data=data)
    return appointment


def end_appointment(
    appointment: Appointment, *, on: date | None = None, by: User | None = None, reason: str = ""
) -> None:
    """`on` (default today) is the last day in office; a day still to come is only written down.

    Ending today or earlier takes effect at once: `appointment_ended` is sent in this transaction,
    the delegations given from this position are revoked, and somebody who holds nothing any more
    counts as having left. Refused where it already ended, or before it began.
    """
    on = on or timezone.localdate()
    with refusing():
        locked = Appointment.objects.select_for_update().get(pk=appointment.pk)
        if locked.ended_at:
            raise Refused("该任职已经结束。")
        if on < locked.from_date:
            raise Refused("免职日期不能早于任职日期。", field="to_date")
        locked.to_date = on
        locked.save()
        data = {
            "appointment": locked.pk,
            "position": locked.position_id,
            "on": on.isoformat(),
            "reason": reason,
        }
        record_audit("organization.appointment_ended", by=by, subject=locked.person.username, data=data)
        if on <= timezone.localdate():
            _take_effect(locked)
    appointment.to_date, appointment.ended_at = locked.to_date, locked.ended_at


def settle_ended_appointments() -> int:
    """Let the ends that were planned ahead take effect; returns how many did.

    Claims rows, so that two workers do no harm. One appointment that cannot be settled does not
    hold up the others: each has its own transaction.
    """
    due = Appointment.objects.filter(ended_at=None, to_date__lt=timezone.localdate())
    settled = 0
    for key in list(due.values_list("pk", flat=True)):
        with refusing():
            appointment = due.select_for_update(skip_locked=True).filter(pk=key).first()
            if appointment:
                _take_effect(appointment)
                settled += 1
    return settled


def _take_effect(appointment: Appointment) -> None:
    now = timezone.now()
    appointment.ended_at = now
    appointment.save()
    given = Delegation.objects.filter(
        principal=appointment.person_id, position=appointment.position_id, revoked_at=None, to_at__gt=now
    )
    for delegation in given:
        delegation.revoked_at = now
        delegation.save()
    still = Appointment.objects.filter(person=appointment.person_id, ended_at=None)
    if not still.exists():
        User.objects.filter(pk=appointment.person_id).update(left_at=now)
    appointment_ended.send(sender=Appointment, appointment=appointment)


def delegate(
    position: Position,
    *,
    principal: User,
    deputy: User,
    to_at: datetime,
    from_at: datetime | None = None,
    kinds: Iterable[str] = (),
    reason: str = "",
    by: User | None = None,
) -> Delegation:
    """`deputy` acts for `principal` in `position` from `from_at` (default now) until `to_at`, exclusive.

    `kinds` limits it to these case kinds; empty means all. Only somebody who holds the position
    can delegate it: a deputy has nothing to pass on, so delegations never chain. The positions of
    the three administrators are never delegated, or the exclusion would have a back door.
    """
    now = timezone.now()
    from_at = from_at or now
    if to_at <= now:
        raise Refused("代理结束时间应晚于现在。", field="to_at")
    if to_at <= from_at:
        raise Refused("代理结束时间应晚于开始时间。", field="to_at")
    if position.administrator:
        raise Refused("管理员职位不能由他人代理。", field="position")
    if not deputy.is_official or not deputy.is_active:
        raise Refused("代理人应为在用的工作人员账号。", field="deputy")
    held = Appointment.objects.current(max(from_at, now)).filter(person=principal, position=position)
    if not held.exists():
        raise Refused("只有在任者才能把职位交人代理，代理不能转托。", field="position")
    delegation = Delegation(
        position=position,
        principal=principal,
        deputy=deputy,
        from_at=from_at,
        to_at=to_at,
        kinds=sorted(set(kinds)),
        reason=reason,
    )
    with refusing():
        refuse_invalid(delegation)
        delegation.save()
        data = {
            "delegation": delegation.pk,
            "position": position.pk,
            "principal": principal.username,
            "until": to_at.isoformat(),
            "kinds": delegation.kinds,
        }
        record_audit("organization.delegated", by=by, subject=deputy.username, data=data)
    return delegation


def revoke_delegation(delegation: Delegation, *, by: User | None = None) -> None:
    """End a delegation now. Refused where it is already over."""
    now = timezone.now()
    with refusing():
        locked = Delegation.objects.select_for_update().get(pk=delegation.pk)
        if locked.revoked_at or locked.to_at <= now:
            raise Refused("该代理已经结束。")
        locked.revoked_at = now
        locked.save()
        data = {"delegation": locked.pk, "position": locked.position_id}
        record_audit("organization.delegation_revoked", by=by, subject=locked.deputy.username, data=data)
    delegation.revoked_at = now


def add_supervision(position: Position, *, unit: Unit, by: User | None = None) -> SupervisionScope:
    """The supervisor's position looks after `unit` and everything below it."""
    if "supervisor" not in position.roles:
        raise Refused("该职位没有监察员角色。", field="position")
    scope = SupervisionScope(position=position, unit=unit)
    refuse_invalid(scope)
    with refusing():
        scope.save()
        record_audit(
            "organization.supervision_added", by=by, subject=unit.code, data={"position": position.pk}
        )
    return scope


def remove_supervision(scope: SupervisionScope, *, by: User | None = None) -> None:
    """The supervisor's position no longer looks after that unit."""
    with refusing():
        data = {"position": scope.position_id}
        record_audit("organization.supervision_removed", by=by, subject=scope.unit.code, data=data)
        scope.delete()
