import pytest
from django.urls import reverse
from django.utils import timezone

from tests.notices.factories import draft, make_unit, make_user, noon
from yulin_gov.notices.actions import post_notice, retry_delivery
from yulin_gov.notices.delivery import expand_notices, send_next
from yulin_gov.notices.models import NoticeDelivery
from yulin_gov.organization.models import Appointment, Position
from yulin_gov.refused import Refused

pytestmark = pytest.mark.django_db

LIST = "/admin/notices/noticedelivery/"


@pytest.fixture
def failed(gateway):
    """An SMS that the gateway refused for good."""
    gateway.answers = [400]
    post_notice(draft(phone="13800001234", title="不给管理员看的标题"))
    expand_notices()
    return send_next(now=noon())


@pytest.fixture
def administrator(client):
    def sign_in(kind):
        position = Position.objects.create(unit=make_unit(), title="管理员", administrator=kind)
        user = make_user("管理员")
        Appointment.objects.create(person=user, position=position)
        client.force_login(user)
        return client

    return sign_in


def test_the_system_administrator_sees_failures_but_no_contents(administrator, failed):
    page = administrator("system").get(LIST).content.decode()
    assert "短信网关返回 400" in page
    assert "不给管理员看的标题" not in page
    detail = administrator("system").get(reverse("admin:notices_noticedelivery_change", args=[failed.pk]))
    assert detail.status_code == 200
    assert "不给管理员看的标题" not in detail.content.decode()


@pytest.mark.parametrize("kind", ["security", "audit"])
def test_other_administrators_do_not(kind, administrator, failed):
    assert administrator(kind).get(LIST).status_code == 403


def test_what_failed_can_be_queued_again(administrator, failed, gateway):
    chosen = {"action": "retry", "_selected_action": [failed.pk]}
    page = administrator("system").post(LIST, chosen, follow=True).content.decode()
    assert "已重新排队：1项" in page
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("waiting", 0)
    assert send_next(now=max(noon(), failed.next_attempt_at)).state == "sent"
    assert len({request["key"] for request in gateway.tries}) == 1


def test_only_what_failed_can_be_sent_again(failed):
    NoticeDelivery.objects.filter(pk=failed.pk).update(state="sent", sent_at=timezone.now())
    with pytest.raises(Refused, match="发送失败"):
        retry_delivery(failed)
