"""All addresses. Those of the architecture's list are stable."""

from django.urls import include, path

from yulin_gov.organization.admin_site import site as administration

handler400 = "portal.views.bad_request"
handler500 = "portal.views.server_error"

urlpatterns = [
    path("", include("portal.urls")),
    path("letters/", include("letters.urls.public")),
    path("accounts/", include("yulin_gov.accounts.urls")),
    path("office/", include("yulin_gov.casework.urls")),
    path("office/", include("yulin_gov.organization.urls")),
    path("office/letters/", include("letters.urls.office")),
    path("office/notices/", include("yulin_gov.notices.urls")),
    path("supervision/", include("supervision.urls")),
    path("admin/", administration.urls),
    path("", include("yulin_gov.health")),
]
