"""What people do at their browsers, named as they would say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count

from playwright.sync_api import Locator, Page, expect

from yulin_gov.organization.demo.accounts import DEMO_PASSWORD

CITY_MANAGEMENT = "玉林市城市管理局"
_phones = count(13977500001)


@dataclass(frozen=True)
class Sent:
    """A letter as its writer remembers it."""

    title: str
    phone: str
    number: str
    code: str


# -- everybody ----------------------------------------------------------------------------


def sign_in(page: Page, username: str, password: str = DEMO_PASSWORD) -> None:
    page.goto("/accounts/sign-in/")
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).not_to_have_url(re.compile("/accounts/sign-in/"))


def error_beside(page: Page, label: str) -> Locator:
    """The sentence under the field of that label."""
    labels = page.locator("label, legend").filter(has_text=re.compile(f"^{label}"))
    return page.locator(".field").filter(has=labels).locator(".errors")


def told(page: Page) -> Locator:
    """The sentence above the page that says what has just happened."""
    return page.locator("main .messages")


# -- citizens -----------------------------------------------------------------------------


def fill_letter(
    page: Page, *, title: str, text: str, unit: str = CITY_MANAGEMENT, name: str = "韦小梅",
    phone: str = "", publish: bool = True,
) -> str:  # fmt: skip
    """Fill in the form of a letter; returns the phone number given in it."""
    phone = phone or str(next(_phones))
    page.goto("/letters/new/")
    page.get_by_label("写给哪个单位").select_option(label=unit)
    page.get_by_label("标题").fill(title)
    page.get_by_label("内容").fill(text)
    page.get_by_label("您的姓名").fill(name)
    page.get_by_label("联系电话").fill(phone)
    page.get_by_role("radio", name=re.compile("^同意" if publish else "^不同意")).check()
    return phone


def read_receipt(page: Page, *, title: str, phone: str) -> Sent:
    """What the page after sending tells the writer to write down."""
    expect(page.get_by_role("heading", level=1)).to_have_text("来信已提交")
    number = page.locator("dt", has_text="编号").locator("xpath=following-sibling::dd[1]").inner_text()
    code = page.locator(".code-box strong").inner_text()
    return Sent(title, phone, number.strip(), code.strip())


def write_letter(page: Page, *, title: str, text: str = "请派人到现场看看，谢谢。", **given) -> Sent:
    phone = fill_letter(page, title=title, text=text, **given)
    page.get_by_role("button", name="提交来信").click()
    return read_receipt(page, title=title, phone=phone)


def follow(page: Page, code: str, phone: str) -> None:
    """Ask how far a letter has come."""
    page.goto("/letters/track/")
    page.get_by_label("查询码").fill(code)
    page.get_by_label("联系电话").fill(phone)
    page.get_by_role("button", name="查询").click()
    page.wait_for_load_state()


# -- officials ----------------------------------------------------------------------------


def open_todo(page: Page, title: str) -> None:
    """Find the case in one's to-do list and open it."""
    page.goto("/office/?order=newest")
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def work(page: Page) -> Locator:
    """Where the open step is done."""
    return page.locator("#work")


def take(page: Page, label: str) -> None:
    """Press the button of a route and be told that it is done."""
    work(page).get_by_role("button", name=label, exact=True).click()
    expect(told(page)).to_contain_text(f"（{label}）")


def accept(page: Page, title: str) -> None:
    """The clerk accepts a letter and names nobody, so that it waits in the pool."""
    open_todo(page, title)
    take(page, "受理")


def press_at_once(*buttons: Locator) -> None:
    """Several people press at the same moment: nobody's press waits for another's answer."""
    for button in buttons:
        button.evaluate("button => { setTimeout(() => button.click(), 200) }")
    for button in buttons:
        button.page.wait_for_timeout(300)
        button.page.wait_for_load_state()
