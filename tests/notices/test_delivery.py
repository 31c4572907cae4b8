from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests.notices.factories import draft, make_deputy, make_holder, make_unit, make_user, noon
from yulin_gov.accounts.enums import UserKind
from yulin_gov.messaging.gateways import message_id
from yulin_gov.notices.actions import post_notice, post_notices
from yulin_gov.notices.delivery import BACK_OFF, expand_notices, send_next
from yulin_gov.notices.models import Notice, NoticeDelivery
from yulin_gov.notices.quiet import is_quiet, loud_at
from yulin_gov.privacy.models import DataKey

pytestmark = pytest.mark.django_db


def people_told(channel="inbox"):
    rows = NoticeDelivery.objects.filter(channel=channel).order_by("id")
    return [(str(row.user), str(row.acting_for or "")) for row in rows.select_related("user", "acting_for")]


# -- to whom ------------------------------------------------------------------------------


def test_a_role_is_expanded_into_todays_holders_and_their_deputies():
    unit, other = make_unit(), make_unit("市林业局")
    clerk = make_holder(unit, "letter_clerk", "梁芳")
    make_holder(unit, "letter_clerk", "黎明")
    make_holder(unit, "leader", "局长")
    make_holder(other, "letter_clerk", "外单位")
    make_deputy(clerk, "庞洁")
    post_notice(draft(unit_id=unit.pk, role="letter_clerk"))
    expand_notices()
    assert sorted(people_told()) == [("庞洁", "梁芳"), ("梁芳", ""), ("黎明", "")]
    assert sorted(people_told("desktop")) == sorted(people_told())


def test_who_holds_a_role_and_stands_in_for_it_is_told_once_in_their_own_right():
    unit = make_unit()
    first = make_holder(unit, "letter_clerk", "梁芳", title="甲岗")
    second = make_holder(unit, "letter_clerk", "黎明", title="乙岗")
    for appointment in first.appointments.all():
        appointment.position.delegations.create(
            principal=first, deputy=second, to_at=timezone.now() + timedelta(days=1)
        )
    post_notice(draft(unit_id=unit.pk, role="letter_clerk"))
    expand_notices()
    assert sorted(people_told()) == [("梁芳", ""), ("黎明", "")]


def test_the_holders_are_those_of_the_moment_of_delivery():
    unit = make_unit()
    leaver = make_holder(unit, "letter_clerk", "离任")
    post_notice(draft(unit_id=unit.pk, role="letter_clerk"))
    leaver.appointments.update(
        from_date=date(2020, 1, 1), to_date=timezone.localdate() - timedelta(days=1), ended_at=timezone.now()
    )
    make_holder(unit, "letter_clerk", "接任")
    expand_notices()
    assert people_told() == [("接任", "")]


def test_a_deputy_for_some_kinds_of_case_hears_of_those_only():
    unit = make_unit()
    clerk = make_holder(unit, "letter_clerk", "梁芳")
    make_deputy(clerk, "庞洁", kinds=["letters.letter"])
    post_notices(
        [
            draft(unit_id=unit.pk, role="letter_clerk", case_kind="letters.letter", title="来信"),
            draft(unit_id=unit.pk, role="letter_clerk", case_kind="documents.incoming", title="来文"),
        ]
    )
    expand_notices()
    told = NoticeDelivery.objects.filter(channel="inbox").values_list("user__full_name", "notice__title")
    assert set(told) == {("梁芳", "来信"), ("梁芳", "来文"), ("庞洁", "来信")}


def test_who_is_excluded_from_the_matter_is_not_told_and_nobody_is_told_for_them():
    unit = make_unit()
    accused = make_holder(unit, "letter_clerk", "当事人")
    make_holder(unit, "letter_clerk", "梁芳")
    make_deputy(accused, "庞洁")
    post_notice(draft(unit_id=unit.pk, role="letter_clerk", except_user_ids=(accused.pk,)))
    expand_notices()
    assert people_told() == [("梁芳", "")]


@pytest.mark.parametrize("number", [1, 60])
def test_the_cost_of_expanding_does_not_follow_the_number_of_notices(number, django_assert_max_num_queries):
    units = [make_unit() for _ in range(number)]
    for unit in units:
        make_holder(unit, "registrar")
    post_notices([draft(unit_id=unit.pk, role="registrar") for unit in units])
    with django_assert_max_num_queries(9):
        assert expand_notices() == number
    assert NoticeDelivery.objects.count() == 2 * number


def test_a_vacant_role_keeps_its_notice_until_somebody_comes():
    unit, now = make_unit(), noon()
    post_notice(draft(unit_id=unit.pk, role="leader"))
    assert expand_notices(now=now) == 1
    assert expand_notices(now=now) == 0
    make_holder(unit, "leader", "新任")
    assert expand_notices(now=now + timedelta(minutes=59)) == 0
    assert expand_notices(now=now + timedelta(minutes=61)) == 1
    assert people_told() == [("新任", "")]


def test_a_role_vacant_for_a_week_is_given_up_with_a_line_in_the_log(caplog):
    post_notice(draft(unit_id=make_unit().pk, role="leader"))
    expand_notices(now=timezone.now() + timedelta(days=8))
    assert Notice.objects.get().expanded_at
    assert "nobody is leader" in caplog.text


def test_a_notice_is_expanded_once():
    post_notice(draft(user_id=make_user().pk))
    assert [expand_notices(), expand_notices()] == [1, 0]
    assert NoticeDelivery.objects.count() == 2


# -- SMS and e-mail -----------------------------------------------------------------------


def test_a_citizens_sms_carries_the_governments_name_and_the_text(gateway):
    post_notice(draft(phone="13800001234", title="您的来信已受理", body="编号 2026-000012"))
    expand_notices()
    delivery = send_next(now=noon())
    assert delivery.state == "sent"
    assert gateway.tries[0]["phone"] == "13800001234"
    assert gateway.texts() == ["【玉林市人民政府】您的来信已受理：编号 2026-000012"]
    assert send_next(now=noon()) is None


def test_an_email_names_its_message_and_links_to_the_site():
    post_notice(draft("k", email="a@example.com", title="来信已答复", body="请查看。", url="/letters/track/"))
    expand_notices()
    assert send_next(now=noon()).state == "sent"
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["a@example.com"], "来信已答复")
    assert "http://127.0.0.1:8000/letters/track/" in message.body
    assert message.extra_headers["Message-ID"] == message_id("k||email")


def test_staff_get_their_sms_on_their_own_number(gateway):
    user = make_user(phone="13900005678")
    post_notice(draft(user_id=user.pk, channels=("inbox", "sms")))
    expand_notices()
    send_next(now=noon())
    assert gateway.tries[0]["phone"] == "13900005678"


def test_a_contact_given_with_the_notice_comes_before_the_accounts(gateway):
    user = make_user(phone="13900005678", kind=UserKind.CITIZEN)
    post_notice(draft(user_id=user.pk, phone="13800001234"))
    expand_notices()
    send_next(now=noon())
    assert gateway.tries[0]["phone"] == "13800001234"


def test_destroying_the_key_erases_the_contact_and_drops_the_message(gateway):
    key = DataKey.objects.create()
    post_notice(draft(phone="13800001234", data_key=key))
    expand_notices()
    key.destroy()
    delivery = send_next(now=noon())
    assert (delivery.state, delivery.last_error) == ("dropped", "联系方式已清除")
    assert gateway.tries == []


@pytest.mark.parametrize(
    ("user", "reason"),
    [({"phone": ""}, "收件人未登记联系方式"), ({"phone": "13800001234", "is_active": False}, "收件人已停用")],
)
def test_who_cannot_be_reached_is_dropped_with_the_reason(user, reason, gateway):
    post_notice(draft(user_id=make_user(**user).pk, channels=("sms",)))
    expand_notices()
    delivery = send_next(now=noon())
    assert (delivery.state, delivery.last_error) == ("dropped", reason)
    assert gateway.tries == []


def test_tries_follow_the_back_off_and_then_stop(gateway, settings):
    settings.QUIET_HOURS = ("00:00", "00:00")
    gateway.answers = [503] * 20
    post_notice(draft(phone="13800001234"))
    expand_notices()
    now, waits = noon(), []
    for _ in range(6):
        delivery = send_next(now=now)
        assert "503" in delivery.last_error
        if delivery.state == "waiting":
            waits.append(delivery.next_attempt_at - now)
            assert send_next(now=delivery.next_attempt_at - timedelta(seconds=1)) is None
            now = delivery.next_attempt_at
    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert minutes == [1, 5, 30, 120, 720]
    assert tuple(waits) == BACK_OFF
    assert (delivery.state, delivery.attempts) == ("failed", 6)
    assert send_next(now=now + timedelta(days=30)) is None
    assert len({request["key"] for request in gateway.tries}) == 1


def test_a_lasting_refusal_is_not_tried_again(gateway):
    gateway.answers = [400]
    post_notice(draft(phone="13800001234"))
    expand_notices()
    delivery = send_next(now=noon())
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("failed", 1, "短信网关返回 400")


def test_one_unreadable_contact_does_not_hold_up_the_others(gateway):
    post_notices([draft("bad", phone="13800001234"), draft(phone="13900005678")])
    Notice.objects.filter(idempotency_key="bad").update(sealed_contact=b"\0" * 40)
    expand_notices()
    assert {send_next(now=noon()).state, send_next(now=noon()).state} == {"waiting", "sent"}
    assert [request["phone"] for request in gateway.tries] == ["13900005678"]


# -- quiet hours --------------------------------------------------------------------------


def at(text):
    return timezone.make_aware(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("moment", "loud"),
    [
        ("2026-11-22T21:59:59", "2026-11-22T21:59:59"),
        ("2026-11-22T22:00:00", "2026-11-23T07:00:00"),
        ("2026-11-22T23:59:59", "2026-11-23T07:00:00"),
        ("2026-11-23T00:00:00", "2026-11-23T07:00:00"),
        ("2026-11-23T06:59:59", "2026-11-23T07:00:00"),
        ("2026-11-23T07:00:00", "2026-11-23T07:00:00"),
    ],
)
def test_the_quiet_of_the_night_ends_at_seven(moment, loud):
    assert loud_at(at(moment)) == at(loud)
    assert is_quiet(at(moment)) is (moment != loud)


def test_quiet_hours_may_lie_within_one_day(settings):
    settings.QUIET_HOURS = ("12:00", "14:30")
    assert loud_at(at("2026-11-22T13:00:00")) == at("2026-11-22T14:30:00")
    assert not is_quiet(at("2026-11-22T23:00:00"))


@pytest.mark.parametrize("urgent", [False, True])
def test_at_night_the_inbox_is_told_and_the_sms_waits_for_the_morning(urgent, gateway):
    night = noon().replace(hour=23)
    post_notice(draft(user_id=make_user(phone="13800001234").pk, urgent=urgent, channels=("inbox", "sms")))
    expand_notices(now=night)
    assert NoticeDelivery.objects.get(channel="inbox").state == "sent"
    assert send_next(now=night) is None
    morning = NoticeDelivery.objects.get(channel="sms").next_attempt_at
    assert timezone.localtime(morning).strftime("%H:%M") == "07:00"
    assert send_next(now=morning).state == "sent"


def test_a_row_due_before_the_quiet_is_not_sent_in_it(gateway):
    post_notice(draft(phone="13800001234"))
    expand_notices(now=noon())
    assert send_next(now=noon().replace(hour=22)) is None
    assert gateway.tries == []


def test_a_retry_that_falls_into_the_night_waits_for_the_morning(gateway):
    gateway.answers = [500]
    post_notice(draft(phone="13800001234"))
    expand_notices()
    delivery = send_next(now=noon().replace(hour=21, minute=59, second=30))
    assert delivery.next_attempt_at == noon(days=2).replace(hour=7)
