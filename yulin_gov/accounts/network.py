"""Where a request comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The client's address, believing exactly `settings.TRUSTED_PROXIES` entries of X-Forwarded-For.

    With no proxy of ours in front the header is the client's own invention and is ignored.
    Returns None where there is no valid address (a unix socket).
    """
    address = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXIES
    if proxies:
        forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        forwarded = [part for part in forwarded if part]
        if forwarded:
            # Each proxy appends the address it saw; the entry of our outermost one is the client's.
            address = forwarded[max(0, len(forwarded) - proxies)]
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
