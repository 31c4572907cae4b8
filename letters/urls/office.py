from django.urls import path

from ..views import office

app_name = "office_letters"

urlpatterns = [
    path("", office.letters, name="list"),
    path("steps/<int:step_id>/draft/", office.draft, name="draft"),
    path("<int:pk>/identity/", office.identity, name="identity"),
    path("<int:pk>/withdraw/", office.withdraw, name="withdraw"),
]
