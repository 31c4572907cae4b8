"""What runs when: taken into Celery's schedule."""

from celery.schedules import crontab

SCHEDULE = {
    "workdays.warn_of_missing_year": {
        "task": "yulin_gov.workdays.tasks.warn_of_missing_year",
        "schedule": crontab(hour=8, minute=30),
    },
}
