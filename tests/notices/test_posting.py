import socket
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.notices.factories import draft, make_unit, make_user
from yulin_gov.celery import app
from yulin_gov.notices import wake
from yulin_gov.notices.actions import post_notice, post_notices, withdraw_notices
from yulin_gov.notices.delivery import expand_notices
from yulin_gov.notices.models import Notice, NoticeDelivery
from yulin_gov.privacy.models import DataKey

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", [1, 300])
def test_any_number_of_notices_is_one_statement(number, django_assert_num_queries):
    unit = make_unit()
    drafts = [draft(unit_id=unit.pk, role="letter_clerk") for _ in range(number)]
    with django_assert_num_queries(1):
        post_notices(drafts)
    assert Notice.objects.count() == number


@pytest.mark.parametrize("number", [1, 50])
def test_contacts_without_a_key_of_their_subject_cost_one_statement_more(number, django_assert_num_queries):
    drafts = [draft(phone="13800001234") for _ in range(number)]
    with django_assert_num_queries(2):
        post_notices(drafts)
    assert Notice.objects.filter(owns_key=True, channels=["sms"]).count() == number


def test_posting_nothing_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        post_notices([])


def test_the_same_key_is_told_once():
    user = make_user()
    post_notices([draft("a", user_id=user.pk, title="第一次"), draft("a", user_id=user.pk, title="同批")])
    post_notice(draft("a", user_id=user.pk, title="第二次"))
    assert [notice.title for notice in Notice.objects.all()] == ["第一次"]


def test_a_notice_shares_the_fate_of_its_transaction():
    user = make_user()
    with pytest.raises(RuntimeError), transaction.atomic():
        post_notice(draft(user_id=user.pk))
        raise RuntimeError
    assert not Notice.objects.exists()


def test_contacts_are_sealed_under_the_subjects_key():
    key = DataKey.objects.create()
    post_notice(draft(phone="13800001234", email="a@example.com", data_key=key))
    notice = Notice.objects.get()
    assert b"13800001234" not in bytes(notice.sealed_contact)
    assert (notice.data_key, notice.owns_key) == (key, False)
    assert notice.channels == ["sms", "email"]


def test_a_contact_that_was_erased_does_not_stop_the_matter():
    key = DataKey.objects.create()
    key.destroy()
    post_notice(draft(phone="13800001234", data_key=key))
    assert Notice.objects.get().sealed_contact is None


def test_long_texts_and_nul_bytes_are_cut_not_refused():
    post_notice(draft(user_id=make_user().pk, title="长\n" + "𠮷" * 500, body="\0文" * 5000))
    notice = Notice.objects.get()
    assert len(notice.title) == 200
    assert notice.title.startswith("长 𠮷")
    assert (len(notice.body), notice.body[-1]) == (2000, "…")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"unit_id": 1},
        {"role": "leader"},
        {"unit_id": 1, "role": "leader", "user_id": 1},
        {"unit_id": 1, "role": "leader", "phone": "13800001234"},
        {"user_id": 1, "url": "https://elsewhere.example/"},
        {"user_id": 1, "url": "//elsewhere.example/"},
        {"user_id": 1, "url": "/\\elsewhere.example/"},
        {"user_id": 1, "channels": ()},
        {"user_id": 1, "channels": ("pigeon",)},
        {"user_id": 1, "key": "k" * 201},
    ],
)
def test_a_draft_names_one_addressee_known_channels_and_a_page_of_this_site(wrong):
    with pytest.raises(ValueError):
        draft(**wrong)


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example/"]
)
def test_the_database_too_refuses_links_that_lead_away(url):
    user = make_user()
    with pytest.raises(IntegrityError, match="notices_url_local"):
        Notice.objects.create(idempotency_key="k", user=user, title="t", url=url, channels=["inbox"])


def test_withdrawing_drops_what_was_not_delivered_and_keeps_the_inbox():
    user = make_user(phone="13800001234")
    post_notices([draft("told", user_id=user.pk, channels=("inbox", "desktop", "sms"))])
    expand_notices()
    post_notices([draft("untold", user_id=user.pk), draft("other", user_id=user.pk, subject_key="case:13")])
    assert withdraw_notices("case:12") == 2
    expand_notices()
    states = NoticeDelivery.objects.values_list("notice__idempotency_key", "channel", "state")
    assert set(states) == {
        ("told", "inbox", "sent"),
        ("told", "desktop", "dropped"),
        ("told", "sms", "dropped"),
        ("other", "inbox", "sent"),
        ("other", "desktop", "waiting"),
    }


def test_what_is_posted_after_withdrawing_is_delivered():
    user = make_user()
    withdraw_notices("case:12")
    post_notice(draft(user_id=user.pk, title="信件已办结"))
    expand_notices()
    assert NoticeDelivery.objects.filter(channel="inbox", notice__title="信件已办结").exists()


# -- waking Celery ------------------------------------------------------------------------


@pytest.fixture
def broker(monkeypatch):
    """The real Redis with nothing pending, and its list of Celery's tasks."""
    client = wake._redis()
    monkeypatch.setattr(wake, "_silent_until", 0.0)
    client.delete(wake._PENDING, "celery")
    yield client
    client.delete(wake._PENDING, "celery")


def test_one_wake_up_follows_the_commit_however_many_posts(broker, django_capture_on_commit_callbacks):
    user = make_user()
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        post_notice(draft(user_id=user.pk))
        post_notices([draft(user_id=user.pk), draft(user_id=user.pk)])
        assert broker.llen("celery") == 0
    assert len(callbacks) == 1
    assert broker.llen("celery") == 1


def test_while_a_wake_up_is_pending_no_second_is_sent(broker):
    for _ in range(5):
        wake.wake()
    assert broker.llen("celery") == 1
    wake.woken()
    wake.wake()
    assert broker.llen("celery") == 2


@pytest.fixture(params=["refusing", "silent"])
def dead_address(request):
    """Where a Redis should be: a port nobody listens on, or one that never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "silent":
            listener.listen()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def dead_redis(dead_address, broker, settings):
    settings.REDIS_URL = dead_address
    wake._redis.cache_clear()
    yield
    wake._redis.cache_clear()


def test_a_redis_that_is_away_neither_fails_nor_delays_the_work(
    dead_redis, caplog, django_capture_on_commit_callbacks
):
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        post_notice(draft(user_id=make_user().pk))
    for _ in range(20):
        wake.wake()
    assert time.monotonic() - started < 1
    assert caplog.text.count("beat will do it") == 1
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("send", [wake.wake, lambda: wake.wake_task("notices.forget_old_notices")])
def test_a_broker_that_is_away_neither_fails_nor_delays_the_work(
    send, dead_address, broker, monkeypatch, caplog
):
    monkeypatch.setattr(app.conf, "broker_write_url", dead_address)
    started = time.monotonic()
    send()
    assert time.monotonic() - started < 2
    assert "beat will do it" in caplog.text


def test_the_task_starts_without_redis_too(dead_redis, caplog):
    wake.woken()
    assert "expires by itself" in caplog.text


def test_an_unclaimed_notice_is_found_by_the_partial_index():
    user = make_user()
    Notice.objects.bulk_create(
        Notice(
            idempotency_key=f"n{number}",
            user=user,
            title="t",
            channels=["inbox"],
            expanded_at=timezone.now(),
            expand_at=timezone.now() - timedelta(days=1),
        )
        for number in range(500)
    )
    post_notice(draft(user_id=user.pk))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # the table of a test is too small to tell
    waiting = Notice.objects.filter(expanded_at__isnull=True, withdrawn_at__isnull=True)
    plan = waiting.filter(expand_at__lte=timezone.now()).order_by("expand_at", "id")[:200].explain()
    assert "notices_to_expand" in plan
