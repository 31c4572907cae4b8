import pytest
from django.db import connections

from tests.messaging.gateway_server import gateway_server
from tests.notices.factories import PREFIX
from yulin_gov.accounts.models import User
from yulin_gov.notices.models import Notice


@pytest.fixture
def gateway(settings):
    """A real HTTP gateway that honours idempotency keys."""
    settings.SMS_GATEWAY = "yulin_gov.messaging.gateways.HttpGateway"
    with gateway_server() as server:
        settings.SMS_HTTP_URL, settings.SMS_HTTP_TOKEN = server.url, "secret"
        yield server


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """Real commits, seen by other connections; the test's own rows are taken away afterwards.

    Not the usual flush: append-only tables refuse to be truncated.
    """
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            Notice.objects.filter(idempotency_key__startswith=PREFIX).delete()
            User.objects.filter(username__startswith=PREFIX).delete()
            connections.close_all()
