"""Several workers, and workers that die: on committed data, with real connections and processes."""

import os
import signal
import threading
import time
from datetime import timedelta
from itertools import chain

import pytest
from django.db import connection, connections

from tests.notices.factories import draft, make_user, noon
from yulin_gov.notices.actions import post_notice, post_notices, take_desktop_notices
from yulin_gov.notices.delivery import BACK_OFF, deliver
from yulin_gov.notices.models import NoticeDelivery
from yulin_gov.notices.tasks import deliver_notices

pytestmark = pytest.mark.usefixtures("committed_db")


def soon():
    return time.monotonic() + 10


def together(*works):
    """Runs all works at the same moment, each in a thread with a connection of its own."""
    barrier, results = threading.Barrier(len(works)), []

    def run(work):
        barrier.wait()
        try:
            results.append(work())
        except BaseException as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_workers_side_by_side_send_each_message_once(gateway):
    user = make_user(phone="13900005678")
    post_notices(
        [draft(phone=f"138000{number:05}") for number in range(30)]
        + [draft(user_id=user.pk, channels=("inbox", "sms")) for _ in range(30)]
    )
    now = noon()
    assert together(*[lambda: deliver(until=soon(), now=now)] * 4) == [True] * 4
    assert len(gateway.tries) == 60  # not even tried twice
    assert NoticeDelivery.objects.filter(state="sent").count() == 90
    assert NoticeDelivery.objects.filter(channel="inbox", user=user).count() == 30


def test_two_windows_show_each_pop_up_once():
    user = make_user()
    post_notices([draft(user_id=user.pk) for _ in range(5)])
    deliver(until=soon(), now=noon())
    shown = together(*[lambda: [entry.pk for entry in take_desktop_notices(user)]] * 4)
    assert sorted(chain(*shown)) == sorted(
        NoticeDelivery.objects.filter(channel="desktop").values_list("pk", flat=True)
    )


def test_the_task_delivers_what_was_committed(gateway, settings):
    settings.QUIET_HOURS = ("00:00", "00:00")
    post_notice(draft(user_id=make_user(phone="13800001234").pk, channels=("inbox", "desktop", "sms")))
    deliver_notices()
    assert dict(NoticeDelivery.objects.values_list("channel", "state")) == {
        "inbox": "sent",
        "desktop": "waiting",
        "sms": "sent",
    }


def test_a_gateway_that_is_down_is_left_alone_for_the_rest_of_the_run(gateway):
    gateway.answers = [503] * 50
    post_notices([draft(phone=f"138000{number:05}") for number in range(20)])
    assert deliver(until=soon(), now=noon())
    assert len(gateway.tries) == 3
    assert NoticeDelivery.objects.filter(attempts=0, state="waiting").count() == 17


def test_a_run_stops_at_its_time_and_says_that_work_is_left(gateway):
    post_notices([draft(phone=f"138000{number:05}") for number in range(3)])
    assert not deliver(until=time.monotonic(), now=noon())
    assert gateway.tries == []
    assert deliver(until=soon(), now=noon())


# -- kill -9 ------------------------------------------------------------------------------


class Reaper:
    """Kills its own process at the nth moment: there is one before and one after each statement.

    The moment after a transaction's last statement is the one before its COMMIT.
    """

    def __init__(self, moment):
        self.left = moment

    def __call__(self, execute, sql, params, many, context):
        self.tick()
        result = execute(sql, params, many, context)
        self.tick()
        return result

    def tick(self):
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def killed_at(moment, now):
    """Delivers in a process that dies at `moment`; false where it came to its end before."""
    connections.close_all()  # the child opens its own
    child = os.fork()
    if not child:
        try:
            with connection.execute_wrapper(Reaper(moment)):
                deliver(until=soon(), now=now)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def carried_on(key, now):
    """The notice's deliveries after other workers came by, until the dead one's claim had run out."""
    states, patience = [], time.monotonic() + 5
    while ("sms", "sent") not in states and time.monotonic() < patience:
        # The server takes a moment to notice the death; until then the rows stay locked.
        deliver(until=soon(), now=now)
        deliver(until=soon(), now=now + BACK_OFF[0] + timedelta(seconds=1))
        rows = NoticeDelivery.objects.filter(notice__idempotency_key=key)
        states = sorted(rows.values_list("channel", "state"))
    return states


def test_a_worker_killed_between_any_two_statements_loses_nothing_and_sends_nothing_twice(gateway):
    user, now = make_user(phone="13900005678"), noon()
    moment = lost_answers = 0
    while True:
        key = f"kill-{moment}"
        post_notice(draft(key, user_id=user.pk, channels=("inbox", "desktop", "sms"), title=key))
        killed = killed_at(moment, now)
        was_sent = f"【玉林市人民政府】{key}" in gateway.texts()
        states = carried_on(key, now)
        assert states == [("desktop", "waiting"), ("inbox", "sent"), ("sms", "sent")], moment
        assert gateway.texts().count(f"【玉林市人民政府】{key}") == 1
        lost_answers += was_sent and killed
        if not killed:
            break
        moment += 1
    assert moment > 10  # the whole way was walked
    assert lost_answers  # and it led past the moment between sending and writing it down
    assert len(gateway.tries) > len(gateway.sent)
