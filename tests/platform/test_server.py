"""`script/server`: prepares once, keeps its programs running, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from yulin_gov import embedded
from yulin_gov.server import preparation, processes

from .conftest import is_alive, wait_until

SLEEP = ["sleep", "1000"]
# A program with a child of its own, like a web server and its workers.
FAMILY = [sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '1000'])"]


@pytest.fixture
def kept():
    """Programs that are certainly ended after the test; signal handlers are put back."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    programs = []
    yield programs
    processes.stop_all(programs)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as listed:
        return [int(child) for child in listed.read().split()]


# -- programs are kept running ------------------------------------------------------------


def test_a_killed_program_is_started_again_and_its_orphans_are_not_left_behind(kept):
    program = processes.Program("family", FAMILY)
    kept.append(program)
    program.start()
    first = program.process.pid
    wait_until(lambda: _children(first))
    [orphan] = _children(first)

    os.kill(first, signal.SIGKILL)

    def is_back() -> bool:
        program.look_after()
        return program.process is not None and program.process.pid != first

    wait_until(is_back)
    wait_until(lambda: not is_alive(orphan))
    assert is_alive(program.process.pid)


def test_a_program_that_fails_at_once_is_tried_again_less_and_less_often(kept, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(processes.time, "monotonic", lambda: clock[0])
    program = processes.Program("broken", ["false"])
    kept.append(program)
    pauses = []
    for _ in range(6):
        program.start()
        program.process.wait()
        program.look_after()
        pauses.append(program._start_again - clock[0])
    assert pauses == [1, 2, 4, 8, 15, 15]
    assert program.failures == 6


def test_stopping_ends_every_program_and_what_it_started(kept):
    kept += [processes.Program("family", FAMILY), processes.Program("plain", SLEEP)]
    for program in kept:
        program.start()
    wait_until(lambda: _children(kept[0].process.pid))
    pids = [kept[0].process.pid, *_children(kept[0].process.pid), kept[1].process.pid]
    processes.stop_all(kept)
    wait_until(lambda: not any(map(is_alive, pids)))


def test_a_program_that_will_not_stop_is_killed_in_the_end(kept, monkeypatch):
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.2)
    stubborn = ["sh", "-c", "trap '' TERM; echo ready; while true; do sleep 0.1; done"]
    program = processes.Program("stubborn", stubborn, stdout=subprocess.PIPE)
    kept.append(program)
    program.start()
    program.process.stdout.readline()
    processes.stop_all(kept)
    assert program.process.returncode == -signal.SIGKILL


def test_programs_die_with_a_killed_keeper():
    keeper = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time; from yulin_gov.server.processes import Program; program = Program('x', ['sleep', '1000']);"
            "program.start(); print(program.process.pid, flush=True); time.sleep(1000)",
        ],
        cwd=embedded.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(keeper.stdout.readline())
    assert is_alive(child)
    keeper.kill()
    keeper.communicate()
    wait_until(lambda: not is_alive(child))


# -- what the operator is told ------------------------------------------------------------


def _server(data, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "yulin_gov.server", *arguments],
        cwd=embedded.BASE_DIR,
        env=os.environ | {"YULIN_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_taken_port_is_a_clear_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = _server(tmp_path, "--port", port)
    assert told.returncode == 1
    assert f"127.0.0.1:{port}" in told.stderr and "--port" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "postgres").exists()  # said before anything was started


@pytest.mark.parametrize("port", ["0", "65536", "eighty"])
def test_a_port_that_is_none_is_refused(tmp_path, port):
    told = _server(tmp_path, "--port", port)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


# -- the data is prepared once ------------------------------------------------------------


class Manage:
    """Stands where manage.py is started: notes the commands, and does to the database what a
    small platform would do. `cut_off` is the command that never comes to its end."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.cut_off = ""

    def __call__(self, command: str, *arguments: str, capture: bool = False) -> str:
        self.asked.append(" ".join([command, *(name for name in arguments if name == "--accounts")]))
        if command == "migrate" and embedded.running(redis=False):
            with embedded.cursor(embedded.OWNER, embedded.DATABASE) as sql:
                for table in ("accounts_user", "organization_unit", "casework_case"):
                    sql.execute(f"CREATE TABLE IF NOT EXISTS {table} (name text)")
        if command == "seed_demo" and not capture:
            with embedded.cursor(embedded.OWNER, embedded.DATABASE) as sql:
                sql.execute("INSERT INTO organization_unit VALUES ('市政府办公室')")
        if command == self.cut_off:
            raise SystemExit(1)
        return "账号与密码\n" if capture else ""

    def take(self) -> list[str]:
        asked, self.asked = self.asked, []
        return asked


def _units() -> int:
    with embedded.cursor(embedded.OWNER, embedded.DATABASE) as sql:
        sql.execute("SELECT count(*) FROM organization_unit")
        return sql.fetchone()[0]


def test_an_external_database_is_migrated_at_every_start_and_never_seeded(monkeypatch, tmp_path):
    monkeypatch.setenv("YULIN_DATA", str(tmp_path))
    manage = Manage()
    preparation.prepare(manage, private_database=False, demo=False)
    assert manage.take() == ["migrate", "collectstatic"]
    preparation.prepare(manage, private_database=False, demo=False)
    assert manage.take() == ["migrate"]


def test_the_second_start_does_nothing_twice(running):
    manage = Manage()
    preparation.prepare(manage, private_database=True, demo=True)
    assert manage.take() == ["migrate", "collectstatic", "seed_demo", "seed_demo --accounts"]
    assert preparation.demo_accounts() == "账号与密码\n"
    preparation.prepare(manage, private_database=True, demo=True)
    assert manage.take() == []


def test_seeding_that_was_cut_off_is_built_afresh(running):
    manage = Manage()
    manage.cut_off = "seed_demo"
    for _ in range(2):
        with pytest.raises(SystemExit):
            preparation.prepare(manage, private_database=True, demo=True)
    manage.cut_off = ""
    preparation.prepare(manage, private_database=True, demo=True)
    assert _units() == 1  # nothing of the two attempts before


def test_data_that_was_there_before_the_demo_city_is_never_thrown_away(running):
    manage = Manage()
    manage("migrate")
    with embedded.cursor(embedded.OWNER, embedded.DATABASE) as sql:
        sql.execute("INSERT INTO organization_unit VALUES ('imported before')")
    manage.cut_off = "seed_demo"
    with pytest.raises(SystemExit):
        preparation.prepare(manage, private_database=True, demo=True)
    manage.cut_off = ""
    preparation.prepare(manage, private_database=True, demo=True)
    assert _units() == 3
