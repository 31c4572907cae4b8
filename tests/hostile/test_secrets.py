"""What nobody may read: in lists, in caches, in the tables, in the log, in exports."""

import io
import re
from functools import cache

import pytest
from django.db import connection
from django.test import Client
from openpyxl import load_workbook

from letters.models import LetterWriter
from tests.letters import factories
from yulin_gov import pagecache
from yulin_gov.accounts.models import AuditEvent
from yulin_gov.casework.models import CaseEvent
from yulin_gov.pagecache.store import store
from yulin_gov.privacy.masking import mask_name

from .addresses import ADDRESSES
from .city import EMAIL, NAME, PASSWORD, PHONE, SECRETS
from .test_addresses import asked
from .test_codes import without_values

PUBLIC_PAGES = ("portal:home", "letters:list", "letters:letter")
# The one page that is for showing them, and only after a reason was given.
REVEALING = "office_letters:identity"


@cache
def shown(world) -> dict:
    """Every page, as somebody sees it who may; asked for once. A file's content is no page."""
    readable = [a for a in ADDRESSES if a.method == "get" and a.name != "casework:step_file"]
    return {address.name: asked(world, address) for address in readable}


def test_no_page_shows_a_writer_in_full(world):
    for name, response in shown(world).items():
        for secret in SECRETS:
            assert secret.encode() not in response.content, (name, secret)


def test_the_list_masks_whom_it_names(world):
    body = world.client("clerk").get("/office/letters/").content.decode()
    assert mask_name(NAME) in body


def test_reading_who_wrote_asks_for_a_reason_and_is_recorded(world):
    letter = world.letters["new"]
    url = f"/office/letters/{letter.pk}/identity/"
    client = world.client("clerk")
    assert PHONE not in client.post(url, {"reason": ""}).content.decode()
    assert not AuditEvent.objects.filter(verb="letters.identity_revealed").exists()
    page = client.post(url, {"reason": "需要电话核实地点。"})
    assert PHONE in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    recorded = AuditEvent.objects.get(verb="letters.identity_revealed")
    assert recorded.actor == world.people["clerk"]
    assert CaseEvent.objects.filter(case=letter.pk, verb="letters.identity_revealed").exists()
    assert PHONE not in str(recorded.data) + recorded.subject


@pytest.mark.parametrize("actor", ["reviewer", "supervisor"])
def test_whoever_may_see_the_letter_may_not_therefore_see_the_writer(world, actor):
    page = world.client(actor).post(
        f"/office/letters/{world.letters['new'].pk}/identity/", {"reason": "想知道是谁写的。"}
    )
    assert page.status_code == 422
    assert not [secret for secret in SECRETS if secret in page.content.decode()]
    assert not AuditEvent.objects.filter(verb="letters.identity_revealed").exists()


def test_a_forgotten_writer_is_said_to_be_forgotten(world):
    letter = world.letters["new"]
    LetterWriter.objects.get(pk=letter.pk).data_key.destroy()
    client = world.client("clerk")
    page = client.post(f"/office/letters/{letter.pk}/identity/", {"reason": "需要电话核实地点。"})
    assert page.status_code in (200, 422)
    assert client.get("/office/letters/").status_code == 200
    assert client.get(f"/office/cases/{letter.pk}/").status_code == 200


def test_no_table_holds_a_writer_in_clear(world):
    """Every text, JSON and binary column of the database, whoever made it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [table for (table,) in cursor.fetchall()]
        found = set()
        for table in tables:
            cursor.execute(
                f"SELECT DISTINCT said FROM unnest(%s) AS said WHERE EXISTS"
                f' (SELECT FROM "{table}" AS line WHERE strpos(line::text, said) > 0)',
                [[*SECRETS, *(secret.encode().hex() for secret in SECRETS)]],
            )
            found |= {(table, secret) for (secret,) in cursor.fetchall()}
    assert len(tables) > 30
    assert not found


def test_passwords_are_never_kept(world):
    client = world.client()
    client.post("/accounts/sign-in/", {"username": "liangmin", "password": PASSWORD})
    client.post("/accounts/sign-in/", {"username": PASSWORD, "password": "x"})
    with connection.cursor() as cursor:
        for table in ("accounts_auditevent", "axes_accessattempt", "axes_accessfailurelog", "django_session"):
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS line WHERE strpos(line::text, %s) > 0', ["x-" + PASSWORD]
            )
            assert cursor.fetchone() == (0,)


# -- pages that are kept for everybody ----------------------------------------------------


@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_a_kept_page_is_nobodys(world, name):
    """What the first visitor's browser brings along is not in what the next one gets."""
    pagecache.forget()
    url = next(address for address in ADDRESSES if address.name == name).url(world)
    world.client("clerk").get(url)
    assert not store._pages
    marked = world.client()
    marked.cookies["csrftoken"] = "m" * 32
    marked.cookies["yulin_view"] = "large"
    marked.get(url, HTTP_X_FORWARDED_FOR="10.9.8.7", HTTP_USER_AGENT="marked-agent")
    kept = world.client().get(url)
    assert store._pages, "an anonymous page is kept"
    for page in store._pages.values():
        body = page.plain.content.decode()
        headers = str(dict(page.plain.headers.items()))
        for personal in (
            *SECRETS,
            "梁敏",
            "csrfmiddlewaretoken",
            "m" * 32,
            "10.9.8.7",
            "marked-agent",
            "sessionid",
        ):
            assert personal not in body + headers, personal
        assert "Set-Cookie" not in headers
    assert not kept.cookies
    assert kept.content == world.client().get(url).content
    after = world.client("clerk").get(url)
    assert after.headers.get("Cache-Control", "") != "public"


def test_a_kept_page_is_not_poisoned_by_the_host(world, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    pagecache.forget()
    world.client().get("/", HTTP_HOST="other.example")
    assert "other.example" not in world.client().get("/").content.decode()
    assert world.client().get("/", HTTP_HOST="evil.example").status_code == 400
    world.client().get("/?next=//evil.example")
    assert "evil.example" not in world.client().get("/").content.decode()


# -- exports ------------------------------------------------------------------------------

FORMULAS = [
    "=HYPERLINK(1)",
    "+1+cmd|' /C calc'!A0",
    "-1+1@SUM(A1)",
    "@SUM(1+1)*cmd",
    "\t=1+1路灯不亮",
    "＝1+1路灯不亮",
]


@pytest.mark.parametrize("title", FORMULAS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_of_an_export_is_a_formula(world, title, kind):
    factories.sent(world.cast, title=title, name="=1+1", phone=PHONE)
    before = AuditEvent.objects.filter(verb="casework.exported").count()
    for actor, url in (("clerk", "/office/letters/"), ("clerk", "/office/")):
        response = world.client(actor).get(f"{url}?export={kind}")
        assert "no-store" in response["Cache-Control"]
        assert response["Content-Disposition"].startswith("attachment")
        if kind == "csv":
            cells = re.split(r'[,\r\n]+"?', response.content.decode("utf-8-sig"))
        else:
            book = load_workbook(io.BytesIO(response.content))
            rows = [cell for row in book.active.iter_rows() for cell in row]
            assert all(cell.data_type != "f" for cell in rows)
            cells = [str(cell.value) for cell in rows if cell.value is not None]
        assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
        assert not [cell for cell in cells if PHONE in cell or NAME in cell or EMAIL in cell]
    assert AuditEvent.objects.filter(verb="casework.exported").count() == before + 2


# -- where a page may lead, and what it may load ------------------------------------------

ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
    "https:evil.example", "///evil.example", " //evil.example", "/\t/evil.example", "/\r\nLocation: //evil.example",
    "http:///evil.example", "\x00//evil.example", "https://testserver@evil.example/", "https://testserver.evil.example",
]  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_next_never_leads_elsewhere(world, wanted):
    clerk = world.client("clerk")
    answers = [
        world.client().get("/view/", {"mode": "large", "next": wanted}),
        world.client().post("/view/", {"mode": "large", "next": wanted}),
        clerk.get("/accounts/sign-in/", {"next": wanted}),
        clerk.post("/office/capacity/", {"capacity": f"p{_position(world)}", "next": wanted}),
    ]
    for response in answers:
        assert response.status_code == 302
        target = response["Location"]
        assert target.startswith("/"), target
        assert not target.startswith(("//", "/\\", "/\t")), target
        assert "evil" not in target.partition("?")[0], target


def _position(world) -> int:
    return world.cast.positions["城管信访岗"].pk


def test_every_page_says_what_it_may_load(world):
    for name, response in shown(world).items():
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert response["X-Content-Type-Options"] == "nosniff", name
        assert response["X-Frame-Options"] == "DENY", name
        assert response["Referrer-Policy"] == "same-origin", name
        if response.headers.get("Content-Type", "").startswith("text/html"):
            body = response.content.decode()
            assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", body), name
            assert not re.search(r'(?:src|href|action)="(?:https?:)?//', body), name


def test_what_is_for_one_person_is_not_stored_on_the_way(world):
    """The office's pages, and those with a form or a session, stay out of shared caches."""
    for name, response in shown(world).items():
        if name in (*PUBLIC_PAGES, "healthz", "readyz"):
            continue
        cache_control = response.headers.get("Cache-Control", "")
        varies = "Cookie" in response.headers.get("Vary", "")
        assert varies or "no-store" in cache_control or "private" in cache_control, name


def test_a_stored_file_runs_nothing(world):
    response = world.client("clerk").get(
        f"/office/cases/{world.letters['drafting'].pk}/files/{world.other.file}/"
    )
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


def test_every_form_needs_its_token(world):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["sessionid"] = world.sessions["clerk"]
    from .addresses import FORMS

    for form in FORMS:
        if form.name == "portal:view_mode":
            continue
        response = client.post(form.url(world), form.data(world))
        assert response.status_code == 403, form.key
        assert "页面" in response.content.decode(), form.key


def test_nobody_is_told_whether_an_account_exists(world):
    answers = []
    for username in ("liangmin", "nobody-of-this-name"):
        response = world.client().post(
            "/accounts/sign-in/", {"username": username, "password": "wrong-password-1"}
        )
        answers.append((response.status_code, without_values(response)))
    assert answers[0] == answers[1]
    assert "sessionid" not in response.cookies


def test_ready_says_nothing_about_what_is_not(world, monkeypatch):
    from yulin_gov.health import Ready

    monkeypatch.setattr(Ready, "checks", [("health_check.checks.Cache", {"alias": "none-of-ours"})])
    for accept in ("text/html", "application/json", "text/plain"):
        response = world.client().get("/readyz?format=atom", HTTP_ACCEPT=accept)
        assert (response.status_code, response.content) == (503, b"not ready")
