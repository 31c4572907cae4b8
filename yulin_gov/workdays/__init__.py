"""The working-day calendar and the arithmetic of terms (working days, calendar days, working hours)."""
