"""A change is seen by every process, and announcing it stops nobody."""

import threading

import psycopg2
import pytest
from django.db import connection, transaction

from yulin_gov.pagecache.models import PageChange, PageVersion
from yulin_gov.pagecache.versions import BUMP, bump, fold_changes, snapshot, versions_of


@pytest.fixture
def elsewhere(committed_db):
    """Another process's connection."""
    other = psycopg2.connect(**{**connection.get_connection_params(), "cursor_factory": None})
    yield other
    other.close()


@pytest.mark.django_db
def test_each_bump_raises_the_version_once_and_folding_keeps_it():
    bump("letters", "letter:1", "letters")
    bump("letters")
    bump()
    expected = {"letters": 2, "letter:1": 1, "never": 0}
    assert versions_of(expected) == expected
    fold_changes()
    assert not PageChange.objects.exists()
    assert PageVersion.objects.get(key="letters").number == 2
    bump("letters")
    assert versions_of(["letters"]) == {"letters": 3}


def test_a_change_rolled_back_is_none(elsewhere):
    with elsewhere.cursor() as cursor:
        cursor.execute(BUMP, [["letters"]])
    elsewhere.rollback()
    assert versions_of(["letters"]) == {"letters": 0}


@pytest.mark.parametrize("folded", [False, True])
def test_a_change_during_rendering_leaves_the_version_undecided(elsewhere, folded):
    with elsewhere.cursor() as cursor:
        cursor.execute(BUMP, [["letters"]])
    before = snapshot()
    assert versions_of(["letters"], since=before) == {"letters": 0}
    elsewhere.commit()
    if folded:
        fold_changes()
    assert versions_of(["letters"], since=before) is None
    assert versions_of(["other"], since=before) == {"other": 0}
    assert versions_of(["letters"], since=snapshot()) == {"letters": 1}


def test_writers_of_the_same_and_of_different_pages_never_wait_for_each_other(elsewhere):
    with elsewhere.cursor() as cursor, transaction.atomic():
        cursor.execute("SET lock_timeout = '200ms'")
        bump("a")
        cursor.execute(BUMP, [["b"]])
        bump("b")
        cursor.execute(BUMP, [["a"]])
        fold_changes()  # takes what it sees, waits for nobody
    elsewhere.commit()
    assert versions_of(["a", "b"]) == {"a": 2, "b": 2}


def test_processes_that_fold_at_the_same_time_count_every_change_once(committed_db):
    keys = [f"key:{number}" for number in range(20)]

    def work():
        try:
            for _ in range(10):
                bump(*keys)
                fold_changes()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions_of(keys) == dict.fromkeys(keys, 40)
