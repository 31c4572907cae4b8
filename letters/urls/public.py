from django.urls import path

from ..views import public

app_name = "letters"

urlpatterns = [
    path("", public.letters, name="list"),
    path("new/", public.write, name="new"),
    path("new/done/", public.done, name="done"),
    path("track/", public.track, name="track"),
    path("track/end/", public.end_tracking, name="end_tracking"),
    path("<slug:reference>/", public.letter, name="letter"),
]
