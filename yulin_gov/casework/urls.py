"""The office's own pages: `/office/…`."""

from django.urls import path

from . import views

app_name = "casework"
urlpatterns = [
    path("", views.todo, name="todo"),
    path("to-read/", views.to_read, name="to_read"),
    path("done/", views.done, name="done"),
    path("cases/<int:pk>/", views.case, name="case"),
    path("cases/<int:pk>/deadlines/", views.deadlines, name="deadlines"),
    path("cases/<int:pk>/chart/", views.chart, name="chart"),
    path("cases/<int:pk>/urge/", views.urge, name="urge"),
    path("cases/<int:pk>/files/<int:file_id>/", views.step_file, name="step_file"),
    path("urges/<int:pk>/answer/", views.answer, name="answer_urge"),
    path("steps/<int:pk>/take/<slug:outcome>/", views.take, name="take"),
    path("steps/<int:pk>/claim/", views.claim, name="claim"),
    path("steps/<int:pk>/release/", views.release, name="release"),
    path("steps/<int:pk>/<slug:verb>/", views.adhoc, name="adhoc"),
]
