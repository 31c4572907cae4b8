from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LettersConfig(AppConfig):
    name = "letters"
    label = "letters"
    verbose_name = "群众来信"

    def ready(self) -> None:
        from yulin_gov.casework import kinds

        from . import events  # noqa: F401 - registers the app's event types and readers
        from .kinds import LETTER
        from .procedures import publish_after_migrate

        kinds.register(LETTER)
        # A new database has the city's procedure at once; a changed default becomes a new version.
        post_migrate.connect(publish_after_migrate, sender=self, dispatch_uid="letters.procedures")
