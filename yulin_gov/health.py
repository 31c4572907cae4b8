"""Health for load balancers: `/healthz` says that the process answers, `/readyz` that it can work."""

import logging

from django.http import HttpRequest, HttpResponse
from django.urls import path
from health_check.views import HealthCheckView

log = logging.getLogger(__name__)


def alive(request: HttpRequest) -> HttpResponse:
    """The process is up. Touches nothing else."""
    return HttpResponse("ok", content_type="text/plain")


class Ready(HealthCheckView):
    """200 where database and cache answer, else 503. What is wrong stands in the log: the address
    is open to everybody, and errors name servers."""

    http_method_names = ["get", "head"]
    checks = ["health_check.checks.Database", "health_check.checks.Cache"]

    async def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        await super().get(request, *args, **kwargs)
        failed = [result for result in self.results if result.error]
        for result in failed:
            log.error("not ready: %r: %s", result.check, result.error)
        return HttpResponse(
            "not ready" if failed else "ok", content_type="text/plain", status=503 if failed else 200
        )

    head = get


urlpatterns = [path("healthz", alive, name="healthz"), path("readyz", Ready.as_view(), name="readyz")]
