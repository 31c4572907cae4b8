"""Forms of the one step page. A verb without a form of its own gets an opinion and attachments."""

from __future__ import annotations

from django import forms

from yulin_gov.files.actions import store_upload
from yulin_gov.organization.models import Unit
from yulin_gov.refused import Refused

from .enums import UrgeKind
from .models import Step
from .participants import Participant
from .procedures import Route

OPINION_LENGTH = 2000


class MultipleFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; the cleaned value is a list of uploads."""

    widget = MultipleFiles

    def clean(self, data, initial=None) -> list:
        uploads = data if isinstance(data, (list, tuple)) else [data]
        cleaned = [super(FilesField, self).clean(upload, initial) for upload in uploads if upload]
        if self.required and not cleaned:
            raise forms.ValidationError(self.error_messages["required"])
        return cleaned


class StepForm(forms.Form):
    """Opinion, attachments and whatever else the route requires."""

    opinion = forms.CharField(
        label="意见", required=False, max_length=OPINION_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args, step: Step, route: Route, capacity, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.capacity = capacity
        self.fields["opinion"].required = "opinion" in route.requires
        self.fields["opinion"].error_messages["required"] = "请填写意见。"
        if "legal_basis" in route.requires:
            self.fields["legal_basis"] = forms.CharField(
                label="依据", max_length=200, error_messages={"required": "请填写依据。"}
            )
        if "to" in route.requires:
            self.fields["to"] = forms.ModelMultipleChoiceField(
                label="参与单位",
                queryset=Unit.objects.current().order_by("path"),
                error_messages={"required": "请选择参与单位。"},
                widget=forms.SelectMultiple(attrs={"size": 8}),
            )
        self.fields["files"] = FilesField(label="附件", required="files" in route.requires)

    def given(self) -> dict:
        """What the action is called with; uploads are checked and stored here (raises Refused)."""
        given = dict(self.cleaned_data)
        uploads = given.pop("files", [])
        given["files"] = [
            store_upload(u, by_id=self.capacity.user.pk, purpose="casework.step", field="files")
            for u in uploads
        ]
        if "to" in given:
            units = list(given["to"])
            given["to"] = [Participant(unit, is_host=place == 0) for place, unit in enumerate(units)]
        return given


class ReturnForm(forms.Form):
    to_stage = forms.ChoiceField(label="退回到", error_messages={"required": "请选择退回到哪个环节。"})
    opinion = forms.CharField(
        label="退回理由",
        max_length=OPINION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写退回理由。"},
    )

    def __init__(self, *args, targets: list[Step], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_stage"].choices = [(t.stage_key, t.stage_name) for t in reversed(targets)]


class ForwardForm(forms.Form):
    to = forms.ChoiceField(label="转交给", error_messages={"required": "请选择转交给谁。"})
    opinion = forms.CharField(
        label="说明", required=False, max_length=OPINION_LENGTH, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, colleagues: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = colleagues


class AddForm(forms.Form):
    to = forms.ModelMultipleChoiceField(
        label="增加单位",
        queryset=Unit.objects.none(),
        error_messages={"required": "请选择要增加的单位。"},
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = Unit.objects.current().order_by("path")


class UrgeForm(forms.Form):
    kind = forms.ChoiceField(label="方式", choices=UrgeKind)
    reason = forms.CharField(
        label="催办内容",
        max_length=OPINION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写催办内容。"},
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label="反馈",
        max_length=OPINION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写反馈内容。"},
    )


def put_refusal(form: forms.Form, refusal: Refused) -> None:
    """Show a refusal beside the field it is about, else above the form; what was typed stays."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
