"""Prepare this instance, then serve web, worker and beat until told to stop.

Started by `script/server`. A failing program is started again, so are the private PostgreSQL and
Redis; on Ctrl-C, SIGTERM or SIGHUP everything that was started here is stopped.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from yulin_gov import embedded
from yulin_gov.embedded import BASE_DIR
from yulin_gov.server import preparation
from yulin_gov.server.processes import Program, say, signal_group, spawn, stop_all

GIVE_UP_AFTER = 4  # failures in a row before the platform was ever up
WORKERS, THREADS = 2, 4
NAMES = ("web", "worker", "beat")


class Told(SystemExit):
    """Somebody asked us to stop."""


def main() -> None:
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _told)
    for name in ("DATABASE_URL", "REDIS_URL"):
        if os.environ.get(name) == "":  # set to nothing means the same as not set
            del os.environ[name]
    lock = _be_the_only_one(embedded.data_dir() / "server.lock", options)
    listener = _listen(options.host, options.port)
    keep_open = (lock.fileno(), listener.fileno())
    common = {"env": _environment(options), "cwd": BASE_DIR, "keep_open": keep_open}
    private = {"postgres": "DATABASE_URL" not in os.environ, "redis": "REDIS_URL" not in os.environ}
    production = os.environ.get("YULIN_ENV") == "production"
    demo = private["postgres"] and not production
    if not production:  # production refuses private servers; its settings say so
        embedded.attach(**private)
    preparation.prepare(_manage(common), private_database=demo, demo=demo)
    programs = _programs(listener, common)
    try:
        _serve(programs, options, demo=demo, private={} if production else private)
    except Told:
        say("\nStopping …")
    finally:
        stop_all(programs)


def _serve(programs: list[Program], options, *, demo: bool, private: dict) -> None:
    announced = False
    while True:
        if any(private.values()) and not embedded.running(**private):
            say("A private server is gone; starting it again.")
            try:
                embedded.attach(**private)
            except (SystemExit, OSError, subprocess.SubprocessError) as failure:
                say(str(failure))
        # The web server first: on a small machine all at once would be slower for whoever waits.
        for program in programs if announced else programs[:1]:
            program.look_after()
            if program.failures >= GIVE_UP_AFTER and not announced:
                raise SystemExit(f"{program.name} does not start; what it printed above says why.")
        if not announced and _answers(options):
            announced = True
            _announce(options, demo)
        time.sleep(0.3 if announced else 0.1)


def _announce(options, demo: bool) -> None:
    if demo:
        say("\n" + preparation.demo_accounts())
    say(f"The platform is up: {_address(options)}  (Ctrl-C stops it)")


# -- what is run --------------------------------------------------------------------------


def _programs(listener: socket.socket, common: dict) -> list[Program]:
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "yulin_gov"]
    web = [sys.executable, "-m", "gunicorn", "yulin_gov.wsgi", "--bind", f"fd://{listener.fileno()}"]
    web += ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)]
    web += ["--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"]
    worker = [*celery, "worker", "--loglevel", "WARNING", "--concurrency", str(WORKERS)]
    worker += ["--without-gossip", "--without-mingle"]  # there is no other worker to talk to
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]
    beat += ["--schedule", str(embedded.data_dir() / "beat-schedule")]
    return [
        Program(name, command, **common)
        for name, command in (("web", web), ("worker", worker), ("beat", beat))
    ]


def _manage(common: dict) -> preparation.Manage:
    def manage(*arguments: str, capture: bool = False) -> str:
        command = [sys.executable, "manage.py", *arguments]
        process = spawn(command, stdout=subprocess.PIPE if capture else None, text=True, **common)
        try:
            output, _ = process.communicate()
        except BaseException:
            process.terminate()
            try:
                process.wait(timeout=5)
            finally:
                signal_group(process, signal.SIGKILL)
            raise
        if process.returncode:
            raise SystemExit(f"manage.py {arguments[0]} failed; what it printed above says why.")
        return output or ""

    return manage


def _environment(options) -> dict[str, str]:
    environment = dict(os.environ, YULIN_DATA=str(embedded.data_dir()), PYTHONUNBUFFERED="1")
    environment.setdefault("SITE_URL", _address(options))
    if not _is_loopback(options.host) and os.environ.get("YULIN_ENV") != "production":
        # Asked to be reachable from outside under names we cannot know.
        environment.setdefault("ALLOWED_HOSTS", "*")
    return environment


# -- one instance, one port ---------------------------------------------------------------


def _be_the_only_one(path: Path, options):
    """Hold the lock of this data directory. Our programs inherit it, so that a new start waits until
    the last of them has gone, even if we were killed."""
    lock = open(path, "a+")  # noqa: SIM115 - held as long as the process lives
    for attempt in range(60):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            lock.seek(0)
            pid, _, address = lock.read().partition(" ")
            if pid and _is_server(pid):
                raise SystemExit(
                    f"This data directory ({embedded.data_dir()}) is already served on {address}. "
                    "Stop that server first, or set YULIN_DATA to another directory."
                ) from None
            if attempt == 0:
                say("Waiting for what is left of an earlier run to end …")
            time.sleep(0.5)
    else:
        raise SystemExit("Processes of an earlier run do not end; `fuser` shows who holds " + str(path))
    lock.truncate(0)
    lock.write(f"{os.getpid()} {_address(options)}")
    lock.flush()
    return lock


def _is_server(pid: str) -> bool:
    try:
        return b"yulin_gov.server" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    """The web server's socket. Opened here, so that a taken port is told before minutes of work, and
    so that requests wait rather than fail while a killed web server is started again."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError as failure:
        raise SystemExit(
            f"Cannot listen on {host}:{port} ({failure.strerror}). Choose another port with --port."
        ) from None
    return listener


def _answers(options) -> bool:
    host = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host
    connection = http.client.HTTPConnection(host, options.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(options) -> str:
    return f"http://{f'[{options.host}]' if ':' in options.host else options.host}:{options.port}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/server", description="Start the platform on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="default 8000")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on, default 127.0.0.1")
    options = parser.parse_args()
    if not 0 < options.port < 65536:
        parser.error("--port must lie between 1 and 65535")
    return options


def _told(number, _frame) -> None:
    raise Told(128 + number)


if __name__ == "__main__":
    main()
