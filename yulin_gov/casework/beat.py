"""What runs when: taken into Celery's schedule."""

from celery.schedules import crontab

_EVERY_FEW_SECONDS = {"schedule": 3.0, "options": {"expires": 3}}  # one tick finds all there is

SCHEDULE = {
    "casework.sweep_deadlines": {
        "task": "yulin_gov.casework.tasks.sweep_deadlines",
        **_EVERY_FEW_SECONDS,
    },
    "casework.drain_events": {"task": "yulin_gov.casework.tasks.drain_events", **_EVERY_FEW_SECONDS},
    "casework.recount_clocks": {
        "task": "yulin_gov.casework.tasks.recount_clocks",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "casework.anchor_events": {
        "task": "yulin_gov.casework.tasks.anchor_events",
        "schedule": crontab(hour=2, minute=10),
    },
}
