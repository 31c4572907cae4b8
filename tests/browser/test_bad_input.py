"""Whatever is typed: a sentence beside the field, nothing typed is lost, nobody is let in by guessing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .acting import error_beside, fill_letter, follow, read_receipt, told, write_letter

WRONG = {
    "标题": ("路灯坏", "标题太短：至少10个字，现有3个字。"),
    "内容": ("快来修", "内容太短：至少10个字，现有3个字。"),
    "您的姓名": ("很长的名字" * 9, "姓名最多40个字。"),
    "联系电话": ("12345", "电话"),
    "电子邮箱": ("不是邮箱", "邮箱格式不正确"),
}


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_every_field_wrong_at_once_is_told_beside_each_and_keeps_what_was_typed(person, javascript):
    page = person(javascript=javascript)
    page.goto("/letters/new/")
    for label, (typed, _) in WRONG.items():
        page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="提交来信").click()

    expect(page.get_by_role("alert")).to_contain_text("还有 7 处需要改正")
    for label, (typed, sentence) in WRONG.items():
        expect(error_beside(page, label)).to_contain_text(sentence)
        expect(page.get_by_label(label)).to_have_value(typed)
    expect(error_beside(page, "写给哪个单位")).to_contain_text("请选择收信单位")
    expect(error_beside(page, "是否同意公开")).to_contain_text("请选择是否同意公开")

    # One wrong field among right ones: everything else stays as it was, the choices too.
    fill_letter(page, title="建设中路公厕晚上不开门", text="晚上八点以后公厕就锁门，请延长开放时间。")
    page.get_by_label("联系电话").fill("139")
    page.get_by_role("button", name="提交来信").click()
    expect(error_beside(page, "联系电话")).to_be_visible()
    expect(page.get_by_label("标题")).to_have_value("建设中路公厕晚上不开门")
    expect(page.get_by_role("radio", name=re.compile("^同意"))).to_be_checked()
    assert page.get_by_label("写给哪个单位").input_value()


def test_without_javascript_a_double_click_makes_one_letter_too(person, sql):
    page = person(javascript=False)
    title = "没有脚本的浏览器也能写信吗"
    phone = fill_letter(page, title=title, text="请问用老手机的浏览器能不能写信、查进度？")
    page.get_by_role("button", name="提交来信").dblclick()
    sent = read_receipt(page, title=title, phone=phone)
    assert sql("SELECT count(*) FROM casework_case WHERE title = %s", title) == [(1,)]
    follow(page, sent.code, phone)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_a_character_that_cannot_be_stored_is_refused_in_words(person):
    page = person()
    fill_letter(page, title="标题里混进了看不见的字符", text="正文里有一个看不见的空字符，看看会怎样。")
    page.get_by_label("标题").evaluate("field => { field.value = '标题里混进了\\u0000看不见的字符' }")
    page.get_by_role("button", name="提交来信").click()
    expect(error_beside(page, "标题")).not_to_be_empty()
    expect(page.get_by_label("内容")).to_have_value("正文里有一个看不见的空字符，看看会怎样。")


def test_wrong_and_unknown_query_codes_get_the_same_sentence_and_are_limited(person):
    page = person()
    sent = write_letter(page, title="滨江公园健身器材松动有危险")
    said = set()
    wrong = ["22222-22222", "不是查询码", sent.code[:-1] + ("2" if sent.code[-1] != "2" else "3")]
    for code, phone in [(wrong[0], sent.phone), (wrong[2], sent.phone), (sent.code, "13999990000")]:
        follow(page, code, phone)
        said.add(page.get_by_role("alert").inner_text())
        expect(page.get_by_label("查询码")).to_have_value(code)
    assert len(said) == 1, said
    assert "没有找到这封信" in said.pop()

    for _ in range(7):
        follow(page, wrong[1], sent.phone)
    expect(page.get_by_role("alert")).to_contain_text("尝试次数过多")
    follow(page, sent.code, sent.phone)  # even the right code has to wait now
    expect(page.get_by_role("alert")).to_contain_text("尝试次数过多")
    expect(told(page)).to_have_count(0)
