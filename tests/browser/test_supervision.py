"""Supervision: who is late is found, pressed, and has to answer."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .acting import told


def test_a_supervisor_urges_an_overdue_letter_and_reads_the_answer(person, sql):
    [(title,)] = sql(
        "SELECT title FROM casework_case WHERE idempotency_key = 'demo-disabled-card' AND closed_at IS NULL"
    )
    supervisor = person("supervisor")
    supervisor.goto("/supervision/")
    late = supervisor.get_by_role("row").filter(has_text=title)
    expect(late).to_contain_text("已超期")
    late.get_by_role("link", name=title).click()
    supervisor.locator("#urges summary").last.click()
    form = supervisor.locator("#urges form").filter(has=supervisor.get_by_label("催办内容"))
    expect(form.get_by_label("方式")).to_have_value("supervise")
    form.get_by_role("button").click()
    expect(form.locator(".errors")).to_contain_text("请填写催办内容")
    form.get_by_label("催办内容").fill("已超过答复时限，请于明日前答复来信人并说明原因。")
    form.get_by_role("button").dblclick()
    expect(told(supervisor)).to_contain_text("已催办")
    expect(supervisor.locator("#urges .tag", has_text="待反馈")).to_have_count(1)

    # Whoever has it on the desk is told without looking for it, and answers.
    handler = person("gan.youwei")
    handler.goto("/office/notices/")
    notice = handler.get_by_role("link", name=f"督办：{title}")
    for _ in range(10):  # the worker delivers every few seconds
        if notice.count():
            break
        handler.wait_for_timeout(1000)
        handler.reload()
    notice.click()
    expect(handler.get_by_role("heading", level=1)).to_have_text(title)
    handler.get_by_label("反馈").fill("因需上门评定耽误，今日已完成评定，明日答复。")
    handler.get_by_role("button", name="提交反馈").click()
    expect(told(handler)).to_contain_text("已反馈")

    supervisor.goto("/supervision/urges/")
    urged = supervisor.get_by_role("row").filter(has_text=title).filter(has_text="请于明日前")
    expect(urged).to_contain_text("明日答复")
    supervisor.goto("/office/notices/?show=all")
    expect(supervisor.get_by_role("link", name=re.compile("催办已反馈")).first).to_be_visible()


def test_only_supervisors_see_the_supervisors_pages(person):
    clerk = person("clerk")
    for address in ("/supervision/", "/supervision/pressing/", "/supervision/urges/"):
        answer = clerk.goto(address)
        assert answer.status == 403
        expect(clerk.get_by_role("heading", level=1)).to_have_text("没有权限")
