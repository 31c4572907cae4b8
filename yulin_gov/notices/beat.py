"""What runs when: taken into Celery's schedule."""

from celery.schedules import crontab

from .wake import PERIOD, TASK

SCHEDULE = {
    "notices.deliver_notices": {
        "task": TASK,
        "schedule": float(PERIOD),
        # While no worker runs, ticks must not pile up: one finds all there is.
        "options": {"expires": PERIOD},
    },
    "notices.forget_old_notices": {
        "task": "notices.forget_old_notices",
        "schedule": crontab(hour=3, minute=20),
    },
}
