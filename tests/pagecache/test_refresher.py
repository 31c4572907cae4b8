"""The thread: changes of other processes, visits, a database that is away."""

import threading
import time

import psycopg2
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from yulin_gov import embedded, pagecache
from yulin_gov.pagecache import refresher, visits
from yulin_gov.pagecache.models import PageVisits
from yulin_gov.pagecache.queries import visits_of
from yulin_gov.pagecache.store import store
from yulin_gov.pagecache.versions import BUMP

pytestmark = pytest.mark.usefixtures("committed_db")


def bump_in_another_process(*keys):
    with connection.cursor() as cursor:  # without what bump() does in this process
        cursor.execute(BUMP, [list(keys)])


def wait_until(condition, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.02)
    return False


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "pagecache"]


def test_a_change_in_another_process_shows_within_a_second(client):
    first = client.get("/letters/").content
    assert client.get("/letters/").content == first
    bump_in_another_process("letters")
    assert wait_until(lambda: client.get("/letters/").content != first, 1.0)
    second = client.get("/letters/").content
    time.sleep(0.6)
    assert client.get("/letters/").content == second


def test_a_page_overtaken_while_rendering_is_not_kept(client):
    first = client.get("/overtaken/").content
    assert store.size == 0
    assert client.get("/overtaken/").content != first


def test_one_thread_per_process_and_forgetting_ends_it(client):
    assert threads() == []
    for path in ("/letters/", "/letters/one/"):
        client.get(path)
    assert threads() == ["pagecache"]
    pagecache.forget()
    assert threads() == []
    assert store.size == 0


def test_many_visitors_of_a_dropped_page_wait_for_one_renderer(client):
    client.get("/slow/")
    pagecache.bump("letters")
    bodies = []

    def visit():
        bodies.append(Client().get("/slow/").content)
        connection.close()

    visitors = [threading.Thread(target=visit) for _ in range(6)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert len(bodies) == 6
    assert len(set(bodies)) == 1


def test_visits_are_counted_in_the_process_and_written_in_one_batch(client, django_assert_num_queries):
    client.get("/letters/")
    client.get("/letters/", HTTP_IF_NONE_MATCH="*")
    client.head("/letters/")
    client.get("/gone/")
    client.get("/unmarked/")
    client.cookies["sessionid"] = "whatever"
    client.get("/letters/")
    with django_assert_num_queries(1):
        visits.write()
    assert [*PageVisits.objects.values_list("path", "day", "count")] == [
        ("/letters/", timezone.localdate(), 3)
    ]
    for _ in range(4):
        client.get("/letters/")
    refresher.refresher.stop()  # writes what is left
    assert visits_of(["/letters/", "/never/"]) == {"/letters/": 7, "/never/": 0}


def connected(role: str):
    """A connection beside the test's database, as one of the two roles."""
    parameters = {**connection.get_connection_params(), "cursor_factory": None, "dbname": "postgres"}
    beside = psycopg2.connect(**{**parameters, "user": role})
    beside.autocommit = True
    return beside


@pytest.mark.skipif(not settings.EMBEDDED_POSTGRES, reason="takes the database away from everybody")
def test_pages_are_served_while_the_database_is_away_and_refreshed_when_it_is_back(client):
    first = client.get("/letters/").content
    time.sleep(0.6)
    name = connection.settings_dict["NAME"]
    connection.close()
    owner, user = connected(embedded.OWNER), connected(embedded.APP)
    with owner.cursor() as cursor, user.cursor() as ending:
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            ending.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
                [name, embedded.APP],
            )
            time.sleep(1.2)
            assert client.get("/letters/").content == first
            with pytest.raises(OperationalError):
                connection.ensure_connection()
        finally:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    owner.close()
    user.close()
    bump_in_another_process("letters")
    assert wait_until(lambda: client.get("/letters/").content != first, 1.5)
