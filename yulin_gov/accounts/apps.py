from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "yulin_gov.accounts"
    label = "accounts"
    verbose_name = "账号与审计"

    def ready(self) -> None:
        from . import signals  # noqa: F401 - connects the receivers
        from .grants import grant_after_migrate

        # Sent once for this app, after every app's migrations have run.
        post_migrate.connect(grant_after_migrate, sender=self, dispatch_uid="accounts.grants")
