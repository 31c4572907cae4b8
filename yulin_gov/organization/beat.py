"""What runs when: taken into Celery's schedule."""

from celery.schedules import crontab

SCHEDULE = {
    "organization.settle_ended_appointments": {
        "task": "yulin_gov.organization.tasks.settle_ended",
        "schedule": crontab(minute=5),  # every hour, so that a missed midnight is made good early
    },
}
