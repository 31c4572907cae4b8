"""The working-day calendar, edited by the system administrator through its own verbs."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from yulin_gov.workdays.actions import clear_day, confirm_year, set_day
from yulin_gov.workdays.models import CalendarRevision, CalendarYear, SpecialDay

from ..admin_site import AdministratorAdmin, ReadOnlyAdmin, admin_site
from ..enums import AdministratorKind


class _WithReason(forms.ModelForm):
    reason = forms.CharField(
        label="修订原因", max_length=300, help_text="每次修订都留有记录，受影响的期限会重新计算。"
    )


class SpecialDayForm(_WithReason):
    class Meta:
        model = SpecialDay
        fields = ["date", "is_workday", "name"]


class SpecialDayAdmin(AdministratorAdmin("system", viewers=("audit",))):
    form = SpecialDayForm
    list_display = ["date", "name", "is_workday", "source"]
    list_filter = ["is_workday"]
    date_hierarchy = "date"
    actions = ["clear"]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ["date"] if obj else []

    def create(self, request: HttpRequest, data: dict) -> SpecialDay:
        day = data.pop("date")
        set_day(day, by_id=request.user.pk, **data)
        return SpecialDay.objects.get(date=day)

    def change(self, request: HttpRequest, obj: SpecialDay, data: dict) -> None:
        reason = data.pop("reason")
        facts = {"is_workday": obj.is_workday, "name": obj.name, **data}
        set_day(obj.date, by_id=request.user.pk, reason=reason, **facts)

    @admin.action(description="清除所选安排，恢复为平常的星期")
    def clear(self, request: HttpRequest, queryset) -> None:
        def verb(day: SpecialDay) -> None:
            clear_day(day.date, by_id=request.user.pk, reason="管理员清除特殊安排")

        self.each(request, queryset, verb, "已清除")


class CalendarYearForm(_WithReason):
    class Meta:
        model = CalendarYear
        fields = ["year", "notice"]


class CalendarYearAdmin(AdministratorAdmin("system", viewers=("audit",))):
    form = CalendarYearForm
    list_display = ["year", "official", "notice"]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return ["year"] if obj else []

    def create(self, request: HttpRequest, data: dict) -> CalendarYear:
        year = data.pop("year")
        confirm_year(year, by_id=request.user.pk, **data)
        return CalendarYear.objects.get(pk=year)

    def change(self, request: HttpRequest, obj: CalendarYear, data: dict) -> None:
        notice = data.get("notice", obj.notice)
        confirm_year(obj.year, notice=notice, by_id=request.user.pk, reason=data["reason"])


class CalendarRevisionAdmin(ReadOnlyAdmin):
    viewers = frozenset({AdministratorKind.SYSTEM.value, AdministratorKind.AUDIT.value})
    list_display = ["number", "changed_at", "summary", "reason", "first_day", "last_day", "by_id"]


admin_site.register(SpecialDay, SpecialDayAdmin)
admin_site.register(CalendarYear, CalendarYearAdmin)
admin_site.register(CalendarRevision, CalendarRevisionAdmin)
