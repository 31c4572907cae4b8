import pytest

from tests.messaging.gateway_server import gateway_server


@pytest.fixture
def gateway(settings):
    """A real HTTP gateway that honours idempotency keys."""
    settings.SMS_GATEWAY = "yulin_gov.messaging.gateways.HttpGateway"
    with gateway_server() as server:
        settings.SMS_HTTP_URL, settings.SMS_HTTP_TOKEN = server.url, "secret"
        yield server
