"""The system administrator's pages: what there is. Who may do what in it is the security administrator's."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from ..actions import (
    abolish_unit,
    change_division,
    change_position,
    change_unit,
    create_division,
    create_position,
    create_unit,
    move_unit,
    rename_unit,
)
from ..admin_site import AdministratorAdmin, ReadOnlyAdmin, admin_site, administrator_kinds
from ..enums import AdministratorKind
from ..models import Division, Position, Unit, UnitName
from ..roles import ROLES


class UnitAdmin(AdministratorAdmin("system", viewers=("security",))):
    list_display = ["name", "code", "kind", "parent", "receives_letters", "circulates_inside", "valid_to"]
    list_filter = ["kind", "receives_letters", "circulates_inside"]
    list_select_related = ["parent"]
    search_fields = ["name", "short_name", "code"]
    autocomplete_fields = ["parent"]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        # The code is part of paths and of other systems' files.
        return ["code", "valid_from"] if obj else []

    def create(self, request: HttpRequest, data: dict) -> Unit:
        return create_unit(data.pop("code"), by=request.user, **data)

    def change(self, request: HttpRequest, obj: Unit, data: dict) -> None:
        name, short = data.pop("name", None), data.pop("short_name", None)
        if name is not None:
            rename_unit(obj, name=name, short_name=short, by=request.user)
        elif short is not None:
            data["short_name"] = short
        if "parent" in data:
            move_unit(obj, parent=data.pop("parent"), by=request.user)
        if last_day := data.pop("valid_to", None):
            abolish_unit(obj, on=last_day, by=request.user)
        change_unit(obj, by=request.user, **data)


class UnitNameAdmin(ReadOnlyAdmin):
    viewers = frozenset({AdministratorKind.SYSTEM.value, AdministratorKind.AUDIT.value})
    list_display = ["unit", "name", "valid_from", "valid_to"]
    list_select_related = ["unit"]
    search_fields = ["name", "unit__name", "unit__code"]


class DivisionAdmin(AdministratorAdmin("system", viewers=("security",))):
    list_display = ["name", "unit", "sort"]
    list_select_related = ["unit"]
    search_fields = ["name", "unit__name"]
    autocomplete_fields = ["unit"]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ["unit"] if obj else []

    def create(self, request: HttpRequest, data: dict) -> Division:
        return create_division(data.pop("unit"), by=request.user, **data)

    def change(self, request: HttpRequest, obj: Division, data: dict) -> None:
        change_division(obj, by=request.user, **data)


class PositionForm(forms.ModelForm):
    roles = forms.MultipleChoiceField(label="角色", required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Position
        fields = ["unit", "division", "title", "duties", "sort", "roles", "administrator"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "roles" in self.fields:
            self.fields["roles"].choices = list(ROLES.items())


class PositionAdmin(AdministratorAdmin("system", "security")):
    """The system administrator says which posts there are, the security administrator what they may."""

    form = PositionForm
    list_display = ["title", "unit", "division", "roles_shown", "administrator"]
    list_filter = ["administrator"]
    list_select_related = ["unit", "division"]
    search_fields = ["title", "unit__name", "unit__short_name", "division__name"]
    autocomplete_fields = ["unit", "division"]
    rights = ("roles", "administrator")
    facts = ("title", "duties", "sort")

    @admin.display(description="角色")
    def roles_shown(self, position: Position) -> str:
        return "、".join(position.role_labels)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return AdministratorKind.SYSTEM in administrator_kinds(request)

    def get_fields(self, request: HttpRequest, obj=None):
        place = ["unit", "division", *self.facts]
        return place if obj is None else [*place, *self.rights]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        if obj is None:
            return []
        if AdministratorKind.SECURITY in administrator_kinds(request):
            return ["unit", "division", *self.facts]
        return ["unit", "division", "roles_shown", *self.rights]

    def create(self, request: HttpRequest, data: dict) -> Position:
        data.pop("roles", None)
        return create_position(data.pop("unit"), by=request.user, **data)

    def change(self, request: HttpRequest, obj: Position, data: dict) -> None:
        change_position(obj, by=request.user, **data)


admin_site.register(Unit, UnitAdmin)
admin_site.register(UnitName, UnitNameAdmin)
admin_site.register(Division, DivisionAdmin)
admin_site.register(Position, PositionAdmin)
