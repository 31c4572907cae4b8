"""The pages one process holds.

Looking one up takes no lock: a dictionary read is atomic, and instead of being moved in a list
a page that is used gets a mark, which saves it once when room is needed (second chance).
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from time import monotonic

from yulin_gov.pagecache.page import Page, PageKey

MEGABYTE = 1024 * 1024
# Addresses of ours are as many as there are pages; with queries, as many as somebody cares to
# invent. Each kind has its own room, so that the second cannot push out the first.
ROOM = {"ours": 48 * MEGABYTE, "invented": 16 * MEGABYTE}
LARGEST_PAGE = MEGABYTE
REMEMBERED_KEYS = 20_000
# Longer than any page takes; a renderer that hangs must not hold the others for ever.
PATIENCE = 5.0  # seconds


class PageStore:
    def __init__(self, room: Mapping[str, int] = ROOM) -> None:
        self.room = room
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._pages: dict[PageKey, Page] = {}
            self._shelves = {kind: OrderedDict() for kind in self.room}
            self._sizes = dict.fromkeys(self.room, 0)
            self._dependents: dict[str, set[PageKey]] = {}
            self._cacheable: set[PageKey] = set()
            self._rendering: dict[PageKey, threading.Event] = {}

    def get(self, key: PageKey) -> Page | None:
        page = self._pages.get(key)
        if page is not None:
            page.used = True
        return page

    # -- putting in and taking out --------------------------------------------------------

    def put(self, key: PageKey, page: Page) -> None:
        """Keep `page`; the least used ones make room. A page larger than 1 MB is not kept."""
        if page.size > LARGEST_PAGE:
            return
        kind = key.kind
        with self._lock:
            self._remove(key)
            self._pages[key] = self._shelves[kind][key] = page
            self._sizes[kind] += page.size
            for dependency in page.versions:
                self._dependents.setdefault(dependency, set()).add(key)
            self._make_room(kind)

    def drop(self, dependencies: Iterable[str]) -> None:
        """Forget every page that depends on one of these."""
        with self._lock:
            for dependency in dependencies:
                for key in list(self._dependents.get(dependency, ())):
                    self._remove(key)

    def drop_changed(self, versions: dict[str, int]) -> None:
        """Forget every page whose recorded versions differ from `versions`."""
        with self._lock:
            for dependency, number in versions.items():
                for key in list(self._dependents.get(dependency, ())):
                    if self._pages[key].versions[dependency] != number:
                        self._remove(key)

    def drop_older(self, seconds: float) -> None:
        """Forget pages rendered more than `seconds` ago."""
        limit = monotonic() - seconds
        with self._lock:
            for key in [key for key, page in self._pages.items() if page.born < limit]:
                self._remove(key)

    def dependencies(self) -> list[str]:
        with self._lock:
            return list(self._dependents)

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(self._sizes.values())

    def _remove(self, key: PageKey) -> None:
        page = self._pages.pop(key, None)
        if page is None:
            return
        del self._shelves[key.kind][key]
        self._sizes[key.kind] -= page.size
        for dependency in page.versions:
            dependents = self._dependents[dependency]
            dependents.discard(key)
            if not dependents:
                del self._dependents[dependency]

    def _make_room(self, kind: str) -> None:
        shelf = self._shelves[kind]
        while self._sizes[kind] > self.room[kind]:
            key, page = next(iter(shelf.items()))
            if page.used:
                page.used = False
                shelf.move_to_end(key)
            else:
                self._remove(key)

    # -- one renderer at a time -----------------------------------------------------------

    def is_cacheable(self, key: PageKey) -> bool:
        """Was this page kept, or could have been, when it was last rendered?"""
        return key in self._cacheable

    def remember(self, key: PageKey, *, cacheable: bool) -> None:
        with self._lock:
            if not cacheable:
                self._cacheable.discard(key)
                return
            if len(self._cacheable) >= REMEMBERED_KEYS:
                self._cacheable.clear()
            self._cacheable.add(key)

    def take_turn(self, key: PageKey) -> bool:
        """True: the caller renders and must call `end_turn`. False: somebody else just did, or
        the page is not known to be kept, so that waiting for another's would gain nothing."""
        with self._lock:
            if key not in self._cacheable:
                return False
            turn = self._rendering.get(key)
            if turn is None:
                self._rendering[key] = threading.Event()
                return True
        turn.wait(PATIENCE)
        return False

    def end_turn(self, key: PageKey) -> None:
        with self._lock:
            turn = self._rendering.pop(key, None)
        if turn is not None:
            turn.set()


store = PageStore()
# A forked child must not wait for a lock that was held in its parent at that moment.
os.register_at_fork(after_in_child=store.__init__)
