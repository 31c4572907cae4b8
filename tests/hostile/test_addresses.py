"""No address breaks, whatever is asked of it."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.test import RequestFactory
from django.urls import resolve

from yulin_gov import wsgi

from .addresses import ADDRESSES, FORMS, Address, case, every_pattern
from .attacks import FORM, SHARP, TEXTS, elsewhere, encoded, fault

ASKED = ("kitchen", "nul", "surrogate", "long", "digit", "bigint")
BY_NAME = {address.name: address for address in ADDRESSES}
KEYS = [
    "x",
    "====",
    "W10",
    "WyJhIl0",
    "WyJhIixudWxsLG51bGxd",  # ["a",null,null]
    "WyJhIiwiMjAyNi0xMS0yM1QwMDowMDowMCIsMV0",  # a time without its zone
    "WyJhIiwiMDAwMS0wMS0wMVQwMDowMDowMCswODowMCIsMV0",  # before the first year, in UTC
    "WyJhIiwiOTk5OS0xMi0zMVQyMzo1OTo1OS0wODowMCIsMV0",  # after the last
    "WyJhIiwxZTMwOSwxXQ",
    "WyJhIiw5MjIzMzcyMDM2ODU0Nzc1ODA4XQ",
    "WyJhIix7ImEiOjF9LFtdXQ",
    "1_9999999999999999_1",
    "0_-9999999999999999_1",
    "1_1_²",
]
CASE = next(address for address in ADDRESSES if address.name == "casework:case")
COOKIES = {
    "sessionid": ["", "x", "a" * 5000, "坏", "';--", "x" * 32],
    "yulin_view": ["<script>", 'large\\"><svg>', "a" * 4000, "%00%ff", "坏"],
    "csrftoken": ["", "x", "a" * 5000, "<script>", "坏"],
    "messages": ["x", '[["__json_message",0,99,"<script>alert(1)</script>"]]', "坏:坏:坏"],
}
IDS = ["0", "9" * 400, "-1", "9223372036854775808", "9" * 5000, "²", "1%00"]


def asked(world, address, url=None, *, method=None, actor=None, **kwargs):
    with transaction.atomic():
        client = world.client(actor or address.actor)
        response = getattr(client, method or address.method)(url or address.url(world), **kwargs)
        transaction.set_rollback(True)
    return response


def check(faults: list[str]) -> None:
    assert not [fault for fault in faults if fault], "\n".join(fault for fault in faults if fault)


def said(what: str, problem: str) -> str:
    return f"{what}: {problem}" if problem else ""


def test_every_address_is_in_the_table():
    names = {name for name, _ in every_pattern() if not name.startswith("admin:")}
    assert names == set(BY_NAME)


def test_every_form_leads_to_an_address_of_the_table():
    assert {form.name for form in FORMS} <= set(BY_NAME)


class Found(HTMLParser):
    """The fields of a page's forms and the parameters of its links."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.method, self.found = "", "", []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.action, self.method = attrs.get("action", ""), attrs.get("method", "get").lower()
        if attrs.get("name") and tag in ("input", "select", "textarea", "button"):
            self.found.append((attrs.get("formaction") or self.action, self.method, attrs["name"]))
        if tag == "a" and "?" in attrs.get("href", ""):
            path, _, query = attrs["href"].partition("?")
            self.found += [(path, "get", name) for name, _ in parse_qsl(query)]


def test_every_field_and_parameter_is_in_the_table(world):
    fields = {}
    for form in FORMS:
        path = urlsplit(form.url(world)).path
        fields.setdefault(path, set()).update({*form.data(world), *form.files, "csrfmiddlewaretoken"})
    missing = set()
    pages = [address for address in ADDRESSES if address.method == "get"]
    at_work = {"drafting": "drafter", "review": "reviewer", "publishing": "reviewer", "new": "supervisor"}
    pages += [Address("casework:case", case(name), actor) for name, actor in at_work.items()]
    for address in pages:
        response = asked(world, address)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            continue
        reader = Found()
        reader.feed(response.content.decode())
        for action, method, name in reader.found:
            path = urlsplit(action).path or address.url(world)
            match = resolve(path).view_name
            known = BY_NAME[match].query if method == "get" else fields.get(path) or _alike(fields, match)
            if name not in known and _plain(name) not in {_plain(one) for one in known}:
                missing.add((match, method, name))
    assert not missing


def _alike(fields: dict, view: str) -> set:
    return {name for path, names in fields.items() if resolve(path).view_name == view for name in names}


def _plain(name: str) -> str:
    return re.sub(r"\d+", "", name)


@pytest.mark.parametrize("address", [a for a in ADDRESSES if a.query], ids=lambda a: a.name)
def test_parameters_never_break_a_page(world, address):
    base, faults = address.url(world), []
    for label, value in {**{label: SHARP[label] for label in ASKED}, "array": ["1", "<b>", "2"]}.items():
        # No server lets more than this through in an address.
        said_of_all = {name: value[:3000] for name in address.query if name != "export"}
        response = asked(world, address, f"{base}?{encoded(said_of_all)}")
        faults.append(said(label, fault(response)))
        if elsewhere(response):
            faults.append(f"{label} leads to {response['Location'][:80]}")
    if "export" in address.query:
        faults.append(
            fault(asked(world, address, f"{base}?{encoded(said_of_all | {'export': TEXTS['quotes']})}"))
        )
    faults.append(fault(asked(world, address, f"{base}?%ff=%00&&&=&[]=1&{'a=1&' * 900}")))
    check(faults)


@pytest.mark.parametrize(
    "address", [a for a in ADDRESSES if {"key", "page"} & {*a.query}], ids=lambda a: a.name
)
def test_a_broken_paging_key_gives_the_first_page(world, address):
    name = "key" if "key" in address.query else "page"
    url, faults = address.url(world), []
    # One reader reads them all; it differs by order, and by whether it merges.
    for key in KEYS if address.name in ("letters:list", "casework:todo") else KEYS[3:7]:
        response = asked(world, address, f"{url}?{name}={quote(key)}")
        faults.append(said(key, fault(response) or ("" if response.status_code == 200 else "not the page")))
    check(faults)


def test_a_broken_key_of_a_search_gives_the_first_page(world):
    for address in (BY_NAME["letters:list"], BY_NAME["office_letters:list"]):
        url = f"{address.url(world)}?q={quote('路灯')}"
        check([said(key, fault(asked(world, address, f"{url}&key={quote(key)}"))) for key in KEYS[-4:]])


def test_searching_for_anything_finds_or_does_not(world):
    faults = []
    for label, value in TEXTS.items():
        response = asked(world, BY_NAME["letters:list"], f"/letters/?{encoded({'q': value[:3000]})}")
        faults.append(said(label, fault(response) or ("" if response.status_code == 200 else "refused")))
    check(faults)


@pytest.mark.parametrize("method", ["head", "post", "put"])
def test_the_wrong_method_is_answered(world, method):
    faults = []
    for address in ADDRESSES:
        response = asked(world, address, method=method)
        faults.append(said(f"{method} {address.name}", fault(response)))
        if method == "head" and response.status_code == 200 and not response.streaming and response.content:
            faults.append(f"HEAD {address.name} has a body")
    check(faults)


def test_reading_never_writes(world):
    """GET on what only POST may do is refused, so that no link and no picture does it."""
    for address in ADDRESSES:
        if address.method == "post":
            assert asked(world, address, method="get").status_code == 405, address.name


def test_ids_that_cannot_be(world):
    faults = []
    for address in ADDRESSES:
        args = address.args(world)
        # Most of them never get past the address's pattern, which is the same everywhere.
        for value in (IDS if address is CASE else IDS[:2]) if args else ():
            url = address.url(world)
            url = url.replace(f"/{args[0]}/", f"/{value}/", 1)
            response = asked(world, address, url)
            faults.append(said(f"{address.name} {value[:20]}", fault(response, sentence=len(value) < 300)))
            if response.status_code != 404:
                faults.append(f"{url[:80]} gave {response.status_code}")
    check(faults)


@pytest.mark.parametrize("path", [
    "/%00", "/%ff", "/%ED%A0%80/", "/letters/%00/", "/letters/𠮷/", "/letters/..%2f..%2fetc/",
    "/office/%0d%0aSet-Cookie:%20hacked=1", "/office/steps/1/take/%00/", "/" + "a" * 4000, "/static/../manage.py",
    "/static/%2e%2e/%2e%2e/etc/passwd", "/admin/%00/", "/office/cases/1", "/letters/<script>alert(1)</script>/",
])  # fmt: skip
def test_addresses_that_are_none(world, path):
    for actor in ("anonymous", "clerk"):
        response = asked(world, ADDRESSES[0], path, actor=actor)
        assert not fault(response, sentence=False)
        assert not elsewhere(response), response["Location"]
        assert response.status_code in (301, 302, 404)


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in COOKIES.items() for v in values])
def test_garbage_in_cookies(world, name, value):
    for address in ("portal:home", "letters:new", "casework:todo", "accounts:sign-in"):
        client = world.client()
        header = f"{name}={value}".encode().decode("latin-1")
        assert not fault(client.get(BY_NAME[address].url(world), HTTP_COOKIE=header)), address
    posted = client.post("/accounts/sign-out/", HTTP_COOKIE=header)
    assert not fault(posted)


@pytest.mark.parametrize("header", [
    {"HTTP_HOST": "evil.example"}, {"HTTP_HOST": "127.0.0.1:99999"}, {"HTTP_HOST": "a\0b"}, {"HTTP_HOST": ""},
    {"HTTP_X_FORWARDED_FOR": "x, ::1, 坏"}, {"HTTP_ACCEPT_LANGUAGE": "x" * 5000}, {"HTTP_IF_NONE_MATCH": "坏\""},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "//evil.example/\r\n"}, {"HTTP_RANGE": "bytes=9-1,x"},
    {"HTTP_IF_MODIFIED_SINCE": "Mon, 99 Foo 99999 99:99:99 GMT"}, {"HTTP_AUTHORIZATION": "Basic \0"},
    {"HTTP_REFERER": "javascript:alert(1)"}, {"REMOTE_ADDR": "unix:"}, {"HTTP_ACCEPT": "application/json"},
    {"HTTP_ACCEPT_ENCODING": "gzip;q=坏"}, {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://[::bad"},
])  # fmt: skip
def test_strange_headers(world, header):
    for url in ("/", "/letters/new/", "/office/", "/accounts/sign-in/"):
        response = world.client().get(url, **header)
        assert not fault(response, sentence=False), (url, fault(response, sentence=False))
        assert "evil.example" not in response.headers.get("Location", ""), url
        assert b"evil.example" not in response.content


CHARSETS = [
    "rot13",
    "undefined",
    "idna",
    "x-none",
    "utf-16",
    "hex",
    "gbk",
    '"UTF-8"',
    "punycode",
    "Hex;x",
    "",
]


@pytest.mark.parametrize("charset", CHARSETS)
def test_strange_encodings(monkeypatch, charset):
    """The charset is the sender's claim; some that Python knows are no text encodings at all."""

    def read(environ, start_response):
        request = WSGIRequest(environ)
        return [request.GET["mode"].encode(), request.content_type.encode()]

    monkeypatch.setattr(wsgi, "_django", read)
    for content_type in (FORM, "multipart/form-data; boundary=x", "text/plain"):
        environ = RequestFactory().post("/view/?mode=%E8%B7%AF%ff").environ
        environ["CONTENT_TYPE"] = f"{content_type}; charset={charset}"
        mode, kind = wsgi.application(environ, None)
        assert mode
        assert kind.decode() == content_type.partition(";")[0]
