"""A letter's whole way: from the writer's desk through the office to the public page."""

from __future__ import annotations

import time
from urllib.parse import quote
from urllib.request import urlopen

from playwright.sync_api import expect

from .acting import (
    accept,
    error_beside,
    fill_letter,
    follow,
    open_todo,
    read_receipt,
    take,
    told,
    work,
    write_letter,
)

TITLE = "望江亭旁边三盏路灯一直不亮"
NAME, PHONE = "周明轩", "13877561234"
TEXT = f"我叫{NAME}，电话{PHONE}。望江亭旁边三盏路灯上周起不亮，老人散步摔了跤，请尽快修好。"
REPLY = f"{NAME}先生您好！经现场核查，望江亭旁三盏路灯系电缆受潮短路，已于昨日更换电缆，现已全部恢复照明。"
WORD = "望江亭"  # in no other letter


def _read(address: str) -> str:
    """What a passer-by without any cookie is shown."""
    with urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def _seconds_until_found(address: str, text: str) -> float:
    """How long until every web process shows it: from when on eight readers in a row see it."""
    started = shown = time.monotonic()
    in_a_row = 0
    while in_a_row < 8:
        asked = time.monotonic()
        assert asked - started < 15, f"{address} does not show {text}"
        if text not in _read(address):
            in_a_row = 0
            continue
        shown = shown if in_a_row else asked
        in_a_row += 1
    return shown - started


def test_a_letter_goes_from_writing_to_the_published_answer(person, base_url, sql):
    # A double click makes one letter.
    writer = person()
    fill_letter(writer, title=TITLE, text=TEXT, name=NAME, phone=PHONE)
    writer.get_by_role("button", name="提交来信").dblclick()
    sent = read_receipt(writer, title=TITLE, phone=PHONE)
    assert sql("SELECT count(*) FROM casework_case WHERE title = %s", TITLE) == [(1,)]

    # Without an account, on another device, by code and phone.
    reader = person()
    follow(reader, sent.code, PHONE)
    expect(reader.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(reader.locator("main")).to_contain_text(sent.number)
    expect(reader.get_by_role("listitem").filter(has_text="正在办理")).to_contain_text("受理")

    # The clerk accepts and names nobody; the letter's phone is masked in the office.
    clerk = person("clerk")
    open_todo(clerk, TITLE)
    expect(clerk.locator("main")).to_contain_text(f"{PHONE[:3]}****{PHONE[-4:]}")
    expect(work(clerk).get_by_label("交由")).to_have_value("")
    take(clerk, "受理")

    # A handler takes it out of the pool, keeps a draft, and hands it on.
    handler = person("handler")
    open_todo(handler, TITLE)
    work(handler).get_by_role("button", name="领办").click()
    expect(told(handler)).to_contain_text("已领办")
    work(handler).get_by_label("答复").first.fill("正在联系供电所，")
    work(handler).get_by_role("button", name="保存草稿").click()
    open_todo(handler, TITLE)
    expect(work(handler).get_by_label("答复").first).to_have_value("正在联系供电所，")
    work(handler).get_by_label("答复").first.fill(REPLY)
    take(handler, "提交审核")

    reviewer = person("reviewer")
    open_todo(reviewer, TITLE)
    expect(reviewer.locator("main")).to_contain_text(REPLY)
    take(reviewer, "审核通过")

    leader = person("leader")
    open_todo(leader, TITLE)
    take(leader, "签发并答复")

    # The writer reads the answer; nobody else does yet.
    reader.reload()
    expect(reader.get_by_text(REPLY)).to_be_visible()
    public_list, found = f"{base_url}/letters/", f"{base_url}/letters/?q={quote(WORD)}"
    assert TITLE not in _read(public_list)
    assert TITLE not in _read(found)

    # Who wrote the reply does not publish it; the reviewer does, with the names taken out.
    handler.goto("/office/?order=newest")
    expect(handler.get_by_role("link", name=TITLE)).to_have_count(0)
    open_todo(reviewer, TITLE)
    for label in ("公开的来信", "公开的答复"):
        proposed = work(reviewer).get_by_label(label).input_value()
        assert NAME not in proposed and PHONE not in proposed
    work(reviewer).get_by_label("公开的答复").fill(REPLY)
    work(reviewer).get_by_role("button", name="公开", exact=True).click()
    expect(error_beside(reviewer, "公开的答复")).to_contain_text(NAME)  # still in it, and said so
    work(reviewer).get_by_label("公开的答复").fill(REPLY.replace(f"{NAME}先生", "来信人"))
    take(reviewer, "公开")

    # Within a second everybody finds it, by the list and by a Chinese word.
    assert _seconds_until_found(public_list, TITLE) < 1
    assert _seconds_until_found(found, "<mark>") < 1
    reader.goto(f"/letters/?q={WORD}")
    reader.get_by_role("link", name=TITLE).click()
    expect(reader.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(reader.locator("main")).to_contain_text("现已全部恢复照明")
    public_page = _read(reader.url)
    for secret in (NAME, PHONE, PHONE[-4:], "周先生"):
        assert secret not in public_page


def test_a_declined_letter_tells_its_writer_why(person):
    sent = write_letter(person(), title="请帮忙催要朋友欠我的两千元钱")
    clerk = person("clerk")
    open_todo(clerk, sent.title)
    work(clerk).locator("summary", has_text="不予受理").click()

    # Too short a reason is refused beside its field, and stays in it.
    reason = work(clerk).get_by_label("不予受理的理由")
    reason.fill("不归我管")
    work(clerk).get_by_role("button", name="不予受理", exact=True).click()
    expect(error_beside(clerk, "不予受理的理由")).to_contain_text("至少10个字")
    expect(reason).to_have_value("不归我管")
    expect(reason).to_be_visible()

    why = "个人借款纠纷不属于城市管理职责，请向人民法院起诉或申请人民调解。"
    reason.fill(why)
    take(clerk, "不予受理")

    reader = person()
    follow(reader, sent.code, sent.phone)
    expect(reader.locator("main")).to_contain_text("不予受理")
    expect(reader.locator("main")).to_contain_text(why)


def test_text_is_shown_as_it_was_typed(person):
    """Script is text, and rare characters and emoji are characters."""
    text = "<script>document.title='坏了'</script><b>粗</b>\n第二行：𠮷野家门口🚦红灯坏了，请修。"
    writer = person()
    sent = write_letter(writer, title="𠮷野家门口<b>红绿灯</b>坏了", text=text)
    follow(writer, sent.code, sent.phone)
    expect(writer.get_by_role("heading", level=1)).to_have_text(sent.title)
    for line in text.split("\n"):
        expect(writer.get_by_text(line)).to_be_visible()
    assert "坏了" not in writer.title() or "办理进度" in writer.title()
    clerk = person("clerk")
    accept(clerk, sent.title)
    expect(clerk.get_by_text(text.split("\n")[0])).to_be_visible()
