"""The case kind of letters: how the kernel calls what is the letters' own."""

from collections.abc import Callable
from typing import Any

from yulin_gov.casework.kinds import CaseKind, Verb
from yulin_gov.casework.models import Case

from . import actions, queries
from .enums import KIND, Outcome
from .forms import office
from .numbers import new_numbers


def _facts(case: Case) -> dict[str, bool]:
    """What routes ask: whether the writer agreed to publication. One query, or none after the summary."""
    return {"consented": queries.letter_of(case).may_publish}


def _verb(form: type, action: Callable[..., Any]) -> Verb:
    """Our actions know their outcome; the kernel says it all the same."""

    def act(step, *, by, outcome, **given) -> Any:
        return action(step, by=by, **given)

    return Verb(form, act)


LETTER = CaseKind(
    key=KIND,
    label="群众来信",
    procedure_key=KIND,
    summary_template="letters/office/summary.html",
    number=new_numbers,
    summary=queries.office_summary,
    facts=_facts,
    verbs={
        "accept": _verb(office.AcceptForm, actions.accept_letter),
        "decline": _verb(office.DeclineForm, actions.decline_letter),
        "submit": _verb(office.ReplyForm, actions.submit_reply),
        "pass": _verb(office.PassForm, actions.pass_review),
        "reply": _verb(office.SendForm, actions.reply_to_letter),
        "publish": _verb(office.PublishForm, actions.publish_letter),
        "keep": _verb(office.KeepForm, actions.keep_letter_private),
    },
    mandatory=("reply",),
    handled_by="reply",
    declined_as=Outcome.DECLINED.value,
    outcome_labels=dict(Outcome.choices),
    fact_labels={"consented": "同意公开的", "!consented": "不同意公开的"},
    main_clock="promised",
    list_url="office_letters:list",
)
