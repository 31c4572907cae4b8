"""The administrators' site: everything is denied, except what one of the three kinds is given.

There are no superusers and no per-user flags. Who may do what here follows from holding an
administrator's position today; a deputy is none.
"""

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.http import urlencode

from yulin_gov.accounts.middleware import is_signed_in
from yulin_gov.accounts.views import sign_out
from yulin_gov.refused import Refused

from .enums import AdministratorKind


def administrator_kinds(request: HttpRequest) -> frozenset[str]:
    """Which administrator the signed-in person is today: one kind, or none."""
    return frozenset(capacity.administrator for capacity in request.capacities if capacity.administrator)


class AdministratorSite(admin.AdminSite):
    site_title = "系统管理"
    site_header = "系统管理"
    index_title = "管理事项"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(administrator_kinds(request))

    def login(self, request: HttpRequest, extra_context=None):
        """There is one sign-in page. Whoever is signed in and still here is no administrator."""
        if is_signed_in(request):
            if self.has_permission(request):
                return redirect("admin:index")
            raise PermissionDenied
        back = request.GET.get("next") or request.path.removesuffix("login/")
        return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': back})}")

    def logout(self, request: HttpRequest, extra_context=None):
        return sign_out(request)

    def password_change(self, request: HttpRequest, extra_context=None):
        return redirect("accounts:password")


site = admin_site = AdministratorSite(name="admin")


class DeniedAdmin(admin.ModelAdmin):
    """Nobody may do anything, until `viewers` or `editors` name a kind of administrator."""

    viewers: frozenset[str] = frozenset()
    editors: frozenset[str] = frozenset()
    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return bool(administrator_kinds(request) & (self.viewers | self.editors))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return bool(administrator_kinds(request) & self.editors)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False  # what was once there is closed, not deleted

    def get_actions(self, request: HttpRequest) -> dict:
        """Bulk actions write, so whoever may only look has none."""
        return super().get_actions(request) if self.has_change_permission(request) else {}


class ReadOnlyAdmin(DeniedAdmin):
    """Tables that only their own verbs may write; for the audit administrator's eyes.

    `admin_site.register(Model, ReadOnlyAdmin)`; a subclass can name further `viewers`.
    """

    viewers = frozenset({AdministratorKind.AUDIT.value})
    actions = None


class _VerbAdmin(DeniedAdmin):
    """Saves through domain actions; what they refuse stands beside its field, with the input kept."""

    def create(self, request: HttpRequest, data: dict):
        """Make the object from the form's cleaned data and return it."""
        raise PermissionDenied

    def change(self, request: HttpRequest, obj, data: dict) -> None:
        """Change `obj`, fresh from the database, by the cleaned data of the fields that differ."""
        raise PermissionDenied

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        """Where nothing says how an object changes, the list may have its verbs, but one is only looked at."""
        changes = obj is None or type(self).change is not _VerbAdmin.change
        return changes and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj, form, change: bool) -> None:
        if change:
            data = {name: form.cleaned_data[name] for name in form.changed_data}
            self.change(request, type(obj)._default_manager.get(pk=obj.pk), data)
        else:
            made = self.create(request, dict(form.cleaned_data))
            obj.pk, obj._state.adding = made.pk, False

    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            # Once more, now with the refusal as an error of the form: nothing was saved, nothing is lost.
            request.refusal = refusal
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj=None, change: bool = False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        if refusal is None:
            return form

        class RefusedForm(form):
            def clean(self):
                cleaned = super().clean()
                self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)
                return cleaned

        return RefusedForm

    def each(self, request: HttpRequest, queryset, verb, done: str) -> None:
        """Do `verb(obj)` to every selected object; report how many were done and who was refused."""
        count = 0
        for obj in queryset:
            try:
                verb(obj)
                count += 1
            except Refused as refusal:
                self.message_user(request, f"{obj}：{refusal.sentence}", level="ERROR")
        if count:
            self.message_user(request, f"{done}{count}项。")


def AdministratorAdmin(*kinds: str, viewers: tuple[str, ...] = ()) -> type[_VerbAdmin]:
    """Base class for what administrators of these `kinds` edit and `viewers` may look at:

    `class UnitAdmin(AdministratorAdmin("system")): …` with `create` and `change`.
    """
    for kind in (*kinds, *viewers):
        AdministratorKind(kind)
    return type(
        "AdministratorAdmin", (_VerbAdmin,), {"editors": frozenset(kinds), "viewers": frozenset(viewers)}
    )
