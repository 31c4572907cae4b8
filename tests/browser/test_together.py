"""Two at once: one wins, the other is told, nothing is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .acting import accept, open_todo, press_at_once, told, work, write_letter

# Both draft replies in the same unit: either may take what lies in its pool.
DRAFTERS = {"handler": "覃国良", "ma.guilin": "马桂林"}


@pytest.fixture
def in_the_pool(person):
    """An accepted letter that two drafters have open, each at a browser of their own."""

    def prepare(title: str):
        write_letter(person(), title=title)
        accept(person("clerk"), title)
        pages = [person(username) for username in DRAFTERS]
        for page in pages:
            open_todo(page, title)
        return pages

    return prepare


def test_two_claim_one_letter_and_the_slower_is_told(in_the_pool):
    pages = in_the_pool("沿江路绿化带杂草长到一人高")
    press_at_once(*(work(page).get_by_role("button", name="领办") for page in pages))
    won = [page for page in pages if "已领办" in told(page).inner_text()]
    [loser] = [page for page in pages if page not in won]
    assert len(won) == 1
    expect(told(loser)).to_contain_text("已由")
    expect(told(loser)).to_contain_text("领办")
    expect(loser.get_by_role("button", name="提交审核")).to_have_count(0)
    # What was claimed can be put back, and then the other may have it after all.
    work(won[0]).get_by_role("button", name="放回待领").click()
    expect(told(won[0])).to_contain_text("已放回待领")
    loser.reload()
    work(loser).get_by_role("button", name="领办").click()
    expect(told(loser)).to_contain_text("已领办")


def test_two_submit_one_step_and_the_slower_is_told_who_was_quicker(in_the_pool, person, sql):
    title = "大北路早餐摊占道堵住消防通道"
    pages = in_the_pool(title)
    replies = [f"您好！{name}已到现场核实，摊点已劝离，通道恢复畅通。" for name in DRAFTERS.values()]
    for page, reply in zip(pages, replies, strict=True):
        work(page).get_by_label("答复").first.fill(reply)
    press_at_once(*(work(page).get_by_role("button", name="提交审核", exact=True) for page in pages))

    said = [told(page).inner_text() for page in pages]
    [winner] = [place for place, sentence in enumerate(said) if "（提交审核）。" in sentence and "已办理：" in sentence]  # fmt: skip
    names = list(DRAFTERS.values())
    assert f"该环节已由{names[winner]}办理" in said[1 - winner], said

    # The quicker one's reply stands, the step was taken once, and the way goes on.
    taken = """SELECT count(*) FROM casework_caseevent e JOIN casework_case c ON c.id = e.case_id
               WHERE c.title = %s AND e.verb = 'letters.drafted'"""
    assert sql(taken, title) == [(1,)]
    reviewer = person("reviewer")
    open_todo(reviewer, title)
    expect(reviewer.locator("main")).to_contain_text(replies[winner])


def test_a_step_done_meanwhile_is_told_and_nothing_is_done_twice(person):
    """The same person at two browsers: the second sees what the first has done."""
    title = "二环北路红绿灯旁树枝挡视线"
    write_letter(person(), title=title)
    first, second = person("clerk"), person("clerk")
    open_todo(first, title)
    open_todo(second, title)
    work(second).locator("summary", has_text="不予受理").click()
    why = "该路段由高速公路管理处养护，请向其反映情况。"
    work(second).get_by_label("不予受理的理由").fill(why)
    work(first).get_by_role("button", name="受理", exact=True).click()
    expect(told(first)).to_contain_text("已办理：受理（受理）。")
    work(second).get_by_role("button", name="不予受理", exact=True).click()
    expect(told(second)).to_contain_text("该环节已由梁雨晴办理（受理）")
    expect(second.get_by_role("heading", level=1)).to_have_text(title)
