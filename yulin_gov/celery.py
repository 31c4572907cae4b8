"""The Celery application. Its schedule is gathered from the apps: see `beat.py` in each."""

import os
import warnings
from importlib import import_module
from importlib.util import find_spec

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yulin_gov.settings")

# The private demonstration is often started as root, and Celery has much to say about that.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("yulin_gov")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def gather_schedule(sender, **kwargs) -> None:
    """Every app says in `beat.SCHEDULE` what is to run when."""
    from django.apps import apps

    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.beat"):
            sender.conf.beat_schedule.update(import_module(f"{config.name}.beat").SCHEDULE)
