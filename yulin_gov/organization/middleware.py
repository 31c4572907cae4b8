"""As what the signed-in person acts: `request.capacity` and `request.capacities`."""

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.http import urlencode

from yulin_gov.accounts.middleware import go_to, is_signed_in, page_behind

from .capacity import Capacity, capacities_of

CHOSEN = "capacity"
# Whatever lies below is for people who act for the city; everything else guards itself.
INSIDE = "/office/"


class _WithCapacities:
    """Mixed into the request's class, so that two plain attributes cost queries only when read.

    `SimpleLazyObject` would not do: a lazy None is not None.
    """

    @cached_property
    def capacities(self) -> list[Capacity]:
        """Everything the person may act as today; empty for citizens and strangers."""
        return capacities_of(self.user) if is_signed_in(self) else []

    @cached_property
    def capacity(self) -> Capacity | None:
        """What the person chose to act as, else the first; None for citizens and strangers."""
        chosen = self.session.get(CHOSEN) if self.capacities else None
        by_key = {capacity.key: capacity for capacity in self.capacities}
        return by_key.get(chosen) or next(iter(self.capacities), None)


@lru_cache(maxsize=8)
def _lazy(kind: type[HttpRequest]) -> type[HttpRequest]:
    return type(kind.__name__, (_WithCapacities, kind), {})


class CapacityMiddleware:
    """Gives every request its capacities, and keeps everybody without one out of the office."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request, _WithCapacities):
            request.__class__ = _lazy(type(request))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        if not request.path_info.startswith(INSIDE):
            return None
        return refuse_outsiders(request)


def refuse_outsiders(request: HttpRequest) -> HttpResponse | None:
    """The answer for whoever has no capacity: a sign-in, or a page that says why; None lets them in."""
    if request.capacity is not None:
        return None
    if is_signed_in(request):
        return render(request, "organization/no_capacity.html", status=403)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"detail": "请先登录。"}, status=401)
    back = request.get_full_path() if request.method == "GET" else INSIDE
    return go_to(request, f"{settings.LOGIN_URL}?{urlencode({'next': _page(request, back)})}")


def _page(request: HttpRequest, path: str) -> str:
    """Where to return to: the whole page, not the part of it that htmx asked for."""
    return page_behind(request, INSIDE) if getattr(request, "htmx", None) else path
