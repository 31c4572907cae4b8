"""The yardstick: a Django handler without middleware that answers “ok”."""

import sys

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import path


def ok(request) -> HttpResponse:
    return HttpResponse("ok")


settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=[],
    SECRET_KEY="bench",  # signs nothing
    USE_TZ=True,
)
sys.modules.setdefault(__name__, sys.modules[__name__])
urlpatterns = [path("", ok)]
django.setup(set_prefix=False)
application = WSGIHandler()
