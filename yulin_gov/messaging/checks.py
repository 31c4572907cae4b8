"""A wrong gateway is found when the platform starts, not when the first message is lost."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from yulin_gov.messaging.gateways import HttpGateway


@checks.register
def check_sms_gateway(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """`SMS_GATEWAY` can be imported, and the HTTP gateway knows an http(s) address."""
    try:
        gateway = import_string(settings.SMS_GATEWAY)
    except ImportError as error:
        return [checks.Error(f"SMS_GATEWAY cannot be imported: {error}", id="messaging.E001")]
    if isinstance(gateway, type) and issubclass(gateway, HttpGateway):
        parts = urlsplit(settings.SMS_HTTP_URL)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return [checks.Error("SMS_HTTP_URL must be an http(s) address.", id="messaging.E002")]
    return []


@checks.register(checks.Tags.security, deploy=True)
def check_sms_leaves_the_house(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """The console gateway writes one-time codes into a file: good for a demonstration only."""
    if settings.SMS_GATEWAY == "yulin_gov.messaging.gateways.ConsoleGateway":
        return [checks.Info("SMS_GATEWAY is the console: no SMS leaves this machine.", id="messaging.I001")]
    return []
