"""What the packages above may want to know. Both are sent inside the transaction that changes it."""

from django.dispatch import Signal

# appointment: somebody no longer holds this position; what they had claimed goes back to the pool.
appointment_ended = Signal()

# unit, successor: the work of `unit` now belongs to `successor`.
unit_succeeded = Signal()
