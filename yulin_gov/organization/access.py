"""Guards for views outside /office/, which the middleware guards by itself."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from .middleware import refuse_outsiders


def capacity_required(view=None, *, role: str = ""):
    """The view is for people who act for the city; with `role`, in that role (else 403)."""

    def decorate(function):
        @wraps(function)
        def guarded(request: HttpRequest, *args, **kwargs):
            if refusal := refuse_outsiders(request):
                return refusal
            if role and not request.capacity.has_role(role):
                raise PermissionDenied
            return function(request, *args, **kwargs)

        return guarded

    return decorate(view) if view else decorate
