"""What runs when: taken into Celery's schedule."""

from celery.schedules import crontab

SCHEDULE = {
    "files.remove_leftovers": {
        "task": "yulin_gov.files.tasks.remove_leftovers",
        "schedule": crontab(hour=3, minute=40),
    },
}
