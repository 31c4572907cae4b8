"""A public deployment starts only with everything it needs, and never holds demo data."""

import os
import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from yulin_gov import embedded

COMPLETE = {
    "YULIN_ENV": "production",
    "SECRET_KEY": "q7Wk2vX9" * 8,
    "PRIVACY_KEYS": "newest-key-newest-key,older-key-older-key",
    "ALLOWED_HOSTS": "www.yulin.example",
    "DATABASE_URL": "postgres://app:secret@db.example/yulin",
    "REDIS_URL": "redis://redis.example/0",
}


@pytest.fixture
def settings_with(monkeypatch):
    """The settings as a fresh process would read them in this environment."""

    def read(**environment: str | None) -> dict:
        for name in (*COMPLETE, "DEBUG", "DATABASE_OWNER_URL", "CELERY_BROKER_URL", "YULIN_DATABASE_ROLE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            if value is not None:
                monkeypatch.setenv(name, value)
        return runpy.run_path(str(embedded.BASE_DIR / "yulin_gov" / "settings.py"))

    return read


def test_production_starts_with_everything_it_needs(settings_with):
    settings = settings_with(**COMPLETE)
    assert settings["DATABASES"]["default"]["HOST"] == "db.example"
    assert settings["REDIS_URL"] == "redis://redis.example/0"
    assert not settings["DEBUG"]
    assert settings["SESSION_COOKIE_SECURE"] and settings["CSRF_COOKIE_SECURE"]
    assert settings["SECURE_SSL_REDIRECT"] and settings["SECURE_HSTS_SECONDS"]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + "x" * 60}, "SECRET_KEY"),
        ({"DEBUG": "1"}, "DEBUG"),
        ({"DEBUG": "true"}, "DEBUG"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "www.yulin.example,*"}, "ALLOWED_HOSTS"),
        ({"PRIVACY_KEYS": None}, "PRIVACY_KEYS"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"REDIS_URL": None}, "REDIS_URL"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
    ],
)
def test_production_refuses_to_start_and_says_which_setting_is_missing(settings_with, changed, named):
    with pytest.raises(ImproperlyConfigured, match=named):
        settings_with(**COMPLETE | changed)


def test_demo_data_belongs_to_a_private_database_only(settings_with):
    assert settings_with()["DEMO"] is True
    assert settings_with(DATABASE_URL="postgres://app@db.example/yulin")["DEMO"] is False
    assert settings_with(**COMPLETE)["DEMO"] is False


def test_the_application_does_not_own_its_tables(settings_with):
    served = settings_with()
    assert served["DATABASES"]["default"]["USER"] == served["APP_ROLE"] == embedded.APP
    assert settings_with(YULIN_DATABASE_ROLE="owner")["DATABASES"]["default"]["USER"] == embedded.OWNER


@pytest.mark.django_db
def test_production_never_seeds_even_when_asked():
    address = embedded.postgres_url(database=connection.settings_dict["NAME"])
    environment = os.environ | COMPLETE | {"DATABASE_URL": address, "YULIN_DATABASE_ROLE": "app"}
    asked = subprocess.run(
        [sys.executable, "manage.py", "seed_demo"],
        cwd=embedded.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert asked.returncode != 0
    assert "Traceback" not in asked.stderr and "Unknown command" not in asked.stderr
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user")
        assert cursor.fetchone() == (0,)
