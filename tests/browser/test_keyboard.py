"""The keyboard alone is enough, and one always sees where one is."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from yulin_gov.organization.demo.accounts import DEMO_PASSWORD

from .acting import told, work, write_letter

_SEEN = """element => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
}"""


def _tab_to(page: Page, target: Locator, *, most: int = 60) -> None:
    """Press Tab until the target has the focus; every stop on the way must show it."""
    expect(target).to_be_visible()
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.locator(":focus")
        assert here.count() == 1, "the focus is nowhere"
        assert here.evaluate(_SEEN), f"no visible focus on {here.evaluate('e => e.outerHTML')[:200]}"
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached by Tab on {page.url}")


def test_signing_in_and_accepting_a_letter_needs_no_mouse(person):
    title = "人民东路公交站台雨棚漏水严重"
    write_letter(person(), title=title)
    page = person()
    page.goto("/accounts/sign-in/")
    _tab_to(page, page.get_by_label("账号"))
    page.keyboard.type("clerk")
    page.keyboard.press("Tab")
    page.keyboard.type(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/office/"))

    # The skip link spares the way through the menu.
    page.goto("/office/?order=newest")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到主要内容")
    page.keyboard.press("Enter")
    _tab_to(page, page.get_by_role("link", name=title))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    _tab_to(page, work(page).get_by_role("button", name="受理", exact=True))
    page.keyboard.press("Enter")
    expect(told(page)).to_contain_text("已办理：受理（受理）。")


def test_the_capacity_menu_opens_and_closes_by_keyboard(person):
    page = person("chen.min")
    page.goto("/office/")
    menu = page.locator(".who-menu")
    _tab_to(page, menu.locator("summary"))
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="修改密码")).to_be_visible()
    _tab_to(page, menu.get_by_role("link", name="修改密码"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")
