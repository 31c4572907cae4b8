"""Health for load balancers: `/healthz` says that the process answers, `/readyz` that it can work."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from health_check.views import HealthCheckView


def alive(request: HttpRequest) -> HttpResponse:
    """The process is up. Touches nothing else."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("healthz", alive, name="healthz"),
    path(
        "readyz",
        HealthCheckView.as_view(checks=["health_check.checks.Database", "health_check.checks.Cache"]),
        name="readyz",
    ),
]
