"""How a view says that its page may be kept, and what it depends on."""

from collections.abc import Callable
from functools import wraps

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from yulin_gov.pagecache import versions


def depends_on(response: HttpResponseBase, *keys: str) -> HttpResponseBase:
    """Mark `response` as the same for everybody without a session until one of `keys` is bumped.

    Returns the response. The marked page must not depend on who asks. A page marked only so,
    without `cached_page`, is kept from its second rendering on.
    """
    response.page_keys = (*getattr(response, "page_keys", ()), *keys)
    return response


def cached_page(*keys: str) -> Callable:
    """View decorator: the page may be kept until one of `keys` is bumped.

    A key may name arguments of the address: `@cached_page("letters", "letter:{reference}")`.
    Only what the view answers with status 200 is kept; see `PageCacheMiddleware` for the rest.
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def marked(request: HttpRequest, *args, **kwargs):
            begin_rendering(request)
            response = view(request, *args, **kwargs)
            return depends_on(response, *(key.format(**kwargs) for key in keys))

        return marked

    return decorate


def begin_rendering(request: HttpRequest) -> None:
    """Remember what is visible before the page is rendered, if it could be kept at all.

    Side effects: one query, unless done before; a database that is away only means that the
    page will not be kept.
    """
    if getattr(request, "page_key", None) is None or request.page_snapshot is not None:
        return
    try:
        request.page_snapshot = versions.snapshot()
    except DatabaseError:
        request.page_key = None
