"""The audit administrator's page."""

from django.contrib import admin

from yulin_gov.accounts.audit import verb_label
from yulin_gov.accounts.models import AuditEvent

from ..admin_site import ReadOnlyAdmin, admin_site


class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "verb_shown", "subject", "ip"]
    fields = ["at", "actor", "verb_shown", "verb", "subject", "data", "ip"]
    list_select_related = ["actor"]
    search_fields = ["verb", "subject", "actor__username"]
    search_help_text = "按行为、对象或操作人账号查找"
    ordering = ["-id"]

    @admin.display(description="行为")
    def verb_shown(self, event: AuditEvent) -> str:
        return verb_label(event.verb)


admin_site.register(AuditEvent, AuditEventAdmin)
