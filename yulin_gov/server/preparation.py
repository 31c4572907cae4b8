"""What must have been done to the data before the platform can be served.

Each step leaves a stamp with a digest of what it was made from, so that the second start skips
it. Stamps about the database lie beside the private database and vanish with it; an external
database is migrated at every start, because others may have changed it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from yulin_gov import embedded
from yulin_gov.embedded import BASE_DIR

# Runs one manage.py command to its end and returns what it printed if `capture`; raises SystemExit.
Manage = Callable[..., str]


def prepare(manage: Manage, *, private_database: bool, demo: bool) -> None:
    """Migrate, collect static files and, where `demo`, build the demo city; only what is not done yet."""
    code = _digest(_code_files())
    _migrate(manage, code, remember=private_database)
    _collect_static(manage)
    if demo:
        _seed(manage, code)


def demo_accounts() -> str:
    """The table of demo accounts as it was when the demo city was built."""
    return _accounts_file().read_text()


def _migrate(manage: Manage, code: str, *, remember: bool) -> None:
    stamp = embedded.stamp_dir() / "migrated" if remember else None
    if stamp and _reads(stamp, code):
        return
    with _step("Bringing the database up to date"):
        manage("migrate", "--verbosity", "0")
    if stamp:
        stamp.write_text(code)


def _collect_static(manage: Manage) -> None:
    stamp = embedded.data_dir() / "static" / ".collected"
    folders = [BASE_DIR / "static", *(path for package in _packages() for path in package.rglob("static"))]
    files = [path for folder in folders for path in folder.rglob("*")]
    digest = _digest([*files, BASE_DIR / "requirements.txt", BASE_DIR / "yulin_gov" / "settings.py"])
    if _reads(stamp, digest):
        return
    with _step("Collecting static files"):
        manage("collectstatic", "--no-input", "--verbosity", "0")
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(digest)


def _seed(manage: Manage, code: str) -> None:
    """Build the demo city once. What was cut off half-way is thrown away and built afresh, but only
    where the database held nothing before."""
    begun, done = embedded.stamp_dir() / "demo-begun", embedded.stamp_dir() / "demo-done"
    if not done.exists():
        if begun.exists():
            print("The demo city was left unfinished; it is built afresh.", flush=True)
            embedded.recreate_database()
            _migrate(manage, code, remember=True)
            begun.touch()
        elif _is_empty():
            begun.touch()
        with _step("Building the demo city (a few minutes, once)"):
            manage("seed_demo")
        done.touch()
        begun.unlink(missing_ok=True)
    listed = embedded.stamp_dir() / "accounts-listed"
    if not (_reads(listed, code) and _accounts_file().exists()):
        _accounts_file().write_text(manage("seed_demo", "--accounts", capture=True))
        listed.write_text(code)


def _is_empty() -> bool:
    """Whether nobody and nothing is in the private database yet."""
    with embedded.cursor(embedded.OWNER, embedded.DATABASE) as sql:
        for table in ("accounts_user", "organization_unit", "casework_case"):
            sql.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
            if sql.fetchone()[0]:
                return False
    return True


def _accounts_file() -> Path:
    return embedded.data_dir() / "demo-accounts.txt"


def _code_files() -> list[Path]:
    """Everything a migration, or what runs after it, may depend on."""
    return [
        BASE_DIR / "requirements.txt",
        *(path for package in _packages() for path in package.rglob("*.*")),
    ]


def _packages() -> list[Path]:
    return [init.parent for init in BASE_DIR.glob("[a-z]*/__init__.py") if init.parent.name != "tests"]


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(files):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(os.fsencode(path.relative_to(BASE_DIR)) + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _reads(stamp: Path, content: str) -> bool:
    return stamp.exists() and stamp.read_text() == content


class _step:
    """Says what is being done, and how long it took."""

    def __init__(self, title: str) -> None:
        self.title = title

    def __enter__(self) -> None:
        self.started = time.monotonic()
        print(f"==> {self.title} …", flush=True)

    def __exit__(self, failure, *_) -> None:
        if failure is None:
            print(f"    done in {time.monotonic() - self.started:.0f} s", flush=True)
