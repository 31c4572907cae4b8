"""The numbers by which people call their letters."""

from django.db import connection
from django.utils import timezone


def new_numbers(count: int) -> list[str]:
    """Numbers like LX2026000123 from a sequence: unique, rising, not gapless. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('letters_number_seq') FROM generate_series(1, %s)", [count])
        numbers = [number for (number,) in cursor.fetchall()]
    return [f"LX{timezone.localdate().year}{number:06d}" for number in numbers]
