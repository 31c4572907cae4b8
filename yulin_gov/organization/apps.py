from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "yulin_gov.organization"
    label = "organization"
    verbose_name = "组织机构"

    def ready(self) -> None:
        from yulin_gov.accounts.audit import register_audit_verbs

        from . import gates  # noqa: F401 - who may sign in, and where they arrive
        from .audit_verbs import AUDIT_VERBS

        register_audit_verbs(AUDIT_VERBS)
