"""The whole platform, started as a person starts it, and real browsers on it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psycopg2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from yulin_gov import embedded

from .acting import sign_in

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 300
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items) -> None:
    ours = [item for item in items if "tests/browser" in str(item.path)]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    # Later days are played after what happens today; the log is looked at last, with everything in it.
    last = ["test_reminders.py", "test_log.py"]
    items.sort(key=lambda item: last.index(item.path.name) if item in ours and item.path.name in last else -1)


# -- the platform -------------------------------------------------------------------------


@pytest.fixture(scope="session")
def platform_data(tmp_path_factory) -> Path:
    """An empty data directory: the platform makes its first start in it."""
    return tmp_path_factory.mktemp("platform")


@pytest.fixture(scope="session")
def base_url(platform_data) -> Iterator[str]:
    """The address of a platform in its first hour: migrated, seeded, web, worker and beat running."""
    with _serving(platform_data) as address:
        yield address


@contextmanager
def _serving(data: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = open(data / "server.log", "wb")  # noqa: SIM115 - handed to the server
    server = subprocess.Popen(
        [sys.executable, "-m", "yulin_gov.server", "--port", str(port)],
        env=_environment(data),
        cwd=ROOT,
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(address, server, data / "server.log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=60)


def _environment(data: Path) -> dict[str, str]:
    env = {**os.environ, "YULIN_DATA": str(data)}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    return env


def _wait_until_up(address: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        said = log.read_text(errors="replace")
        if server.poll() is not None:
            raise RuntimeError(f"the platform did not start:\n{said[-3000:]}")
        try:
            with urlopen(f"{address}/readyz", timeout=5) as answer:
                if answer.status == 200 and "is up" in said:
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise RuntimeError(f"the platform is not up after {START_SECONDS} s:\n{said[-3000:]}")


@pytest.fixture(scope="session")
def manage(base_url, platform_data) -> Callable[..., str]:
    """`manage("verify_events")` runs a command on the running platform and gives its output."""

    def run(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=_environment(platform_data), capture_output=True, text=True
        )
        assert done.returncode == 0, f"{arguments[0]} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def sql(base_url, platform_data) -> Iterator[Callable[..., list[tuple]]]:
    """Looks into the running platform's database, in the application's role."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YULIN_DATA", str(platform_data))
        sockets = embedded.socket_dir()
    connection = psycopg2.connect(host=str(sockets), dbname=embedded.DATABASE, user=embedded.APP)
    connection.autocommit = True

    def rows(query: str, *values) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    yield rows
    connection.close()


# -- browsers -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args) -> dict:
    """The browser that script/test found; as root Chromium must do without its sandbox."""
    quiet = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    found = (
        {"executable_path": path} if (path := os.environ.get("YULIN_CHROMIUM") or _system_chromium()) else {}
    )
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "args": [*quiet, *sandbox], **found}


def _system_chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args) -> dict:
    return {**browser_context_args, "locale": "zh-CN", "viewport": {"width": 1280, "height": 900}}


class Watch:
    """Everything a browser complains about, above all what the content security policy forbids.

    A page that is refused on purpose (422 beside a field, 403, 404, 410, 429) is no complaint.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self._refused: set[str] = set()
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))

    def _answered(self, response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} {response.url}")
        elif response.status >= 400 and response.request.is_navigation_request():
            self._refused.add(response.url)

    def _said(self, message) -> None:
        url = message.location.get("url", "")
        refused = message.text.startswith("Failed to load resource") and url in self._refused
        if message.type in ("error", "warning") and not refused:
            self.complaints.append(f"{message.type}: {message.text} ({url})")


@pytest.fixture(scope="session")
def _sessions() -> dict[str, dict]:
    """Cookies of those who have signed in before."""
    return {}


@pytest.fixture
def person(browser: Browser, browser_context_args, base_url, _sessions) -> Iterator[Callable[..., Page]]:
    """`person()` is a citizen at a browser of his own, `person("clerk")` a demo account signed in.

    No browser may have had anything to complain about in the end.
    """
    opened: list[tuple[str, BrowserContext, Watch]] = []

    def open_browser(username: str = "", *, javascript: bool = True, **more) -> Page:
        args = {**browser_context_args, "base_url": base_url, "java_script_enabled": javascript, **more}
        context = browser.new_context(**args, storage_state=_sessions.get(username))
        context.set_default_timeout(20_000)
        opened.append((username or "citizen", context, Watch(context)))
        page = context.new_page()
        if username and username not in _sessions:
            sign_in(page, username)
            _sessions[username] = context.storage_state()
        return page

    yield open_browser
    for _, context, _ in opened:
        context.close()
    complaints = [f"{who}: {said}" for who, _, watch in opened for said in watch.complaints]
    assert not complaints, "\n".join(complaints)


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[[Page], None]:
    """Fails with axe's own words where a page breaks WCAG 2.2 AA, or scrolls sideways."""

    def check(page: Page) -> None:
        # Without preloading: axe would put styles into the page, which the page's policy forbids.
        options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "preload": False}
        results = Axe().run(page, options=options)
        assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
        assert_no_sideways_scrolling(page)

    return check


def assert_no_sideways_scrolling(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{page.url} scrolls sideways by {width} px at {page.viewport_size}"
