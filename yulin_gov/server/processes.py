"""Programs that are started again when they die, and that die with whoever keeps them.

A small keeper of our own rather than a process manager: it must also revive the private
PostgreSQL and Redis, hand an open socket to the web server, and leave nothing behind when it is
itself killed. Each program runs in a process group of its own, so that Ctrl-C reaches only the
keeper, which then stops everything in order.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

PR_SET_PDEATHSIG = 1
QUICK_SECONDS = 10  # a program that lived shorter than this has failed to start
LONGEST_PAUSE = 15  # seconds between two attempts to start a failing program
STOP_SECONDS = 12  # how long a program may take to finish its work when told to stop
_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> Callable[[], None]:
    """For `preexec_fn`: the new process is told to stop when the process `parent` is gone."""

    def arrange() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return arrange


def spawn(command: Sequence[str], *, keep_open: Sequence[int] = (), **options) -> subprocess.Popen:
    """Start `command` in its own process group, to end with this process.

    `keep_open` are the file descriptors it inherits; `options` go to `Popen` (`env`, `cwd`).
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with(os.getpid()),
        pass_fds=keep_open,
        **options,
    )


def signal_group(process: subprocess.Popen, number: int) -> None:
    """Send a signal to `process` and to everything it started that is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


class Program:
    """One program that should be running. `failures` counts starts in a row that did not last."""

    def __init__(self, name: str, command: Sequence[str], **options) -> None:
        self.name, self.command, self.options = name, command, options
        self.process: subprocess.Popen | None = None
        self.failures = 0
        self._started = self._start_again = 0.0

    def look_after(self) -> None:
        """Start it if it is not running, after a pause that grows while it keeps failing."""
        if self.process is None:
            if time.monotonic() >= self._start_again:
                self.start()
        elif self.process.poll() is not None:
            self._has_died()

    def start(self) -> None:
        self._started = time.monotonic()
        self.process = spawn(self.command, **self.options)

    def _has_died(self) -> None:
        lasted = time.monotonic() - self._started
        self.failures = self.failures + 1 if lasted < QUICK_SECONDS else 1
        pause = min(2 ** (self.failures - 1), LONGEST_PAUSE)
        say(f"{self.name} ended ({_ending(self.process.returncode)}); starting it again in {pause} s.")
        signal_group(self.process, signal.SIGKILL)  # what it left behind would hold on to its work
        self.process = None
        self._start_again = time.monotonic() + pause


def stop_all(programs: Sequence[Program]) -> None:
    """Stop all programs and everything they started; asked a second time, at once.

    Whatever has not finished after `STOP_SECONDS` is killed. Interrupted work is not lost: the
    database rolls it back and the next start takes it up again.
    """
    deadline = time.monotonic() + STOP_SECONDS
    impatient = False

    def hurry(*_) -> None:
        nonlocal impatient
        impatient = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, hurry)
    running = [program.process for program in programs if program.process]
    for process in running:
        process.terminate()
    while any(process.poll() is None for process in running):
        if impatient or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for process in running:
        signal_group(process, signal.SIGKILL)
        process.wait()


def say(sentence: str) -> None:
    """Tell the operator; the terminal may be gone already."""
    with contextlib.suppress(OSError):
        print(sentence, file=sys.stderr, flush=True)


def _ending(code: int) -> str:
    return f"exit status {code}" if code >= 0 else signal.Signals(-code).name
