import json
import smtplib
import socket

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from tests.messaging.gateway_server import gateway_server
from yulin_gov.messaging.checks import check_sms_gateway
from yulin_gov.messaging.gateways import GatewayError, message_id, send_email, send_sms

CONSOLE = "yulin_gov.messaging.gateways.ConsoleGateway"
HTTP = "yulin_gov.messaging.gateways.HttpGateway"


@pytest.fixture
def server(settings):
    with gateway_server() as running:
        settings.SMS_GATEWAY, settings.SMS_HTTP_URL, settings.SMS_HTTP_TOKEN = HTTP, running.url, "secret"
        yield running


class VendorGateway:
    """Stands for a vendor's SDK with exceptions of its own."""

    def send(self, phone, text, *, key):
        raise LookupError("quota")


class RefusingMail(BaseEmailBackend):
    """A mail server that refuses with the reply code given in the address: 550@…, 451@…"""

    def send_messages(self, messages):
        (address,) = messages[0].to
        raise smtplib.SMTPRecipientsRefused({address: (int(address[:3]), b"no")})


class AbsentMail(BaseEmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError


def test_the_console_gateway_writes_one_line_for_each_message(settings, tmp_path):
    settings.SMS_GATEWAY, settings.DATA_DIR = CONSOLE, tmp_path
    send_sms("138 0000 1234", "信件已受理。\n第二行", key="a")
    send_sms("13900001234", "第二条", key="b")
    first, second = map(json.loads, (tmp_path / "messages.log").read_text().splitlines())
    assert (first["channel"], first["to"], first["text"]) == ("sms", "13800001234", "信件已受理。\n第二行")
    assert first["at"].endswith("+08:00")
    assert second["to"] == "13900001234"


def test_the_http_gateway_gets_token_key_and_text(server):
    send_sms("+86 13800001234", "您好，𠮷先生", key="letter:1:accepted")
    (request,) = server.tries
    assert (request["phone"], request["text"]) == ("13800001234", "您好，𠮷先生")
    assert request["headers"]["Authorization"] == "Bearer secret"
    assert request["headers"]["Idempotency-Key"] == request["key"]


def test_trying_again_uses_the_same_key_so_that_a_gateway_sends_once(server):
    server.answers = [0, 200]
    with pytest.raises(GatewayError) as failure:
        send_sms("13800001234", "一次", key="k")
    assert failure.value.retry
    send_sms("13800001234", "一次", key="k")
    send_sms("13800001234", "另一条", key="另一个")
    assert len(server.tries) == 3
    assert server.texts() == ["一次", "另一条"]


def test_a_gateway_that_had_this_key_before_has_taken_the_message(server):
    server.answers = [409]
    send_sms("13800001234", "一次", key="k")


@pytest.mark.parametrize(
    ("status", "retry"), [(400, False), (403, False), (408, True), (429, True), (500, True), (302, True)]
)
def test_only_a_lasting_refusal_is_not_tried_again(server, status, retry):
    server.answers = [status]
    with pytest.raises(GatewayError, match=str(status)) as failure:
        send_sms("13800001234", "文本", key="k")
    assert failure.value.retry is retry
    assert len(server.tries) == 1  # a redirect is not followed: it would drop the text


def test_a_gateway_that_is_away_is_tried_again(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.SMS_GATEWAY, settings.SMS_HTTP_URL = HTTP, f"http://127.0.0.1:{probe.getsockname()[1]}/"
    with pytest.raises(GatewayError) as failure:
        send_sms("13800001234", "文本", key="k")
    assert failure.value.retry


def test_a_landline_gets_no_sms_and_no_second_try(server):
    with pytest.raises(GatewayError) as failure:
        send_sms("0775-2823456", "文本", key="k")
    assert not failure.value.retry
    assert server.tries == []


def test_whatever_a_vendors_gateway_raises_is_a_gateway_error(settings):
    settings.SMS_GATEWAY = f"{__name__}.VendorGateway"
    with pytest.raises(GatewayError) as failure:
        send_sms("13800001234", "文本", key="k")
    assert failure.value.retry


def test_an_email_has_one_message_id_for_its_key(settings):
    send_email("citizen@example.com", "来信\n已受理", "正文", key="k")
    send_email("citizen@example.com", "来信\n已受理", "正文", key="k")
    first, second = mail.outbox
    assert first.subject == "来信 已受理"
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"] == message_id("k")
    assert message_id("k") != message_id("l")
    assert message_id("k").endswith("@yulin.example>")


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c", "a@b.cn\nBcc: x@y.cn"])
def test_an_address_that_is_none_is_not_tried_again(address):
    with pytest.raises(GatewayError) as failure:
        send_email(address, "标题", "正文", key="k")
    assert not failure.value.retry
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("backend", "address", "retry"),
    [
        ("RefusingMail", "550@example.com", False),
        ("RefusingMail", "451@example.com", True),
        ("AbsentMail", "a@example.com", True),
    ],
)
def test_a_mail_servers_passing_refusal_is_tried_again_a_lasting_one_not(settings, backend, address, retry):
    settings.EMAIL_BACKEND = f"{__name__}.{backend}"
    with pytest.raises(GatewayError) as failure:
        send_email(address, "标题", "正文", key="k")
    assert failure.value.retry is retry


def test_the_console_mail_backend_is_written_down_too(settings, tmp_path, capsys):
    settings.EMAIL_BACKEND, settings.DATA_DIR = "django.core.mail.backends.console.EmailBackend", tmp_path
    send_email("citizen@example.com", "标题", "正文", key="k")
    assert json.loads((tmp_path / "messages.log").read_text())["channel"] == "email"


@pytest.mark.parametrize(
    ("gateway", "url", "ids"),
    [
        (CONSOLE, "", []),
        (HTTP, "https://sms.example/send", []),
        (HTTP, "", ["messaging.E002"]),
        (HTTP, "file:///etc/passwd", ["messaging.E002"]),
        ("nowhere.Gateway", "", ["messaging.E001"]),
    ],
)
def test_a_wrong_gateway_setting_is_found_at_the_start(settings, gateway, url, ids):
    settings.SMS_GATEWAY, settings.SMS_HTTP_URL = gateway, url
    assert [message.id for message in check_sms_gateway(None)] == ids
