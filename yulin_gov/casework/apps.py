from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "yulin_gov.casework"
    label = "casework"
    verbose_name = "办件"

    def ready(self) -> None:
        from . import events, receivers  # noqa: F401 - registers event types and signal handlers
