"""The hostile tests share one city, built once and rolled back; every test finds it as it was."""

import logging

import pytest
from django.db import transaction

from . import city as cities


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield cities.build()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _as_it_was(world, django_db_blocker, settings):
    # Slow hashing is meant for attackers, and here we are the attacker who cannot wait.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.getLogger("django").setLevel(logging.CRITICAL)  # thousands of refusals are the point
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
    logging.getLogger("django").setLevel(logging.NOTSET)
