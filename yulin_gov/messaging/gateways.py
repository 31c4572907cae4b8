"""The doors to the outside: SMS gateways by setting, e-mail by Django's mail backend.

`send_sms` and `send_email` are what everybody calls. Both raise `GatewayError` and nothing else
when a message could not be handed over; its `retry` says whether trying again can help.
"""

import hashlib
import json
import logging
import smtplib
import urllib.error
import urllib.request
from email.utils import parseaddr
from functools import lru_cache
from http.client import HTTPException
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.module_loading import import_string

from yulin_gov.messaging.phones import normal_phone
from yulin_gov.refused import Refused

__all__ = [
    "ConsoleGateway",
    "GatewayError",
    "HttpGateway",
    "SmsGateway",
    "message_id",
    "normal_phone",
    "send_email",
    "send_sms",
]

logger = logging.getLogger(__name__)

TIMEOUT = 10  # seconds; callers hold their claim on a message longer than this
# The server was busy or in doubt; every other 4xx says that this message will never be taken.
_RETRY_STATUS = {408, 425, 429}
_ALREADY_SENT = 409


class GatewayError(Exception):
    """A message was not handed over. `retry` is false where trying again cannot help."""

    def __init__(self, message: str, *, retry: bool) -> None:
        super().__init__(message)
        self.retry = retry


class SmsGateway(Protocol):
    """What `settings.SMS_GATEWAY` names: a class made without arguments, safe between threads."""

    def send(self, phone: str, text: str, *, key: str) -> None:
        """Hand one SMS over, or raise `GatewayError`.

        `key` is the same whenever the same message is tried again; a gateway that honours it
        sends the message once.
        """


class ConsoleGateway:
    """Sends nothing: writes messages into `messages.log` in the data directory and into the log.

    For demonstrations and development. It does not honour the key: every try is one line.
    """

    def send(self, phone: str, text: str, *, key: str) -> None:
        _write_down("sms", phone, text, key=key)


class HttpGateway:
    """A plain JSON gateway: POST to `SMS_HTTP_URL` with `phone`, `text` and `key`.

    The token goes into `Authorization: Bearer`, the key into `Idempotency-Key`; an answer of 2xx,
    or 409 (“had this key before”), means the message is taken.
    """

    def send(self, phone: str, text: str, *, key: str) -> None:
        digest = hashlib.sha256(key.encode()).hexdigest()  # keys may be long and hold any character
        body = json.dumps({"phone": phone, "text": text, "key": digest}, ensure_ascii=False)
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": digest}
        if settings.SMS_HTTP_TOKEN:
            headers["Authorization"] = f"Bearer {settings.SMS_HTTP_TOKEN}"
        try:
            request = urllib.request.Request(settings.SMS_HTTP_URL, body.encode(), headers, method="POST")
            _opener().open(request, timeout=TIMEOUT).close()  # the status says it all
        except urllib.error.HTTPError as error:
            with error:
                if error.code == _ALREADY_SENT:
                    return
                lasting = 400 <= error.code < 500 and error.code not in _RETRY_STATUS
            raise GatewayError(f"短信网关返回 {error.code}", retry=not lasting) from error
        except (OSError, HTTPException, ValueError) as error:  # no route, time-out, broken answer
            raise GatewayError(f"短信网关无法连接：{type(error).__name__}", retry=True) from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET whose “200” says nothing about the message."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


@lru_cache(maxsize=1)
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)


@lru_cache(maxsize=8)
def _sms_gateway(path: str) -> SmsGateway:
    return import_string(path)()


def send_sms(phone: str, text: str, *, key: str) -> None:
    """Hand one SMS to the gateway of `settings.SMS_GATEWAY`.

    `key` names the message: trying again must use the same. Raises `GatewayError`, without
    `retry` for a number that receives no SMS. Side effect: one call to the outside, which may
    take up to 10 seconds; never call it inside a transaction.
    """
    try:
        phone = normal_phone(phone, mobile_only=True)
    except Refused as refusal:
        raise GatewayError(refusal.sentence, retry=False) from refusal
    try:
        _sms_gateway(settings.SMS_GATEWAY).send(phone, text, key=key)
    except GatewayError:
        raise
    except Exception as error:  # a vendor's SDK may raise anything
        logger.exception("The SMS gateway failed in a way of its own")
        raise GatewayError(f"短信网关出错：{type(error).__name__}", retry=True) from error


def send_email(address: str, subject: str, text: str, *, key: str) -> None:
    """Hand one plain-text e-mail to Django's mail backend.

    Its Message-ID is derived from `key`, so that a mail sent again is recognised as the same.
    Raises `GatewayError`, without `retry` for an address that cannot receive mail. Side effect:
    one call to the outside, which may take up to 10 seconds; never call it inside a transaction.
    """
    try:
        validate_email(address)
    except ValidationError as error:
        raise GatewayError("电子邮箱地址格式不正确", retry=False) from error
    subject = " ".join(subject.split())  # a line break would end the header
    headers = {"Message-ID": message_id(key), "Auto-Submitted": "auto-generated"}
    try:
        connection = get_connection(timeout=TIMEOUT)
        EmailMessage(subject, text, to=[address], headers=headers, connection=connection).send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        raise GatewayError("邮件服务器拒收", retry=not _refused_for_good(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise GatewayError(f"邮件服务器无法连接：{type(error).__name__}", retry=True) from error
    except Exception as error:  # any other backend's own failures
        logger.exception("The mail backend failed in a way of its own")
        raise GatewayError(f"邮件发送出错：{type(error).__name__}", retry=True) from error
    if settings.EMAIL_BACKEND == "django.core.mail.backends.console.EmailBackend":
        _write_down("email", address, f"{subject}\n{text}", key=key)


def message_id(key: str) -> str:
    """The Message-ID (RFC 5322) of the e-mail with this key."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _refused_for_good(error: smtplib.SMTPException) -> bool:
    """5yz is a lasting refusal, 4yz a passing one (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return error.smtp_code >= 500


def _write_down(channel: str, to: str, text: str, *, key: str) -> None:
    at = timezone.localtime().isoformat(timespec="seconds")
    line = json.dumps({"at": at, "channel": channel, "to": to, "text": text, "key": key}, ensure_ascii=False)
    # One write in append mode: lines of two processes never mix.
    with open(settings.DATA_DIR / "messages.log", "ab", buffering=0) as log:
        log.write(line.encode() + b"\n")
    logger.info("%s to %s: %s", channel, to, text)
