"""Reminders come without a click, to the right people, once, whatever happens to the worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .acting import accept, open_todo, told, work, write_letter

# Remembers what the desktop shows, and still shows it.
_KEEP_POPUPS = """
    window.popups = [];
    const Shown = window.Notification;
    window.Notification = class extends Shown {
        constructor(title, options) { super(title, options); window.popups.push(title + "｜" + options.body); }
    };
"""
# Twenty letters nobody has touched for twenty working days, to a quiet unit: loud ones, so that
# their reminders are due the moment they are written (docs/decisions/0002).
_LATE_LETTERS = """
from datetime import timedelta
from django.utils import timezone
from letters.actions import LetterDraft, submit_letter
from yulin_gov.casework.enums import Origin
from yulin_gov.organization.models import Unit
from yulin_gov.workdays.calendar import current_calendar
unit, now = Unit.objects.get(code="keji"), timezone.now()
day = current_calendar().add_workdays(timezone.localdate(now), -20)
at = now - (timezone.localdate(now) - day)
for number in range(20):
    submit_letter(
        LetterDraft(
            unit=unit, title=f"科技下乡讲座何时到村第{number:02}问", text="想请农技专家来村里讲一讲荔枝保果。",
            name="覃大叔", phone="13977400001", may_publish=False, origin=Origin.DEMO, loud=True, at=at,
        ),
        idempotency_key=f"journeys-late-{number}",
    )
"""


def _eventually(condition: Callable[[], object], seconds: float = 60, between: float = 0.5):
    """Wait for what worker and beat do by themselves."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(between)
    return found


def _told_of(sql, number: str) -> set[tuple[str, str]]:
    """Who has found which reminder of this letter in the inbox: username and the offset in days."""
    rows = sql(
        """SELECT u.username, split_part(n.idempotency_key, ':', 4)
           FROM notices_noticedelivery d
           JOIN notices_notice n ON n.id = d.notice_id JOIN accounts_user u ON u.id = d.user_id
           JOIN casework_case c ON n.url = '/office/cases/' || c.id || '/'
           WHERE d.channel = 'inbox' AND n.kind = 'deadline' AND c.number = %s""",
        number,
    )
    return set(rows)


# -- watching -----------------------------------------------------------------------------


def test_untouched_overdue_letters_have_filled_the_clerks_inbox_by_themselves(person, sql):
    """Nobody has done anything since the start: sweep, outbox and worker did."""
    title = "香莞路榕树树根拱起人行道地砖"
    told_of = """SELECT count(DISTINCT u.username) FROM notices_noticedelivery d
        JOIN notices_notice n ON n.id = d.notice_id JOIN accounts_user u ON u.id = d.user_id
        JOIN casework_case c ON n.url = '/office/cases/' || c.id || '/'
        WHERE d.channel = 'inbox' AND n.urgent AND c.title = %s AND u.username IN ('clerk', 'leader')"""
    _eventually(lambda: sql(told_of, title) == [(2,)])
    for username in ("clerk", "leader"):
        page = person(username)
        page.goto("/office/")
        expect(page.locator(".bell .count")).to_be_visible()
        _find_in_inbox(page, title, "超期警告")


def _find_in_inbox(page: Page, title: str, word: str) -> None:
    """Leaf through the inbox until a notice of this case shows."""
    page.goto("/office/notices/?show=all")
    notice = page.get_by_role("row").filter(has_text=title).filter(has_text=word)
    while not notice.count():
        page.get_by_role("link", name="下一页").click()
        page.wait_for_load_state()
    expect(notice.first).to_be_visible()


def test_reminders_climb_from_handler_to_clerk_to_leader_while_one_watches(person, manage, sql, base_url):
    title = "城东菜市场门口下水道反味"
    sent = write_letter(person(), title=title)
    accept(person("clerk"), title)
    handler = person("handler")
    open_todo(handler, title)
    work(handler).get_by_role("button", name="领办").click()
    expect(told(handler)).to_contain_text("已领办")
    clock = """SELECT k.next_alert_at, k.due_at FROM casework_clock k JOIN casework_case c ON c.id = k.case_id
               WHERE c.number = %s AND k.name = 'promised'"""

    # Three working days before: the handler. One before: the clerk too.
    for expected in ({("handler", "-3")}, {("handler", "-3"), ("handler", "-1"), ("clerk", "-1")}):
        [(next_alert_at, _)] = sql(clock, sent.number)
        manage("sweep_deadlines", "--as-of", next_alert_at.isoformat())
        _eventually(lambda expected=expected: _told_of(sql, sent.number) == expected)

    # Overdue: the leader, who has the office open and does nothing but watch.
    leader = person("leader", permissions=["notifications"])
    leader.clock.install()
    leader.context.add_init_script(_KEEP_POPUPS)
    leader.goto("/office/")
    leader.wait_for_timeout(500)
    before = leader.locator(".bell").inner_text()
    [(_, due_at)] = sql(clock, sent.number)
    manage("sweep_deadlines", "--as-of", (due_at + timedelta(days=30)).isoformat())
    _eventually(lambda: ("leader", "1") in _told_of(sql, sent.number))
    _eventually(lambda: _half_a_minute_later(leader).locator(".bell").inner_text() != before)
    _eventually(lambda: any(title in shown for shown in _half_a_minute_later(leader).evaluate("popups")))
    assert _told_of(sql, sent.number) >= {("handler", "1"), ("clerk", "1"), ("leader", "1")}

    # The way from the bell to the letter; the story tells every reminder.
    leader.locator(".bell").click()
    leader.get_by_role("row").filter(has_text=title).get_by_role("link").first.click()
    expect(leader.get_by_role("heading", level=1)).to_have_text(title)
    timeline = leader.get_by_role("complementary")
    for reminder in ("到期前3个工作日提醒", "到期前1个工作日提醒", "到期提醒", "超期1个工作日提醒"):
        expect(timeline).to_contain_text(f"答复时限{reminder}")


def _half_a_minute_later(page: Page) -> Page:
    """Let the page's own polling come round, without anybody waiting for it."""
    page.clock.fast_forward(31_000)
    page.wait_for_timeout(300)
    return page


def test_whoever_has_not_agreed_is_not_disturbed_on_the_desktop(person):
    page = person("handler")
    page.context.add_init_script(_KEEP_POPUPS)
    page.goto("/office/")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.locator(".bell")).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate("popups") == []
    assert not [url for url in asked if url.endswith("/desktop/")]


# -- a worker that dies -------------------------------------------------------------------


@pytest.fixture
def worker(platform_data) -> Callable[[], int | None]:
    """The process id of this platform's Celery worker: the one its keeper has started. What a killed
    worker leaves behind has another parent."""

    def find() -> int | None:
        keeper = (platform_data / "server.lock").read_text().split()[0]
        children = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
        for child in children:
            try:
                command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            except OSError:  # just gone
                continue
            if b"celery" in command and b"worker" in command:
                return int(child)
        return None

    return find


def test_a_killed_worker_comes_back_and_no_reminder_is_lost_or_doubled(worker, manage, sql, person):
    late = "(SELECT id FROM casework_case WHERE idempotency_key LIKE 'journeys-late-%%')"
    alerted = f"SELECT count(*) FROM casework_caseevent WHERE verb = 'casework.alerted' AND case_id IN {late}"
    first = worker()
    os.kill(first, signal.SIGKILL)
    manage("shell", "-c", _LATE_LETTERS)  # due while nobody works
    second = _eventually(lambda: (pid := worker()) != first and pid)
    _eventually(lambda: sql(alerted) != [(0,)])
    os.kill(second, signal.SIGKILL)  # in the middle of telling people
    third = _eventually(lambda: (pid := worker()) not in (first, second) and pid)

    # Each letter: accepting 1 day before and at its end, answering 3 and 1 before, at its end, 1 after.
    # All six reach the clerk; the end of accepting and the day after the end also the leader.
    inboxes = f"""SELECT u.username, count(*), count(DISTINCT n.idempotency_key)
        FROM notices_noticedelivery d
        JOIN notices_notice n ON n.id = d.notice_id JOIN accounts_user u ON u.id = d.user_id
        JOIN casework_case c ON n.url = '/office/cases/' || c.id || '/'
        WHERE d.channel = 'inbox' AND n.kind = 'deadline' AND c.id IN {late}
        GROUP BY u.username ORDER BY u.username"""
    expected = [("lu.lan", 120, 120), ("ou.bo", 40, 40)]
    _eventually(lambda: sql(inboxes) == expected or time.sleep(1))
    assert sql(alerted) == [(120,)]
    time.sleep(7)  # two more rounds of the sweep bring nothing new
    assert sql(inboxes) == expected
    assert sql(alerted) == [(120,)]
    assert worker() == third

    page = person("lu.lan")
    page.goto("/office/")
    expect(page.locator(".bell .count")).to_have_text("99+")
