"""The audit administrator's page."""

from yulin_gov.accounts.models import AuditEvent

from ..admin_site import ReadOnlyAdmin, admin_site


class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "verb", "subject", "ip"]
    list_select_related = ["actor"]
    search_fields = ["verb", "subject", "actor__username"]
    search_help_text = "按行为、对象或操作人账号查找"
    ordering = ["-id"]


admin_site.register(AuditEvent, AuditEventAdmin)
