"""Handing a position to a deputy."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone

from yulin_gov.accounts.models import User

from .delegable import DELEGABLE_KINDS
from .models import Appointment, Position
from .queries import appointed_in

BAD_DATE = "日期不正确，请按“2026-01-31”的样子填写。"


class DelegationForm(forms.Form):
    """For somebody's own positions, with colleagues of the same units as deputies."""

    position = forms.ModelChoiceField(
        label="代理哪个职位",
        queryset=Position.objects.none(),
        empty_label=None,
        error_messages={"required": "请选择职位。", "invalid_choice": "您不再担任所选职位，请重新选择。"},
    )
    deputy = forms.ModelChoiceField(
        label="由谁代理",
        queryset=User.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择代理人。", "invalid_choice": "所选人员不在本单位，请重新选择。"},
    )
    from_date = forms.DateField(
        label="从哪天起",
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "请填写开始日期。",
            "invalid": BAD_DATE,
        },
    )
    to_date = forms.DateField(
        label="到哪天止",
        help_text="含当天。到期自动结束，也可以随时撤回。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "请填写结束日期。",
            "invalid": BAD_DATE,
        },
    )
    kinds = forms.MultipleChoiceField(
        label="只代理这些办件",
        required=False,
        help_text="都不选，就是代理全部办件。",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "没有这种办件，请重新选择。"},
    )
    reason = forms.CharField(
        label="原因",
        max_length=200,
        required=False,
        help_text="如：出差、休假、学习。",
        error_messages={"max_length": "原因请控制在200字以内。"},
    )

    def __init__(self, *args, principal: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        held = Appointment.objects.current().filter(person=principal, administrator="")
        positions = Position.objects.filter(pk__in=held.values("position")).select_related("unit", "division")
        self.fields["position"].queryset = positions
        colleagues = appointed_in(positions.values("unit")).values("person")
        deputies = User.objects.filter(pk__in=colleagues).exclude(pk=principal.pk)
        self.fields["deputy"].queryset = deputies.order_by("full_name", "username")
        self.fields["kinds"].choices = list(DELEGABLE_KINDS.items())
        if not DELEGABLE_KINDS:
            del self.fields["kinds"]

    def clean(self) -> dict:
        cleaned = super().clean()
        first, last = cleaned.get("from_date"), cleaned.get("to_date")
        if first and first < timezone.localdate():
            self.add_error("from_date", "开始日期不能早于今天。")
        if first and last and last < first:
            self.add_error("to_date", "结束日期不能早于开始日期。")
        return cleaned

    def period(self) -> tuple[datetime, datetime]:
        """From the first day's midnight, or now where that is today, to the midnight after the last."""
        first, last = self.cleaned_data["from_date"], self.cleaned_data["to_date"]
        return max(_midnight(first), timezone.now()), _midnight(last + timedelta(days=1))


def _midnight(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
