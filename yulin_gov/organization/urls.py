"""Included below /office/."""

from django.urls import path

from . import views

app_name = "organization"
urlpatterns = [
    path("capacity/", views.choose_capacity, name="capacity"),
    path("delegations/", views.delegations, name="delegations"),
    path("delegations/<int:pk>/revoke/", views.revoke, name="revoke-delegation"),
]
