"""The security administrator's pages: accounts, and who holds what."""

from functools import partial

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from yulin_gov.accounts.actions import change_contact, create_user, lock_user, reset_password, unlock_user
from yulin_gov.accounts.enums import UserKind
from yulin_gov.accounts.models import User
from yulin_gov.privacy.masking import mask_phone
from yulin_gov.refused import Refused

from ..actions import add_supervision, appoint, end_appointment, remove_supervision, revoke_delegation
from ..admin_site import AdministratorAdmin, admin_site
from ..models import Appointment, Delegation, SupervisionScope

# One page of slips; nobody hands out more at once.
RESET_AT_ONCE = 20


class UserForm(forms.ModelForm):
    """Phones are never shown: an empty field leaves the number as it is."""

    new_phone = forms.CharField(label="新手机号码", max_length=40, required=False, help_text="留空则不修改。")

    class Meta:
        model = User
        fields = ["username", "full_name", "email"]


class UserAdmin(AdministratorAdmin("security")):
    form = UserForm
    list_display = ["username", "full_name", "kind", "is_active", "left_at", "last_login"]
    list_filter = ["kind", "is_active"]
    search_fields = ["username", "full_name"]
    actions = ["lock", "unlock", "reset"]

    @admin.display(description="手机号码")
    def phone_masked(self, user: User) -> str:
        return mask_phone(user.phone) if user.phone else "-"

    def get_fields(self, request: HttpRequest, obj=None):
        fields = ["username", "full_name", "email", "new_phone"]
        return [*fields, "phone_masked", "kind", "is_active", "joined_at", "left_at"] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        if obj is None:
            return []
        return ["username", "full_name", "phone_masked", "kind", "is_active", "joined_at", "left_at"]

    def create(self, request: HttpRequest, data: dict) -> User:
        data["phone"] = data.pop("new_phone", "")
        try:
            user = create_user(
                data.pop("username"), kind=UserKind.STAFF, by=request.user, request=request, **data
            )
        except Refused as refusal:
            raise _beside_new_phone(refusal) from refusal
        request.passwords = [(user, reset_password(user, by=request.user, request=request))]
        return user

    def change(self, request: HttpRequest, obj: User, data: dict) -> None:
        phone, email = data.get("new_phone") or None, data.get("email")
        try:
            change_contact(obj, phone=phone, email=email, by=request.user, request=request)
        except Refused as refusal:
            raise _beside_new_phone(refusal) from refusal

    def response_add(self, request: HttpRequest, obj, post_url_continue=None):
        return self._passwords_page(request, request.passwords)

    @admin.action(description="停用所选账号")
    def lock(self, request: HttpRequest, queryset) -> None:
        self.each(request, queryset, partial(lock_user, by=request.user, request=request), "已停用")

    @admin.action(description="启用所选账号，并解除登录暂停")
    def unlock(self, request: HttpRequest, queryset) -> None:
        self.each(request, queryset, partial(unlock_user, by=request.user, request=request), "已启用")

    @admin.action(description="重置所选账号的密码")
    def reset(self, request: HttpRequest, queryset):
        users = list(queryset[: RESET_AT_ONCE + 1])
        if len(users) > RESET_AT_ONCE:
            self.message_user(request, f"一次最多重置{RESET_AT_ONCE}个账号的密码。", level="ERROR")
            return None
        passwords = [(user, reset_password(user, by=request.user, request=request)) for user in users]
        return self._passwords_page(request, passwords)

    def _passwords_page(self, request: HttpRequest, passwords: list):
        # Shown in this one answer: a message would be kept in a cookie or a session until read.
        context = {**self.admin_site.each_context(request), "title": "临时密码", "passwords": passwords}
        page = TemplateResponse(request, "organization/admin_passwords.html", context)
        page["Cache-Control"] = "no-store"
        return page


def _beside_new_phone(refusal: Refused) -> Refused:
    return Refused(refusal.sentence, field="new_phone" if refusal.field == "phone" else refusal.field)


class AppointmentAdmin(AdministratorAdmin("security", viewers=("audit",))):
    list_display = ["person", "position", "from_date", "to_date", "administrator"]
    list_filter = ["administrator"]
    list_select_related = ["person", "position__unit", "position__division"]
    search_fields = ["person__username", "person__full_name", "position__title", "position__unit__name"]
    autocomplete_fields = ["person", "position"]
    actions = ["end_today"]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ["person", "position", "from_date", "ended_at"] if obj else []

    def create(self, request: HttpRequest, data: dict) -> Appointment:
        return appoint(data.pop("person"), data.pop("position"), by=request.user, **data)

    def change(self, request: HttpRequest, obj: Appointment, data: dict) -> None:
        if "to_date" in data and data["to_date"] is None:
            raise Refused("已确定的免职日期不能清空，请到期后重新任职。", field="to_date")
        if "to_date" in data:
            end_appointment(obj, on=data["to_date"], by=request.user)

    @admin.action(description="即日免职")
    def end_today(self, request: HttpRequest, queryset) -> None:
        self.each(request, queryset, partial(end_appointment, by=request.user), "已免职")


class DelegationAdmin(AdministratorAdmin("security", viewers=("audit",))):
    list_display = ["deputy", "principal", "position", "from_at", "to_at", "revoked_at"]
    list_select_related = ["deputy", "principal", "position__unit", "position__division"]
    search_fields = ["deputy__full_name", "principal__full_name", "position__title"]
    fields = ["position", "principal", "deputy", "from_at", "to_at", "kinds", "reason", "revoked_at"]
    readonly_fields = fields
    actions = ["revoke"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a position is delegated by whoever holds it

    @admin.action(description="撤回所选代理")
    def revoke(self, request: HttpRequest, queryset) -> None:
        self.each(request, queryset, partial(revoke_delegation, by=request.user), "已撤回")


class SupervisionScopeAdmin(AdministratorAdmin("security", viewers=("audit",))):
    list_display = ["position", "unit"]
    list_select_related = ["position__unit", "position__division", "unit"]
    search_fields = ["position__title", "unit__name"]
    autocomplete_fields = ["position", "unit"]
    actions = ["remove"]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ["position", "unit"] if obj else []

    def create(self, request: HttpRequest, data: dict) -> SupervisionScope:
        return add_supervision(data["position"], unit=data["unit"], by=request.user)

    @admin.action(description="取消所选监察范围")
    def remove(self, request: HttpRequest, queryset) -> None:
        self.each(request, queryset, partial(remove_supervision, by=request.user), "已取消")


admin_site.register(User, UserAdmin)
admin_site.register(Appointment, AppointmentAdmin)
admin_site.register(Delegation, DelegationAdmin)
admin_site.register(SupervisionScope, SupervisionScopeAdmin)
