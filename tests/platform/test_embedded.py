"""The private PostgreSQL and Redis: shared by whoever needs them, gone with the last, never losing data."""

import os
import pwd
import signal
import stat

import psycopg2
import pytest

from yulin_gov import embedded

from .conftest import is_alive, wait_until


def _remember(number: int) -> None:
    with embedded.cursor(embedded.OWNER, embedded.DATABASE) as sql:
        sql.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        sql.execute("INSERT INTO kept VALUES (%s)", [number])


def _remembered() -> list[int]:
    with embedded.cursor(embedded.OWNER, embedded.DATABASE) as sql:
        sql.execute("SELECT number FROM kept ORDER BY number")
        return [number for (number,) in sql.fetchall()]


def test_servers_live_as_long_as_somebody_uses_them_and_lose_nothing(instance):
    first, second = instance.attach(), instance.attach()
    assert embedded.running()
    _remember(1)

    instance.leave(first)
    assert embedded.running()
    instance.leave(second)
    assert not embedded.running(redis=False) and not embedded.running(postgres=False)

    user = instance.attach()  # a user killed without a chance to clean up
    _remember(2)
    user.kill()
    user.wait()
    instance.users.remove(user)
    user = instance.attach()
    assert _remembered() == [1, 2]

    killed = instance.postmaster()  # a server killed in the middle of its work
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not is_alive(killed) and not embedded.running(redis=False))
    instance.attach()
    assert _remembered() == [1, 2]


def test_the_application_role_owns_nothing_and_cannot_make_tables(running):
    with (
        embedded.cursor(embedded.APP, embedded.DATABASE) as sql,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        sql.execute("CREATE TABLE mine (id int)")


def test_a_recreated_database_is_empty_and_forgets_its_stamps(running):
    _remember(1)
    (embedded.stamp_dir() / "migrated").touch()
    embedded.recreate_database()
    assert not (embedded.stamp_dir() / "migrated").exists()
    with embedded.cursor(embedded.OWNER, embedded.DATABASE) as sql:
        sql.execute("SELECT to_regclass('kept')")
        assert sql.fetchone() == (None,)


def test_a_creation_that_was_cut_off_begins_again(instance):
    half_made = instance.data / "postgres" / "base"
    half_made.mkdir(parents=True)
    (instance.data / "postgres" / "PG_VERSION").write_text("18")
    instance.attach()
    assert embedded.running()


@pytest.mark.skipif(os.getuid() != 0, reason="only root has to step down")
def test_root_starts_the_server_as_nobody_also_where_only_root_may_enter(running):
    assert stat.S_IMODE(running.data.parent.stat().st_mode) == 0o700
    owner = os.stat(f"/proc/{running.postmaster()}").st_uid
    assert owner == pwd.getpwnam("nobody").pw_uid


def test_nobody_else_may_reach_the_servers(running):
    assert stat.S_IMODE(embedded.socket_dir().stat().st_mode) == 0o700
    assert stat.S_IMODE((running.data / "postgres").stat().st_mode) == 0o700


def test_a_secret_is_made_once_and_readable_by_its_owner_only(running):
    secret = embedded.secret("django")
    assert len(secret) >= 50
    assert embedded.secret("django") == secret
    assert embedded.secret("privacy") != secret
    path = running.data / "keys" / "django"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_instances_with_different_data_never_meet(monkeypatch, tmp_path):
    places = []
    for name in ("one", "two"):
        monkeypatch.setenv("YULIN_DATA", str(tmp_path / name))
        places.append((embedded.socket_dir(), embedded.postgres_url(), embedded.secret("django")))
    assert all(here != there for here, there in zip(*places, strict=True))


def test_a_socket_fits_its_address_however_deep_the_data_lies(monkeypatch, tmp_path):
    monkeypatch.setenv("YULIN_DATA", str(tmp_path / ("深" * 50) / ("d" * 100)))
    assert len(os.fsencode(embedded.socket_dir() / ".s.PGSQL.5432")) < 100
