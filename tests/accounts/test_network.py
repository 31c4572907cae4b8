import pytest
from django.test import RequestFactory

from yulin_gov.accounts.network import client_ip


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "address"),
    [
        (0, "1.1.1.1", "9.9.9.9", "9.9.9.9"),
        (1, "1.1.1.1, 2.2.2.2", "9.9.9.9", "2.2.2.2"),
        (2, "1.1.1.1, 2.2.2.2, 3.3.3.3", "9.9.9.9", "2.2.2.2"),
        (2, "1.1.1.1", "9.9.9.9", "1.1.1.1"),
        (1, "", "9.9.9.9", "9.9.9.9"),
        (1, "rubbish", "9.9.9.9", None),
        (0, "", "", None),
        (0, "", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, remote, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded, REMOTE_ADDR=remote)
    assert client_ip(request) == address
