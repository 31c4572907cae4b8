"""What the system administrator sees of the notices: whether they arrive, not what they say."""

from django.contrib import admin
from django.http import HttpRequest

from yulin_gov.organization.admin_site import AdministratorAdmin, site

from .actions import retry_delivery
from .models import NoticeDelivery

_SHOWN = [
    "id",
    "kind",
    "channel",
    "state",
    "attempts",
    "created_at",
    "next_attempt_at",
    "sent_at",
    "last_error",
]


@admin.register(NoticeDelivery, site=site)
class NoticeDeliveryAdmin(AdministratorAdmin("system")):
    list_display = fields = readonly_fields = _SHOWN
    list_filter = ["channel", "state"]
    list_select_related = ["notice"]
    ordering = ["-id"]
    actions = ["retry"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="类型")
    def kind(self, delivery: NoticeDelivery) -> str:
        return delivery.notice.kind

    @admin.action(description="重新发送失败的短信和邮件")
    def retry(self, request: HttpRequest, queryset) -> None:
        self.each(request, queryset, retry_delivery, "已重新排队：")
