"""The thread that keeps a process's pages in step with the database, and writes its visits."""

import atexit
import logging
import os
import threading
from time import monotonic

from django.db import Error as DatabaseFailure
from django.db import connection

from yulin_gov.pagecache import versions, visits
from yulin_gov.pagecache.store import store

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5  # a change shows within a second, rendering included
WRITE_VISITS_SECONDS = 5.0
FOLD_SECONDS = 60.0
# Nobody announces that time passes: “今日” on a page must not become yesterday's.
OLDEST_PAGE_SECONDS = 600.0


class Refresher:
    """Started by the first page that is kept; one per process, whatever forks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def ensure_running(self) -> None:
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None:
                # An event of its own: a thread that is still finishing must not see a later start.
                self._stopping = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._stopping,), name="pagecache", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """End the thread, which writes the visits counted so far and closes its connection."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._stopping.set()
        if thread is not None:
            thread.join(timeout=5)

    def _run(self, stopping: threading.Event) -> None:
        away = False
        moments = {"visits": monotonic(), "fold": monotonic()}
        while not stopping.wait(POLL_SECONDS):
            try:
                self._refresh(moments)
            except (DatabaseFailure, OSError) as error:
                # What is held is shown on: an old page serves the visitor better than none.
                if not away:
                    log.warning("Pages are shown as they are while the database is away: %s", error)
                connection.close()
                visits.gather()
                away = True
            except Exception:
                log.exception("The page cache could not be refreshed.")
                connection.close()
            else:
                if away:
                    log.warning("The database is back; pages are in step again.")
                away = False
        self._finish()

    def _refresh(self, moments: dict[str, float]) -> None:
        dependencies = store.dependencies()
        if dependencies:
            store.drop_changed(versions.versions_of(dependencies))
            store.drop_older(OLDEST_PAGE_SECONDS)
        if self._is_time(moments, "visits", WRITE_VISITS_SECONDS):
            visits.write()
        if self._is_time(moments, "fold", FOLD_SECONDS):
            versions.fold_changes()

    def _is_time(self, moments: dict[str, float], name: str, seconds: float) -> bool:
        if monotonic() - moments[name] < seconds:
            return False
        moments[name] = monotonic()
        return True

    def _finish(self) -> None:
        try:
            visits.write()
        except Exception as error:
            log.warning("Visits that were not yet written are lost: %s", error)
        finally:
            connection.close()


refresher = Refresher()
ensure_running = refresher.ensure_running
os.register_at_fork(after_in_child=refresher.__init__)
atexit.register(refresher.stop)


def forget() -> None:
    """Stop the thread and forget every page and every visit not yet written.

    For tests, between two of them, and for whoever needs a process as if just started.
    """
    visits.forget()
    refresher.stop()
    store.clear()
    visits.forget()
