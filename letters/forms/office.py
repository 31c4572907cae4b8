"""The forms of a letter's verbs on the step page, and of what is done besides."""

from __future__ import annotations

from django import forms
from django.urls import reverse

from yulin_gov.casework.colleagues import choice_of, holders_in, named
from yulin_gov.casework.forms import StepForm
from yulin_gov.casework.models import Step
from yulin_gov.casework.procedures import definition_of
from yulin_gov.refused import Refused

from ..actions.handling import REPLY_LENGTH, SHORTEST_REASON
from ..models import Letter
from ..queries import letter_of
from ..redaction import proposed_copy
from .fields import OneLine, PlainText


class LetterStepForm(StepForm):
    """Opinion and attachments, with whatever the unit's procedure requires of this outcome."""

    outcome = ""
    opinion_label = "意见"
    own_fields_first: tuple[str, ...] = ()

    def __init__(self, *args, step: Step, capacity, **kwargs) -> None:
        self.step = step
        stage = definition_of(step.case.procedure).stage(step.stage_key)
        route = next(route for route in stage.routes if route.outcome == self.outcome)
        super().__init__(*args, step=step, route=route, capacity=capacity, **kwargs)
        self.fields["opinion"].label = self.opinion_label
        self.order_fields(self.own_fields_first)

    @property
    def letter(self) -> Letter:
        """The letter this step works on, as the page has read it."""
        return letter_of(self.step.case)


class AcceptForm(LetterStepForm):
    """Accept, and perhaps name who drafts the reply."""

    outcome = "accept"
    opinion_label = "拟办意见"
    own_fields_first = ("assign",)

    assign = forms.ChoiceField(
        label="交由",
        required=False,
        error_messages={"invalid_choice": "所选人员目前不是本单位的承办人，请重新选择。"},
    )

    def __init__(self, *args, step: Step, capacity, **kwargs) -> None:
        super().__init__(*args, step=step, capacity=capacity, **kwargs)
        following = self._following(step)
        if following is None:
            del self.fields["assign"]
            return
        self.holders = {choice_of(a)[0]: a for a in holders_in(step.case, step.case.unit_id, following.role)}
        self.fields["assign"].choices = [("", "承办人自行领办"), *map(choice_of, self.holders.values())]

    def _following(self, step: Step):
        """The next stage, where somebody can be named for it."""
        definition = definition_of(step.case.procedure)
        route = definition.stage(step.stage_key).route(self.outcome, {})
        stage = definition.by_key.get(route.to) if route else None
        return stage if stage and stage.assignee == "responsible" else None

    def given(self) -> dict:
        given = super().given()
        chosen = given.pop("assign", "")
        if chosen:
            given["assign"] = named(self.holders[chosen])
        return given


class DeclineForm(LetterStepForm):
    outcome = "decline"
    opinion_label = "不予受理的理由"

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        opinion = self.fields["opinion"]
        opinion.required = True
        opinion.error_messages["required"] = "请写明不予受理的理由。"
        opinion.help_text = f"至少{SHORTEST_REASON}个字，来信人能看到。"


class DraftArea(forms.Textarea):
    """A text area with a button of its own that keeps what is written without handing it on."""

    template_name = "letters/office/draft_area.html"

    def __init__(self, *, save_url: str, **kwargs) -> None:
        super().__init__(**kwargs)
        self.save_url = save_url

    def get_context(self, name, value, attrs) -> dict:
        return {**super().get_context(name, value, attrs), "save_url": self.save_url}


class ReplyForm(LetterStepForm):
    """Write the reply and hand it to the reviewer."""

    outcome = "submit"
    opinion_label = "给审核人的说明"
    own_fields_first = ("reply",)

    reply = PlainText(
        label="答复",
        min_length=REPLY_LENGTH[0],
        max_length=REPLY_LENGTH[1],
        help_text="签发后原文发给来信人。",
        error_messages={
            "required": "请填写答复。",
            "min_length": "答复太短，请至少写%(limit_value)d个字。",
            "max_length": "答复不能超过%(limit_value)d字，现有%(show_value)d字。",
        },
    )

    def __init__(self, *args, step: Step, capacity, **kwargs) -> None:
        super().__init__(*args, step=step, capacity=capacity, **kwargs)
        save_url = reverse("office_letters:draft", args=[step.pk])
        self.fields["reply"].widget = DraftArea(save_url=save_url, attrs={"rows": 14})
        if not self.is_bound:
            self.initial["reply"] = self.letter.reply

    def typed_reply(self) -> str:
        """The reply as far as it is written, however short. Raises Refused for what cannot be kept."""
        try:
            return PlainText(required=False).clean(self["reply"].value())
        except forms.ValidationError as error:
            raise Refused(error.messages[0], field="reply") from error


class PassForm(LetterStepForm):
    outcome = "pass"
    opinion_label = "审核意见"


class SendForm(LetterStepForm):
    outcome = "reply"
    opinion_label = "签发意见"


class PublishForm(LetterStepForm):
    """The public copy, proposed with personal data taken out; the reviewer corrects it."""

    outcome = "publish"
    opinion_label = "审核意见"
    own_fields_first = ("title", "text", "reply", "confirmed")

    title = OneLine(label="公开的标题", max_length=200, error_messages={"required": "公开的标题不能为空。"})
    text = PlainText(
        label="公开的来信",
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=20_000,
        help_text="系统已隐去姓名、电话、证件号、住址等，请逐句核对。原信不会改动。",
        error_messages={"required": "公开的来信不能为空。"},
    )
    reply = PlainText(
        label="公开的答复",
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=20_000,
        error_messages={"required": "公开的答复不能为空。"},
    )
    confirmed = forms.BooleanField(label="已核对，不含个人信息", required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial.update(proposed_copy(self.letter))


class KeepForm(LetterStepForm):
    outcome = "keep"
    opinion_label = "不公开的理由"


class ReasonForm(forms.Form):
    """Why: for what is done to a letter besides its steps."""

    reason = OneLine(label="原因", max_length=200, error_messages={"required": "请填写原因。"})
