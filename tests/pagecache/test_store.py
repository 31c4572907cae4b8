"""Memory is bounded; what is used stays; what somebody invents cannot push it out."""

import os

from django.http import HttpResponse

from yulin_gov.pagecache.page import Page, PageKey
from yulin_gov.pagecache.store import LARGEST_PAGE, PageStore, store

ROOM = {"ours": 400_000, "invented": 100_000}


def page(size: int = 10_000, **versions: int) -> Page:
    return Page(HttpResponse(os.urandom(size // 2)), versions)


def key(path: str, query: str = "", host: str = "testserver") -> PageKey:
    return PageKey("http", host, path, query, "")


def test_a_used_page_outlives_unused_ones_and_memory_stays_bounded(settings):
    pages = PageStore(ROOM)
    pages.put(key("/used/"), page())
    for number in range(100):
        assert pages.get(key("/used/")) is not None
        pages.put(key(f"/{number}/"), page())
    assert pages.get(key("/99/")) is not None
    assert pages.get(key("/0/")) is None
    assert ROOM["ours"] * 0.9 < pages.size <= ROOM["ours"]


def test_invented_queries_and_hosts_cannot_push_out_our_pages():
    pages = PageStore(ROOM)
    pages.put(key("/"), page())
    for number in range(100):
        pages.put(key("/", query=f"q={number}"), page())
        pages.put(key("/", host=f"testserver:{number}"), page())
    assert pages.get(key("/")) is not None
    assert pages.size <= ROOM["invented"] + 20_000


def test_a_page_too_large_is_not_kept():
    pages = PageStore(ROOM)
    pages.put(key("/"), page(3 * LARGEST_PAGE))
    assert pages.size == 0


def test_dropping_forgets_dependencies_too():
    pages = PageStore(ROOM)
    pages.put(key("/1/"), page(letters=3, one=1))
    pages.put(key("/2/"), page(letters=3))
    pages.drop_changed({"letters": 3, "one": 2})
    assert pages.get(key("/1/")) is None
    assert pages.dependencies() == ["letters"]
    pages.drop(["letters"])
    assert (pages.size, pages.dependencies()) == (0, [])


def test_old_pages_are_dropped():
    pages = PageStore(ROOM)
    pages.put(key("/"), page())
    pages.drop_older(60)
    assert pages.size
    pages.drop_older(0)
    assert not pages.size


def test_a_forked_child_starts_empty_and_with_a_free_lock():
    store.put(key("/"), page())
    with store._lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if store.size == 0 and store._lock.acquire(timeout=1) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
