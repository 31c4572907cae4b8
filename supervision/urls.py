"""`/supervision/…`"""

from django.urls import path

from . import views

app_name = "supervision"
urlpatterns = [
    path("", views.overdue, name="overdue"),
    path("pressing/", views.pressing, name="pressing"),
    path("urges/", views.urges, name="urges"),
]
