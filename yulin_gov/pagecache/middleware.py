"""Serves anonymous pages from memory, before anything else of the platform is touched."""

from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

from yulin_gov.pagecache import refresher, versions, visits
from yulin_gov.pagecache.marking import begin_rendering
from yulin_gov.pagecache.page import Page, PageKey, key_of, may_be_kept
from yulin_gov.pagecache.store import store


class PageCacheMiddleware:
    """The outermost middleware: a hit costs no query, no network and nothing below.

    Kept are answers with status 200 to GET requests without a session, marked by `cached_page`
    or `depends_on`, that set no cookie, hold no form token and are not larger than 1 MB. What
    other middleware adds (security headers) is kept with them. Browsers revalidate each time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = key_of(request)
        if key is None:
            return self._not_kept(request, self.get_response(request))
        page = store.get(key)
        if page is None:
            return self._missed(request, key)
        if request.method == "GET":
            visits.count(key.path)
        return page.answer(request)

    def _missed(self, request: HttpRequest, key: PageKey) -> HttpResponse:
        my_turn = store.take_turn(key)
        try:
            if not my_turn and (page := store.get(key)):
                visits.count(key.path)
                return page.answer(request)
            return self._render(request, key)
        finally:
            if my_turn:
                store.end_turn(key)

    def _render(self, request: HttpRequest, key: PageKey) -> HttpResponse:
        request.page_key, request.page_snapshot = key, None
        if store.is_cacheable(key):
            begin_rendering(request)
        response = self.get_response(request)
        page_keys = getattr(response, "page_keys", None)
        cacheable = page_keys is not None and may_be_kept(request, response)
        store.remember(key, cacheable=cacheable)
        if cacheable and request.page_snapshot is not None:
            page = self._keep(request, response, page_keys)
            if page is not None:
                visits.count(key.path)
                return page.answer(request)
        return self._not_kept(request, response)

    def _keep(self, request: HttpRequest, response: HttpResponse, page_keys: tuple[str, ...]) -> Page | None:
        """Keep what was rendered, unless something it shows changed in the meantime."""
        try:
            recorded = versions.versions_of(set(page_keys), since=request.page_snapshot)
        except DatabaseError:
            return None
        if recorded is None:
            return None
        page = Page(response, recorded)
        store.put(request.page_key, page)
        refresher.ensure_running()
        return page

    def _not_kept(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """A public page for somebody known: no shared cache and no browser may mix it up."""
        if getattr(response, "page_keys", None) is None:
            return response
        if response.status_code == 200 and request.method == "GET":
            visits.count(request.path)
            refresher.ensure_running()
        patch_vary_headers(response, ("Cookie",))
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response
