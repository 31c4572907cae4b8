"""From the clerk's desk to the answer."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from letters import actions
from letters.models import Letter
from letters.procedures import DEFAULT, publish_default_procedures
from yulin_gov.casework.actions import (
    AlreadyTaken,
    return_step,
    sweep_deadlines,
    transfer_case,
    withdraw_step,
)
from yulin_gov.casework.models import Case, CaseEvent, ProcedureVersion, Step
from yulin_gov.casework.participants import Participant
from yulin_gov.casework.procedures import parse
from yulin_gov.casework.verification import verify_events
from yulin_gov.notices.models import Notice
from yulin_gov.refused import Refused
from yulin_gov.search.models import SearchRow
from yulin_gov.workdays.calendar import current_calendar

from .factories import REPLY, accepted, drafted, published, replied, sent, step_of


def test_a_letter_goes_from_writing_to_a_published_answer(city):
    letter = published(city)
    case = Case.objects.get(pk=letter.pk)
    assert (case.state, case.outcome) == ("closed", "published")
    assert case.handled_at == letter.replied_at
    verbs = list(CaseEvent.objects.filter(case=case).order_by("sequence").values_list("verb", flat=True))
    ours = [verb for verb in verbs if verb.startswith("letters.")]
    assert ours == ["letters.accepted", "letters.drafted", "letters.replied", "letters.published"]
    assert list(
        Notice.objects.filter(kind__startswith="letters.").order_by("pk").values_list("kind", flat=True)
    ) == [
        "letters.received",
        "letters.accepted",
        "letters.replied",
    ]


def test_without_consent_the_reply_closes_the_letter(city):
    letter = replied(city, may_publish=False)
    assert (letter.case.state, letter.case.outcome) == ("closed", "replied")


def test_a_letter_is_declined_only_with_a_reason_that_the_writer_is_told_of(city):
    letter = sent(city)
    with pytest.raises(Refused, match="至少10个字") as refused:
        actions.decline_letter(step_of(letter), by=city.as_("梁敏"), opinion="不归我们管")
    assert refused.value.field == "opinion"
    reason = "所反映事项属于法院受理范围，请依法向人民法院提起诉讼。"
    actions.decline_letter(step_of(letter), by=city.as_("梁敏"), opinion=reason)
    case = Case.objects.get(pk=letter.pk)
    assert (case.state, case.outcome, case.handled_at) == ("closed", "declined", None)
    assert CaseEvent.objects.get(case=case, verb="letters.declined").data == {"reason": reason}
    assert Notice.objects.filter(kind="letters.declined").exists()


def test_the_clerk_may_name_the_drafter(city):
    letter = sent(city)
    named = Participant(
        city.unit("市城管局"), position=city.positions["城管承办岗"], person_id=city.people["李娜"].pk
    )
    actions.accept_letter(step_of(letter), by=city.as_("梁敏"), assign=named)
    with pytest.raises(Refused):
        actions.submit_reply(step_of(letter), by=city.as_("陈刚"), reply=REPLY)
    actions.submit_reply(step_of(letter), by=city.as_("李娜"), reply=REPLY)
    assert Letter.objects.get(pk=letter.pk).drafted_by == city.people["李娜"]


def test_a_draft_is_kept_without_taking_the_step(city):
    letter = accepted(city)
    actions.save_draft(step_of(letter), by=city.as_("陈刚"), reply="写到一半")
    assert Letter.objects.get(pk=letter.pk).reply == "写到一半"
    assert step_of(letter).stage_key == "draft"


def test_only_the_drafter_keeps_drafts_and_only_while_drafting(city):
    letter = accepted(city)
    with pytest.raises(Refused):
        actions.save_draft(step_of(letter), by=city.as_("黄勇"), reply="不是承办人")
    drafting = step_of(letter)
    actions.submit_reply(drafting, by=city.as_("陈刚"), reply=REPLY)
    with pytest.raises(AlreadyTaken):
        actions.save_draft(drafting, by=city.as_("陈刚"), reply="已经提交")
    with pytest.raises(Refused, match="不能修改答复"):
        actions.save_draft(step_of(letter), by=city.as_("黄勇"), reply="审核环节不改稿")


def test_a_reply_that_is_too_short_or_too_long_is_refused(city):
    letter = accepted(city)
    for reply in ("已办", "长" * 20_001):
        with pytest.raises(Refused) as refused:
            actions.submit_reply(step_of(letter), by=city.as_("陈刚"), reply=reply)
        assert refused.value.field == "reply"


def test_a_returned_draft_comes_back_to_its_author(city):
    letter = drafted(city)
    return_step(step_of(letter), by=city.as_("黄勇"), to_stage="draft", opinion="请补充维修时间。")
    assert step_of(letter).person == city.people["陈刚"]
    assert Letter.objects.get(pk=letter.pk).reply == REPLY


def test_what_was_just_handed_on_can_be_withdrawn(city):
    letter = sent(city)
    accepting = step_of(letter)
    actions.accept_letter(accepting, by=city.as_("梁敏"))
    withdraw_step(accepting, by=city.as_("梁敏"))
    assert step_of(letter).stage_key == "accept"
    actions.accept_letter(step_of(letter), by=city.as_("梁敏"))
    assert Notice.objects.filter(kind="letters.accepted").count() == 1  # told once


def test_a_sent_reply_never_changes(city):
    letter = replied(city)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(reply="改口")


def test_the_reply_stops_the_promised_clock(city):
    letter = replied(city)
    clock = letter.case.clocks.get(name="promised")
    assert clock.state == "stopped" and clock.next_alert_at is None


def test_a_transferred_letter_is_found_by_the_unit_that_took_it_over(city):
    from yulin_gov.casework.actions import drain_events

    letter = sent(city)
    transfer_case(step_of(letter), by=city.as_("梁敏"), to=city.unit("市教育局"), reason="属于校园路灯。")
    drain_events()
    row = SearchRow.objects.get(kind="letters.letter", object_id=letter.pk)
    assert set(row.unit_ids) == {city.unit("市城管局").pk, city.unit("市教育局").pk}


def test_reminders_climb_from_handler_to_clerk_to_leader(city):
    letter = accepted(city)
    last = letter.case.due_at - timedelta(seconds=1)
    calendar = current_calendar()

    def told(workdays: int) -> set[str]:
        Notice.objects.filter(kind="deadline").delete()
        day = calendar.add_workdays(timezone.localdate(last), workdays)
        moment = timezone.make_aware(timezone.datetime.combine(day, timezone.datetime.min.time()))
        sweep_deadlines(now=moment + timedelta(hours=1))
        return set(Notice.objects.filter(kind="deadline").values_list("role", flat=True))

    assert told(-2) == {"drafter"}
    assert told(0) == {"drafter", "letter_clerk"}
    assert told(1) == {"drafter", "letter_clerk"}
    assert told(2) == {"drafter", "letter_clerk", "leader"}


def test_a_late_acceptance_reaches_the_leader(city):
    letter = sent(city)
    step = step_of(letter)
    sweep_deadlines(now=step.due_at + timedelta(minutes=1))
    roles = set(Notice.objects.filter(kind="deadline").values_list("role", flat=True))
    assert roles == {"letter_clerk", "leader"}


def test_the_default_procedure_is_published_once(city):
    publish_default_procedures()
    published_versions = ProcedureVersion.objects.filter(key="letters.letter", unit=None)
    assert parse(published_versions.get().definition) == DEFAULT


def test_the_log_of_a_letter_proves_itself(city):
    published(city)
    assert verify_events().faults == []
    assert Step.objects.filter(closed_at=None).count() == 0
