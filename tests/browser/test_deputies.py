"""Deputies: 乙 代 甲 is seen wherever something was done in another's name."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .acting import accept, open_todo, take, work, write_letter

OFFICE = "玉林市人民政府办公室"
DEPUTY, PRINCIPAL = "陈敏", "黎绍华"  # 陈敏 drafts, and is deputy of 黎绍华, who reviews
HERSELF, DEPUTISING = f"{DEPUTY} · 市政府办公室 文秘科", f"{DEPUTY} · 市政府办公室 文秘科（代 {PRINCIPAL}）"
REPLY = "您好！公交线路已与公交公司核实，自下月起增开晚班车两趟。"


def _act_as(page: Page, capacity: str) -> None:
    """Choose a capacity in the menu at the top; the page then always shows it."""
    page.goto("/office/")
    page.locator(".who-menu summary").click()
    choices = page.locator(".who-menu button[name=capacity]")
    expect(choices).to_have_count(2)
    deputising = choices.filter(has_text="代")
    (deputising if capacity == DEPUTISING else choices.filter(has_not_text="代")).click()
    expect(page.locator(".who-menu summary")).to_contain_text(capacity)


def _letter_in_review(person, title: str, drafter: Page) -> None:
    write_letter(person(), title=title, unit=OFFICE)
    accept(person("chen.bin"), title)
    open_todo(drafter, title)
    work(drafter).get_by_label("答复").first.fill(REPLY)
    take(drafter, "提交审核")


def test_a_deputy_acts_in_anothers_name_and_everybody_sees_it(person):
    title = "建议晚上十点后增开公交晚班车"
    _letter_in_review(person, title, person("ning.min"))
    deputy = person("chen.min")
    _act_as(deputy, DEPUTISING)
    open_todo(deputy, title)
    address = deputy.url

    # Who opens it in the wrong capacity is offered the right one on the page itself.
    _act_as(deputy, HERSELF)
    deputy.goto(address)
    expect(deputy.get_by_role("button", name="审核通过")).to_have_count(0)
    deputy.locator("main").get_by_role("button", name=DEPUTISING).click()
    expect(deputy).to_have_url(address)
    take(deputy, "审核通过")
    expect(deputy.get_by_role("complementary")).to_contain_text(f"{DEPUTY} 代 {PRINCIPAL}")

    principal = person("li.shaohua")
    principal.goto(address)
    expect(principal.get_by_role("complementary")).to_contain_text(f"{DEPUTY} 代 {PRINCIPAL}")
    deputy.goto("/office/done/")
    expect(deputy.get_by_role("row").filter(has_text=title)).to_contain_text(f"代 {PRINCIPAL}")


def test_a_deputy_does_not_review_what_she_wrote_herself(person):
    title = "建议公开市政府门前停车场收费"
    deputy = person("chen.min")
    _act_as(deputy, HERSELF)
    _letter_in_review(person, title, deputy)
    _act_as(deputy, DEPUTISING)
    open_todo(deputy, title)
    expect(work(deputy)).to_contain_text("须由他人办理")
    expect(work(deputy).get_by_role("button", name="审核通过")).to_have_count(0)
