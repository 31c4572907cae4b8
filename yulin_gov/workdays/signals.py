"""What the calendar tells the floors above it."""

from django.dispatch import Signal

# Sent after commit with `revision: int`, `first_day: date` and `last_day: date` (the days that may
# have changed, both inclusive). Receivers must take **kwargs.
calendar_changed = Signal()
