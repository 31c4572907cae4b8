"""What the three administrators see, by subject."""

from . import audit, calendar, people, units  # noqa: F401 - each registers its pages
