"""Accounts: who may enter where, and what stands in the way of those who may not."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .acting import error_beside, sign_in, told

ADMINISTRATORS = ("sysadmin", "secadmin", "auditor")
# What each administers; whatever is in no list of one's own is refused.
OWN = {
    "sysadmin": "/admin/organization/unit/",
    "secadmin": "/admin/accounts/user/",
    "auditor": "/admin/accounts/auditevent/",
}


def _lists(page: Page) -> set[str]:
    """The addresses that the administrators' first page leads to."""
    page.goto("/admin/")
    links = page.locator("#content-main th a")
    return {link.get_attribute("href") for link in links.all()}


def test_the_three_administrators_reach_only_their_own_pages(person):
    pages = {username: person(username) for username in ADMINISTRATORS}
    shown = {username: _lists(page) for username, page in pages.items()}
    everything = set().union(*shown.values())
    for username, page in pages.items():
        assert OWN[username] in shown[username] and shown[username] < everything
        for address in sorted(everything - shown[username]):
            answer = page.context.request.get(address)
            assert answer.status == 403, f"{username} {address}: {answer.status}"
    # Opened in a browser, with everything the pages load.
    for username, page in pages.items():
        page.goto(OWN[username])
        expect(page.locator("#result_list tbody tr").first).to_be_visible()
    pages["sysadmin"].goto("/admin/organization/unit/add/")
    expect(pages["sysadmin"].get_by_role("button", name="保存", exact=True)).to_be_visible()


@pytest.mark.parametrize("username", ["clerk", "supervisor", "citizen"])
def test_nobody_else_gets_into_the_administration(person, username):
    page = person(username)
    for address in ("/admin/", *OWN.values()):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text("没有权限")


def test_strangers_are_asked_to_sign_in_and_then_arrive_where_they_wanted(person):
    page = person()
    page.goto("/office/letters/")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    page.get_by_label("账号").fill("clerk")
    page.get_by_label("密码").fill("不对的密码")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不正确")
    expect(page.get_by_label("账号")).to_have_value("clerk")
    page.get_by_label("密码").fill("Yulin-Demo-2026")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(re.compile("/office/letters/$"))
    page.locator(".who-menu summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(told(page)).to_contain_text("您已退出登录")
    page.goto("/office/")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")


def test_citizens_stay_outside_the_office(person):
    page = person("citizen")
    page.goto("/office/")
    expect(page.get_by_role("heading", level=1)).to_have_text("不能进入办公系统")


def test_wrong_passwords_lock_an_account_and_only_that_one(person):
    page = person()
    for attempt in range(5):
        page.goto("/accounts/sign-in/")
        page.get_by_label("账号").fill("qin.yaowen")
        page.get_by_label("密码").fill(f"猜一猜{attempt}")
        page.get_by_role("button", name="登录", exact=True).click()
        page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录暂停")
    page.goto("/accounts/sign-in/")
    page.get_by_label("账号").fill("qin.yaowen")
    page.get_by_label("密码").fill("Yulin-Demo-2026")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录暂停")
    sign_in(page, "tang.jiahui")
    expect(page).to_have_url(re.compile("/office/"))


def test_a_given_password_is_changed_before_anything_else(person):
    """The security administrator hands out a password once; its owner alone knows the next one."""
    administrator = person("secadmin")
    administrator.goto("/admin/accounts/user/?q=zhong.zhenyu")
    administrator.locator("#result_list tbody input[type=checkbox]").check()
    administrator.locator("select[name=action]").select_option(label="重置所选账号的密码")
    administrator.get_by_role("button", name="执行").click()
    given = administrator.get_by_role("row").filter(has_text="zhong.zhenyu").locator("code").inner_text()

    page = person()
    sign_in(page, "zhong.zhenyu", given)
    page.goto("/office/letters/")
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")
    page.get_by_label("原密码").fill(given)
    for label in ("新密码", "再输一次新密码"):
        page.get_by_label(label, exact=False).last.fill("1234567890")
    page.get_by_label("新密码").first.fill("1234567890")
    page.get_by_role("button", name="保存新密码").click()
    expect(error_beside(page, "新密码")).not_to_be_empty()

    page.get_by_label("原密码").fill(given)
    page.get_by_label("新密码").first.fill("liuhua-2026-ziji")
    page.get_by_label("再输一次新密码").fill("liuhua-2026-ziji")
    page.get_by_role("button", name="保存新密码").click()
    expect(page).to_have_url(re.compile("/office/letters/"))
