"""The project package: settings, and the kernel on which every service stands."""

from yulin_gov.celery import app as celery_app

__all__ = ["celery_app"]
