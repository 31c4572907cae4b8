"""Casework in /admin/: to be read, never written."""

from yulin_gov.organization.admin_site import ReadOnlyAdmin, admin_site

from .models import Case, CaseEvent, EventAnchor, ProcedureVersion, Step

_SYSTEM = frozenset({"system", "audit"})


class CaseAdmin(ReadOnlyAdmin):
    viewers = _SYSTEM
    list_display = ("number", "kind", "unit", "state", "opened_at", "due_at")
    search_fields = ("number",)
    ordering = ("-id",)


class ProcedureAdmin(ReadOnlyAdmin):
    viewers = _SYSTEM
    list_display = ("title", "key", "unit", "number", "published_at")


class EventAdmin(ReadOnlyAdmin):
    list_display = ("case", "sequence", "verb", "occurred_at", "actor", "unit")
    ordering = ("-id",)


class AnchorAdmin(ReadOnlyAdmin):
    list_display = ("sealed_at", "name", "events", "digest")


class StepAdmin(ReadOnlyAdmin):
    viewers = _SYSTEM
    list_display = ("case", "stage_name", "unit", "role", "opened_at", "closed_at")
    ordering = ("-id",)


admin_site.register(Case, CaseAdmin)
admin_site.register(Step, StepAdmin)
admin_site.register(ProcedureVersion, ProcedureAdmin)
admin_site.register(CaseEvent, EventAdmin)
admin_site.register(EventAnchor, AnchorAdmin)
