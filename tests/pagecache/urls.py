"""Pages for the tests: each answers with how often it was rendered, so that a hit is seen."""

import threading
from itertools import count

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.middleware.csrf import get_token
from django.urls import path
from django.views.decorators.cache import never_cache

from yulin_gov.pagecache import bump, cached_page, depends_on
from yulin_gov.pagecache.page import page_view

renderings = count(1)
slow_renderer = threading.Event()


def body(request) -> str:
    return f"第{next(renderings)}次 view={page_view(request)} user={request.user} " + "玉林市人民政府" * 200


@cached_page("letters")
def letters(request):
    return HttpResponse(body(request))


@cached_page("letters", "letter:{reference}")
def letter(request, reference):
    return HttpResponse(body(request))


def late(request):
    return depends_on(HttpResponse(body(request)), "letters")


def unmarked(request):
    return HttpResponse(body(request))


@cached_page("letters")
def form(request):
    return HttpResponse(body(request) + get_token(request))


@cached_page("letters")
def greeted(request):
    return HttpResponse(body(request) + "".join(str(message) for message in messages.get_messages(request)))


def greet(request):
    messages.success(request, "来信已提交")
    return HttpResponse("好")


@cached_page("letters")
def cookie(request):
    response = HttpResponse(body(request))
    response.set_cookie("seen", "1")
    return response


@cached_page("letters")
def gone(request):
    return HttpResponse(body(request), status=410)


@cached_page("letters")
@never_cache
def private(request):
    return HttpResponse(body(request))


@cached_page("letters")
def overtaken(request):
    """Somebody changes what is shown while it is being rendered."""
    response = HttpResponse(body(request))
    threading.Thread(target=bump_elsewhere).start()
    slow_renderer.wait(5)
    slow_renderer.clear()
    return response


def bump_elsewhere():
    from django.db import connection

    try:
        bump("letters")
    finally:
        connection.close()
        slow_renderer.set()


@cached_page("letters")
def slow(request):
    slow_renderer.wait(0.3)
    return HttpResponse(body(request))


def handler400(request, exception):
    return HttpResponseBadRequest("请求有误")


def handler404(request, exception):
    return HttpResponseNotFound("没有此页")


urlpatterns = [
    path("letters/", letters),
    path("letters/<slug:reference>/", letter),
    path("late/", late),
    path("unmarked/", unmarked),
    path("form/", form),
    path("greeted/", greeted),
    path("greet/", greet),
    path("cookie/", cookie),
    path("gone/", gone),
    path("private/", private),
    path("overtaken/", overtaken),
    path("slow/", slow),
]
