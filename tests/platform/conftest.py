"""Private instances of their own, so that killing servers disturbs no other test."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from yulin_gov import embedded

HOLD = (
    "import sys; from yulin_gov import embedded; embedded.attach(); print('up', flush=True); sys.stdin.read()"
)


class Instance:
    """A data directory whose servers run as long as one of its `users` does."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.users: list[subprocess.Popen] = []

    def speak_of(self, patch: pytest.MonkeyPatch) -> None:
        """Let `embedded` in this process speak of this instance rather than of the tests' own."""
        patch.setenv("YULIN_DATA", str(self.data))
        embedded._step_down.cache_clear()

    def attach(self) -> subprocess.Popen:
        """A process that uses the servers until its standard input is closed."""
        user = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            cwd=embedded.BASE_DIR,
            env=os.environ | {"YULIN_DATA": str(self.data)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.users.append(user)
        assert user.stdout.readline() == "up\n"
        return user

    def leave(self, user: subprocess.Popen) -> None:
        self.users.remove(user)
        user.communicate(timeout=60)
        assert user.returncode == 0

    def postmaster(self) -> int:
        return int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])


@contextlib.contextmanager
def _an_instance():
    """An empty instance in a directory that only its owner may enter, with a difficult name."""
    top = Path(tempfile.mkdtemp(prefix="yulin-test-"))
    made = Instance(top / "玉林 data")
    with pytest.MonkeyPatch.context() as patch:
        made.speak_of(patch)
        yield made
        made.speak_of(patch)
        for user in list(made.users):
            made.leave(user)
        if embedded.running(redis=False) or embedded.running(postgres=False):
            embedded.stop()
        shutil.rmtree(embedded.socket_dir(), ignore_errors=True)
    embedded._step_down.cache_clear()
    shutil.rmtree(top)


@pytest.fixture
def instance():
    """An instance of the test's own; `embedded` in the test itself speaks of this one too."""
    with _an_instance() as made:
        yield made


@pytest.fixture(scope="module")
def _shared_instance():
    with _an_instance() as made:
        made.attach()
        yield made


@pytest.fixture
def running(_shared_instance, monkeypatch):
    """A running instance with an empty database. Starting one takes seconds, so tests that harm
    nothing share it."""
    _shared_instance.speak_of(monkeypatch)
    embedded.recreate_database()
    return _shared_instance


def wait_until(condition, seconds: float = 10) -> None:
    """Wait for something another process does; fails when it does not happen in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be buried by its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
