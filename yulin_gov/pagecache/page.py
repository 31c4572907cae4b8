"""One stored page: its key, its two bodies, and the answers made of them."""

import gzip
import hashlib
import re
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import ResponseHeaders

VIEW_COOKIE = "yulin_view"
VIEWS = ("", "large", "contrast", "large contrast")
# Room for a column, a page cursor and a word; whatever is longer is rendered each time.
LONGEST_QUERY = 120
# What a page may differ by: the first three are in the key or served by bypassing.
KNOWN_VARIATIONS = {"cookie", "accept-encoding", "hx-request", ""}
CACHE_CONTROL = "public, no-cache"

_ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
_WORDS = re.compile(r"[a-z]+")


class PageKey(NamedTuple):
    """Everything about a request that the page may depend on."""

    scheme: str
    host: str
    path: str
    query: str
    view: str

    @property
    def kind(self) -> str:
        """“ours” for an address that we made; “invented” where anybody can think of another."""
        ours = self.host in settings.ALLOWED_HOSTS or self.host == urlsplit(settings.SITE_URL).netloc
        return "ours" if ours and not self.query else "invented"


def page_view(request: HttpRequest) -> str:
    """How this visitor wants pages to look: one of `VIEWS`, for the class of `<html>`.

    Whatever else the cookie says is ignored, so that it cannot make pages of its own.
    """
    value = request.COOKIES.get(VIEW_COOKIE)
    if not value:
        return ""
    wanted = set(_WORDS.findall(value[:40].replace("%20", " ")))
    return " ".join(word for word in ("large", "contrast") if word in wanted)


def key_of(request: HttpRequest) -> PageKey | None:
    """The key under which an anonymous page may be kept; None if this request bypasses the cache.

    A session, waiting messages, credentials and htmx's requests for parts of a page bypass it.
    """
    meta = request.META
    if request.method not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in meta or "HTTP_HX_REQUEST" in meta:
        return None
    query = meta.get("QUERY_STRING", "")
    if len(query) > LONGEST_QUERY:
        return None
    view = ""
    if meta.get("HTTP_COOKIE"):
        cookies = request.COOKIES
        if settings.SESSION_COOKIE_NAME in cookies or "messages" in cookies:
            return None
        view = page_view(request)
    try:
        return PageKey(request.scheme, request.get_host(), request.path, query, view)
    except DisallowedHost:
        return None


def may_be_kept(request: HttpRequest, response: HttpResponse) -> bool:
    """Is this answer the same for everybody who has its key?

    A form's token shows as a cookie that is set; a visitor who has that cookie already would
    get the token without a trace, therefore their pages are not kept.
    """
    headers = response.headers
    cache_control = headers.get("Cache-Control", "")
    variations = {name.strip().lower() for name in headers.get("Vary", "").split(",")}
    return (
        request.method == "GET"
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and settings.CSRF_COOKIE_NAME not in request.COOKIES
        and not headers.get("Content-Encoding")
        and "private" not in cache_control
        and "no-store" not in cache_control
        and variations <= KNOWN_VARIATIONS
        # A nonce that is sent twice protects nothing.
        and "'nonce-" not in headers.get("Content-Security-Policy", "")
    )


class Body:
    """One encoding of a page, with the headers it is sent with."""

    __slots__ = ("content", "etag", "headers")

    def __init__(self, content: bytes, headers: dict[str, str]) -> None:
        self.content = content
        self.etag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
        self.headers = ResponseHeaders(headers | {"ETag": self.etag, "Content-Length": str(len(content))})


class Page:
    """An answer with status 200 that everybody without a session may have."""

    __slots__ = ("born", "compressed", "plain", "size", "used", "versions")

    def __init__(self, response: HttpResponse, versions: dict[str, int]) -> None:
        self.versions = versions
        self.born = monotonic()
        self.used = False
        headers = dict(response.headers)
        headers.setdefault("Cache-Control", CACHE_CONTROL)
        headers["Vary"] = "Accept-Encoding, Cookie"
        self.plain = Body(response.content, headers)
        # mtime: the same page has the same ETag in every process.
        squeezed = gzip.compress(response.content, 6, mtime=0)
        self.compressed = Body(squeezed, headers | {"Content-Encoding": "gzip"})
        if len(squeezed) >= len(response.content):
            self.compressed = self.plain
        self.size = len(self.plain.content) + len(squeezed) + 2048  # the headers and this object

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The page, or 304 if the browser has it. Costs neither a query nor a lock."""
        meta = request.META
        body = self.compressed if _ACCEPTS_GZIP.search(meta.get("HTTP_ACCEPT_ENCODING", "")) else self.plain
        known = meta.get("HTTP_IF_NONE_MATCH")
        if known and (body.etag in known or known == "*"):
            return self._not_modified(body)
        response = HttpResponse(body.content if request.method == "GET" else b"")
        # Shared by all answers: making them anew would cost as much as all the rest of a hit, and
        # nothing outside of the outermost middleware changes them.
        response.headers = body.headers
        return response

    def _not_modified(self, body: Body) -> HttpResponse:
        kept = ("ETag", "Cache-Control", "Vary")
        return HttpResponseNotModified(headers={name: body.headers[name] for name in kept})
