"""What citizens fill in."""

from __future__ import annotations

import uuid
from itertools import groupby

from django import forms

from yulin_gov.messaging.phones import normal_phone
from yulin_gov.organization.enums import UnitKind
from yulin_gov.organization.queries import units_receiving_letters
from yulin_gov.refused import Refused

from ..actions import LetterDraft
from ..codes import normal_code
from .fields import OneLine, PlainText

TITLE_LENGTH = (10, 25)  # characters, as the mayor's mailboxes ask for
TEXT_LENGTH = (10, 10_000)


class UnitChoices(forms.models.ModelChoiceIterator):
    """Units grouped by their kind, so that a long list can be found one's way in without JavaScript."""

    def __iter__(self):
        yield "", self.field.empty_label
        order = list(UnitKind.values)
        units = sorted(self.queryset, key=lambda unit: (order.index(unit.kind), unit.sort, unit.code))
        for kind, group in groupby(units, key=lambda unit: unit.kind):
            yield UnitKind(kind).label, [self.choice(unit) for unit in group]


class UnitField(forms.ModelChoiceField):
    iterator = UnitChoices

    def label_from_instance(self, unit) -> str:
        return unit.name


class PhoneField(forms.CharField):
    """A mainland phone number in any usual writing; the cleaned value is its digits."""

    def __init__(self, **kwargs) -> None:
        widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
        super().__init__(**{"max_length": 60, "widget": widget, **kwargs})

    def clean(self, value) -> str:
        try:
            return normal_phone(super().clean(value))
        except Refused as refused:
            raise forms.ValidationError(f"{refused.sentence.rstrip('。')}。") from refused


def _too(short: bool, what: str) -> str:
    if short:
        return f"{what}太短：至少%(limit_value)d个字，现有%(show_value)d个字。"
    return f"{what}太长：最多%(limit_value)d个字，现有%(show_value)d个字。"


class LetterForm(forms.Form):
    """Write to a department."""

    unit = UnitField(
        label="写给哪个单位",
        queryset=None,
        empty_label="请选择单位",
        error_messages={
            "required": "请选择收信单位。",
            "invalid_choice": "该单位目前不接收来信，请另选一个。",
        },
    )
    title = OneLine(
        label="标题",
        min_length=TITLE_LENGTH[0],
        max_length=TITLE_LENGTH[1],
        help_text=f"{TITLE_LENGTH[0]}至{TITLE_LENGTH[1]}个字，说清什么地方、什么事。",
        error_messages={
            "required": "请填写标题。",
            "min_length": _too(True, "标题"),
            "max_length": _too(False, "标题"),
        },
    )
    text = PlainText(
        label="内容",
        min_length=TEXT_LENGTH[0],
        max_length=TEXT_LENGTH[1],
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="时间、地点、经过和您的要求。请不要写身份证号、银行卡号。",
        error_messages={
            "required": "请填写内容。",
            "min_length": _too(True, "内容"),
            "max_length": _too(False, "内容"),
        },
    )
    name = OneLine(
        label="您的姓名",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "请填写姓名。", "max_length": "姓名最多%(limit_value)d个字。"},
    )
    phone = PhoneField(
        label="联系电话",
        help_text="查询进度时要用；手机还能收到短信通知。",
        error_messages={"required": "请填写联系电话。"},
    )
    email = forms.EmailField(
        label="电子邮箱",
        required=False,
        max_length=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "邮箱格式不正确，例如 name@example.com；也可以不填。"},
    )
    may_publish = forms.TypedChoiceField(
        label="是否同意公开来信和答复",
        choices=[("yes", "同意：隐去个人信息并经审核后公开"), ("no", "不同意：只答复给我本人")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择是否同意公开。"},
    )
    token = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": "页面已失效，请重新打开写信页面。",
            "invalid": "页面已失效，请重新打开写信页面。",
        },
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_receiving_letters()
        self.initial.setdefault("token", uuid.uuid4())

    @property
    def idempotency_key(self) -> str:
        return f"letter:{self.cleaned_data['token'].hex}"

    def draft(self) -> LetterDraft:
        """The letter, of a valid form."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "token"}
        return LetterDraft(**said)


class TrackForm(forms.Form):
    """Follow a letter by its code and the phone number given in it."""

    code = forms.CharField(
        label="查询码",
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
        help_text="提交来信时显示的10位查询码，不分大小写。",
        error_messages={"required": "请填写查询码。"},
    )
    phone = PhoneField(
        label="联系电话",
        help_text="写信时填写的电话。",
        error_messages={"required": "请填写联系电话。"},
    )

    def clean_code(self) -> str:
        return normal_code(self.cleaned_data["code"])
