"""Every kind of page: no barrier that axe knows, nothing to scroll sideways, for wide and narrow screens."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from .acting import follow, told, write_letter
from .conftest import assert_no_sideways_scrolling

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
MODES = ("large", "contrast", "large-contrast")


@pytest.fixture
def check(assert_accessible):
    """Both widths of the page that is open now."""

    def both(page: Page) -> None:
        for size in (NARROW, WIDE):
            page.set_viewport_size(size)
            assert_accessible(page)

    return both


def _published(sql) -> str:
    [(reference,)] = sql(
        """SELECT c.public_ref FROM letters_publication p JOIN casework_case c ON c.id = p.letter_id
           WHERE p.withdrawn_at IS NULL ORDER BY p.letter_id LIMIT 1"""
    )
    return f"/letters/{reference}/"


def _case(sql, key: str) -> str:
    [(pk,)] = sql("SELECT id FROM casework_case WHERE idempotency_key = %s", f"demo-{key}")
    return f"/office/cases/{pk}/"


def test_public_pages(person, check, sql):
    page = person()
    addresses = [
        "/",
        "/letters/",
        "/letters/?q=路灯",
        "/letters/?q=没有这样的来信",
        _published(sql),
        "/letters/new/",
    ]
    addresses += ["/letters/track/", "/accounts/sign-in/", "/accounts/sign-out/", "/view/", "/nowhere/"]
    for address in addresses:
        page.goto(address)
        check(page)


@pytest.mark.parametrize("mode", MODES)
def test_public_pages_in_large_type_and_high_contrast(person, assert_accessible, sql, mode):
    page = person()
    page.goto(f"/view/?mode={mode}&next=/letters/")
    for number, address in enumerate(("/", "/letters/", _published(sql), "/letters/new/", "/letters/track/")):
        page.goto(address)
        shown = set(page.locator("html").get_attribute("class").split())
        assert shown >= {f"view-{name}" for name in mode.split("-")}, f"{address}: {shown}"
        page.set_viewport_size(NARROW)
        assert_no_sideways_scrolling(page)
        # The colours are the same at every width: axe looks at each page once.
        page.set_viewport_size(NARROW if number % 2 else WIDE)
        assert_accessible(page)


def test_pages_of_a_writer(person, check):
    page = person()
    page.goto("/letters/new/")
    page.get_by_role("button", name="提交来信").click()
    page.get_by_role("alert").wait_for()
    check(page)  # a refused form, with everything that is wrong
    sent = write_letter(page, title="请问公园晨练音响有没有限制")
    check(page)
    follow(page, sent.code, sent.phone)
    check(page)


def test_pages_of_the_office(person, check, sql):
    clerk = person("clerk")
    addresses = ["/office/", "/office/?late=1", "/office/to-read/", "/office/done/", "/office/letters/"]
    addresses += ["/office/letters/?state=all&q=路灯", "/office/notices/", "/office/notices/?show=all"]
    addresses += ["/office/capacity/", "/office/delegations/", "/accounts/password/", "/admin/"]
    addresses += [_case(sql, "dog-waste-park"), _case(sql, "dog-waste-park") + "deadlines/"]
    addresses += [_case(sql, "dog-waste-park") + "chart/"]
    addresses += [_case(sql, "dog-waste-park").replace("cases", "letters") + "identity/"]
    for address in addresses:
        clerk.goto(address)
        check(clerk)


def test_pages_of_handler_reviewer_and_leader(person, check, sql):
    for username, key in (
        ("handler", "loose-manhole"),
        ("reviewer", "square-dance-noise"),
        ("leader", "qingning-road-flooding"),
        ("clerk", "parking-fee-sign"),  # urged, and answered
    ):
        page = person(username)
        page.goto(_case(sql, key))
        assert told(page).count() == 0
        check(page)


def test_pages_of_supervision_and_strangers_to_the_office(person, check, sql):
    supervisor = person("supervisor")
    for address in (
        "/supervision/",
        "/supervision/pressing/",
        "/supervision/urges/",
        _case(sql, "disabled-card"),
    ):
        supervisor.goto(address)
        check(supervisor)
    citizen = person("citizen")
    citizen.goto("/office/")
    check(citizen)


def test_pages_of_the_administrators(person, assert_accessible):
    for username, address in {
        "sysadmin": "/admin/organization/unit/",
        "secadmin": "/admin/accounts/user/",
        "auditor": "/admin/accounts/auditevent/",
    }.items():
        page = person(username)
        for size, place in ((WIDE, address), (NARROW, "/admin/")):
            page.set_viewport_size(size)
            page.goto(place)
            assert_accessible(page)
