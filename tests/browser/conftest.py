"""The whole platform, started as a person starts it, and real browsers on it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from yulin_gov.organization.demo.accounts import DEMO_PASSWORD

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240
PHONE = {"width": 390, "height": 844}

expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


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


@pytest.fixture(scope="session")
def platform_data(tmp_path_factory) -> Path:
    """An empty data directory: the platform makes its first start in it."""
    return tmp_path_factory.mktemp("platform")


@pytest.fixture(scope="session")
def base_url(platform_data) -> Iterator[str]:
    """The address of a platform in its first hour: migrated, seeded, web, worker and beat running."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "YULIN_DATA": str(platform_data)}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    log = open(platform_data / "server.log", "wb")  # noqa: SIM115 - handed to the server
    server = subprocess.Popen(
        [sys.executable, "-m", "yulin_gov.server", "--port", str(port)],
        env=env,
        cwd=ROOT,
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(address, server, platform_data / "server.log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_until_up(address: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"the platform did not start:\n{log.read_text(errors='replace')[-3000:]}")
        try:
            with urlopen(f"{address}/readyz", timeout=5) as answer:
                if answer.status == 200 and "is up" in log.read_text(errors="replace"):
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise RuntimeError(
        f"the platform is not up after {START_SECONDS} s:\n{log.read_text(errors='replace')[-3000:]}"
    )


@pytest.fixture(scope="session")
def manage(platform_data) -> Callable[..., str]:
    """`manage("verify_events")` runs a command on the running platform and gives its output."""

    def run(*arguments: str) -> str:
        env = {**os.environ, "YULIN_DATA": str(platform_data)}
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout

    return run


@pytest.fixture
def person(browser: Browser, browser_context_args, base_url) -> Iterator[Callable[..., Page]]:
    """`person()` is a citizen at a browser of his own, `person("clerk")` a demo account signed in."""
    contexts = []

    def open_browser(username: str = "", *, viewport: dict | None = None, javascript: bool = True) -> Page:
        args = {**browser_context_args, "base_url": base_url, "java_script_enabled": javascript}
        context = browser.new_context(**{**args, "viewport": viewport or args["viewport"]})
        contexts.append(context)
        page = context.new_page()
        if username:
            page.goto("/accounts/sign-in/")
            page.get_by_label("用户名").fill(username)
            page.get_by_label("密码", exact=True).fill(DEMO_PASSWORD)
            page.get_by_role("button", name="登录").click()
            expect(page.locator("h1")).to_be_visible()
        return page

    yield open_browser
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[[Page], None]:
    """Fails with axe's own words where a page breaks WCAG 2.2 AA."""

    def check(page: Page) -> None:
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
        assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{page.url} scrolls sideways by {width} px"

    return check
