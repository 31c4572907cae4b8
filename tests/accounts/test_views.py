from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.organization.factories import make_holder
from yulin_gov.accounts.models import AuditEvent
from yulin_gov.accounts.sign_in import SEEN, STARTED

from .factories import PASSWORD, make_citizen, make_staff

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"


def sign_in(client, username, password=PASSWORD, **more):
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


def recorded(verb):
    return AuditEvent.objects.filter(verb=verb).count()


def test_staff_arrive_in_the_office_and_citizens_at_home(client):
    holder, citizen = make_holder("drafter", password=PASSWORD), make_citizen()
    assert sign_in(client, holder.username)["Location"] == "/office/"
    assert recorded("accounts.signed_in") == 1
    assert sign_in(Client(), citizen.username)["Location"] == "/"


def test_an_administrator_arrives_at_the_administrators_site(client):
    admin = make_holder(administrator="security", password=PASSWORD)
    assert sign_in(client, admin.username)["Location"] == "/admin/"


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/office/notices/?page=2", "/office/notices/?page=2"),
        ("https://evil.example/", "/office/"),
        ("//evil.example/", "/office/"),
        ("/\\evil.example/", "/office/"),
        ("javascript:alert(1)", "/office/"),
        ("/office/\r\nX: y", "/office/"),
    ],
)
def test_next_stays_on_this_site(client, wanted, goes):
    holder = make_holder("drafter", password=PASSWORD)
    assert sign_in(client, holder.username, next=wanted)["Location"] == goes


def test_a_username_may_be_typed_in_any_case(client):
    make_holder("drafter", username="liangmin", password=PASSWORD)
    assert sign_in(client, " LiangMin ").status_code == 302


@pytest.mark.parametrize("username", ["nobody", "liangmin", "nul\x00", "x" * 61, ""])
def test_a_wrong_sign_in_says_so_and_keeps_the_name(client, username):
    make_staff(username="liangmin")
    page = sign_in(client, username, "wrong")
    assert page.status_code == 200
    assert page.context["form"].errors
    assert PASSWORD not in page.content.decode()


def test_known_and_unknown_accounts_cannot_be_told_apart(client):
    make_staff(username="liangmin")
    answers = {
        str(sign_in(client, name, "wrong").context["form"].non_field_errors())
        for name in ("liangmin", "nobody")
    }
    assert len(answers) == 1


def test_a_password_typed_as_a_name_is_not_recorded(client):
    sign_in(client, "My-Secret-Password", "x")
    assert AuditEvent.objects.get(verb="accounts.sign_in_failed").subject == "（未知账号）"


def test_five_failures_pause_the_account_even_for_the_right_password(client):
    holder = make_holder("drafter", username="liangmin", password=PASSWORD)
    for _ in range(5):
        page = sign_in(client, "liangmin", "wrong")
    assert page.status_code == 429
    assert "暂停登录" in page.content.decode()
    assert sign_in(client, "LIANGMIN").status_code == 429
    assert sign_in(Client(REMOTE_ADDR="10.9.8.7"), "liangmin").status_code == 429
    assert recorded("accounts.locked_out") == 1
    assert recorded("accounts.sign_in_failed") <= 5
    assert holder.is_active


def test_staff_who_left_cannot_sign_in(client):
    page = sign_in(client, make_staff().username)
    assert "没有任职" in page.content.decode()
    assert "_auth_user_id" not in client.session
    assert recorded("accounts.sign_in_refused") == 1


def test_a_locked_account_ends_its_open_sessions(client):
    holder = make_holder("drafter")
    client.force_login(holder)
    assert client.get("/accounts/password/").status_code == 200
    type(holder).objects.filter(pk=holder.pk).update(is_active=False)
    assert client.get("/accounts/password/").status_code == 302


def test_signing_out_takes_a_post(client):
    client.force_login(make_citizen())
    assert client.get("/accounts/sign-out/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/accounts/sign-out/").status_code == 302
    assert "_auth_user_id" not in client.session
    assert recorded("accounts.signed_out") == 1


def test_a_first_password_is_changed_before_anything_else(client):
    holder = make_holder("drafter", password=PASSWORD, must_change_password=True)
    client.force_login(holder)
    answer = client.get("/office/capacity/?a=1")
    assert answer["Location"] == "/accounts/password/?next=%2Foffice%2Fcapacity%2F%3Fa%3D1"
    part = client.get("/office/capacity/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"][:20]) == (204, "/accounts/password/?")
    data = {"old": PASSWORD, "new": "Quiet-Bamboo-7", "again": "Quiet-Bamboo-7", "next": "/office/capacity/"}
    assert client.post("/accounts/password/", data)["Location"] == "/office/capacity/"
    assert client.get("/office/capacity/").status_code == 200  # still signed in, with the new password


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"old": "wrong"}, "old"),
        ({"new": "1234567890", "again": "1234567890"}, "new"),
        ({"again": "Other-Bamboo-7"}, "again"),
        ({"new": ""}, "new"),
        ({"new": "\x00" * 12, "again": "\x00" * 12}, "new"),
    ],
)
def test_a_refused_password_says_why_beside_its_field(client, data, field):
    client.force_login(make_citizen())
    right = {"old": PASSWORD, "new": "Quiet-Bamboo-7", "again": "Quiet-Bamboo-7"}
    page = client.post("/accounts/password/", {**right, **data})
    assert field in page.context["form"].errors


def test_changing_the_password_ends_the_other_sessions(client):
    citizen, other = make_citizen(), Client()
    client.force_login(citizen)
    other.force_login(citizen)
    client.post("/accounts/password/", {"old": PASSWORD, "new": "Quiet-Bamboo-7", "again": "Quiet-Bamboo-7"})
    assert client.get("/accounts/password/").status_code == 200
    assert other.get("/accounts/password/").status_code == 302


def age(client, *, started=timedelta(), seen=timedelta()):
    session, now = client.session, timezone.now()
    session[STARTED] = int((now - started).timestamp())
    session[SEEN] = int((now - seen).timestamp())
    session.save()


@pytest.mark.parametrize(
    ("ages", "sentence"),
    [
        ({"started": timedelta(hours=2), "seen": timedelta(minutes=61)}, "没有操作"),
        ({"started": timedelta(hours=12, minutes=1)}, "已满12小时"),
    ],
)
def test_a_session_ends_when_idle_or_old_and_says_so(client, ages, sentence):
    client.force_login(make_citizen())
    age(client, **ages)
    page = client.get("/accounts/password/", follow=True)
    assert page.redirect_chain[0][0].startswith(SIGN_IN)
    assert sentence in page.content.decode()


def test_a_part_of_an_expired_page_sends_the_whole_page_to_the_sign_in(client):
    client.force_login(make_holder("drafter"))
    age(client, started=timedelta(hours=13))
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/office/letters/"}
    answer = client.get("/office/capacity/", headers=headers)
    assert answer["HX-Redirect"] == "/accounts/sign-in/?next=%2Foffice%2Fletters%2F"


def test_presence_is_written_once_a_minute(client):
    client.force_login(make_citizen())
    age(client, seen=timedelta(minutes=5))
    client.get("/accounts/password/")
    seen = client.session[SEEN]
    assert seen >= int((timezone.now() - timedelta(minutes=1)).timestamp())
    client.get("/accounts/password/")
    assert client.session[SEEN] == seen


def test_a_missing_token_is_explained():
    page = Client(enforce_csrf_checks=True).post(SIGN_IN, {"username": "a", "password": "b"})
    assert page.status_code == 403
    assert "刷新后重新提交" in page.content.decode()


def test_a_stranger_costs_no_query_at_the_sign_in(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(SIGN_IN)
