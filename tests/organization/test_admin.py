"""The administrators' site denies by default; each kind sees its own, and saves through the verbs."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from tests.accounts.factories import PASSWORD, make_citizen, make_staff
from yulin_gov.accounts.audit import record_audit, verb_label
from yulin_gov.accounts.models import AuditEvent, User
from yulin_gov.organization.actions import appoint, create_unit, delegate, end_appointment
from yulin_gov.organization.admin_site import AdministratorAdmin, DeniedAdmin, ReadOnlyAdmin, admin_site
from yulin_gov.organization.models import Appointment, Division, Position, SupervisionScope, Unit
from yulin_gov.workdays.models import CalendarYear, SpecialDay

from .factories import make_holder, make_position, make_unit

pytestmark = pytest.mark.django_db

PAGES = {
    "organization/unit": {"system", "security"},
    "organization/unitname": {"system", "audit"},
    "organization/division": {"system", "security"},
    "organization/position": {"system", "security"},
    "organization/appointment": {"security", "audit"},
    "organization/delegation": {"security", "audit"},
    "organization/supervisionscope": {"security", "audit"},
    "accounts/user": {"security"},
    "accounts/auditevent": {"audit"},
    "workdays/specialday": {"system", "audit"},
    "workdays/calendaryear": {"system", "audit"},
    "workdays/calendarrevision": {"system", "audit"},
}
MAY_ADD = {
    "system": {"organization/unit", "organization/division", "organization/position", "workdays/specialday"}
    | {"workdays/calendaryear"},
    "security": {"accounts/user", "organization/appointment", "organization/supervisionscope"},
    "audit": set(),
}


@pytest.fixture
def as_(client):
    def sign_in(kind):
        person = make_holder(administrator=kind, password=PASSWORD)
        client.force_login(person)
        return person

    return sign_in


@pytest.mark.parametrize("kind", ["system", "security", "audit"])
def test_each_kind_sees_its_own_pages_only(client, as_, kind):
    as_(kind)
    record_audit("tests.happened", by=None)
    assert client.get("/admin/").status_code == 200
    for page, kinds in PAGES.items():
        assert client.get(f"/admin/{page}/").status_code == (200 if kind in kinds else 403), page
        may_add = client.get(f"/admin/{page}/add/").status_code == 200
        assert may_add == (page in MAY_ADD[kind]), page


@pytest.mark.parametrize("make", [make_citizen, make_staff, lambda: make_holder("head", "supervisor")])
def test_everybody_else_is_refused(client, make):
    client.force_login(make())
    assert client.get("/admin/", follow=True).status_code == 403
    for page in PAGES:
        assert client.get(f"/admin/{page}/")["Location"].startswith("/admin/login/")


def test_strangers_go_to_the_one_sign_in_page(client):
    answer = client.get("/admin/organization/unit/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/sign-in/?next=%2Fadmin%2Forganization%2Funit%2F"


def test_an_administrator_who_left_is_refused_at_once(client, as_):
    person = as_("system")
    end_appointment(person.appointments.get())
    assert client.get("/admin/", follow=True).status_code == 403


def test_nothing_is_allowed_unless_a_kind_was_named(rf):
    request = rf.get("/")
    request.capacities = []
    page = DeniedAdmin(Unit, admin_site)
    for allowed in ("view", "change", "delete"):
        assert not getattr(page, f"has_{allowed}_permission")(request)
    assert not page.has_add_permission(request)
    assert not ReadOnlyAdmin.editors
    with pytest.raises(ValueError, match="root"):
        AdministratorAdmin("root")


def test_nothing_can_be_deleted(client, as_):
    as_("system")
    unit = make_unit()
    assert client.post(f"/admin/organization/unit/{unit.pk}/delete/", {"post": "yes"}).status_code == 403


UNIT = {"code": "ZJ", "name": "市住建局", "kind": "department", "sort": "1", "valid_from": "2020-01-01"}


def test_the_system_administrator_founds_and_renames_units(client, as_):
    person = as_("system")
    assert client.post("/admin/organization/unit/add/", UNIT).status_code == 302
    unit = Unit.objects.get(code="ZJ")
    page = f"/admin/organization/unit/{unit.pk}/change/"
    assert client.post(page, {**UNIT, "name": "市住房城乡建设局"}).status_code == 302
    assert list(unit.names.values_list("name", flat=True)) == ["市住建局", "市住房城乡建设局"]
    assert AuditEvent.objects.filter(verb="organization.unit_renamed", actor=person).exists()
    assert unit.history.latest().history_user == person


def test_a_refusal_keeps_what_was_typed(client, as_):
    as_("system")
    city = create_unit("YL", name="玉林市")
    county = create_unit("BL", name="北流市", parent=city)
    data = {**UNIT, "name": "改名", "parent": county.pk}
    page = client.post(f"/admin/organization/unit/{city.pk}/change/", data)
    assert page.status_code == 200
    body = page.content.decode()
    assert "自己的下级单位" in body
    assert "改名" in body
    city.refresh_from_db()
    assert city.name == "玉林市"


def test_bad_input_is_answered_not_crashed_on(client, as_):
    as_("system")
    for data in ({}, {**UNIT, "name": "坏\x00"}, {**UNIT, "code": "a/b"}, {**UNIT, "parent": "999999"}):
        assert client.post("/admin/organization/unit/add/", data).status_code == 200
    assert not Unit.objects.filter(code="ZJ").exists()


def test_posts_are_the_system_administrators_and_rights_the_security_administrators(client, as_):
    as_("system")
    unit = make_unit()
    data = {"unit": unit.pk, "title": "科员", "sort": "0", "roles": ["head"], "administrator": "audit"}
    assert client.post("/admin/organization/position/add/", data).status_code == 302
    position = Position.objects.get(title="科员")
    assert (position.roles, position.administrator) == ([], "")
    page = f"/admin/organization/position/{position.pk}/change/"
    client.post(page, {"title": "主任科员", "sort": "0", "roles": ["head"]})
    position.refresh_from_db()
    assert (position.title, position.roles) == ("主任科员", [])
    as_("security")
    client.post(page, {"title": "局长", "roles": ["head", "leader"]})
    position.refresh_from_db()
    assert (position.title, position.roles) == ("主任科员", ["head", "leader"])
    refused = client.post(page, {"roles": ["head"], "administrator": "system"})
    assert "不能兼任其他角色" in refused.content.decode()
    assert "roles" in client.post(page, {"roles": ["wizard"]}).context["adminform"].form.errors


def test_the_security_administrator_opens_accounts_with_a_password_shown_once(client, as_):
    as_("security")
    data = {"username": "LiuYang", "full_name": "刘洋", "email": "", "new_phone": "138 0000 1234"}
    page = client.post("/admin/accounts/user/add/", data)
    user = User.objects.get(username="liuyang")
    ((shown, password),) = page.context["passwords"]
    assert (shown, user.check_password(password)) == (user, True)
    assert (user.must_change_password, user.kind, user.phone) == (True, "staff", "13800001234")
    assert "no-store" in page["Cache-Control"]
    again = client.post("/admin/accounts/user/add/", data)
    assert "username" in again.context["adminform"].form.errors
    bad = client.post("/admin/accounts/user/add/", {**data, "username": "other", "new_phone": "12"})
    assert "new_phone" in bad.context["adminform"].form.errors
    body = client.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert "13800001234" not in body
    assert "138****1234" in body


def act(client, page, action, *objects):
    data = {"action": action, "_selected_action": [obj.pk for obj in objects]}
    return client.post(f"/admin/{page}/", data, follow=True)


def test_the_security_administrator_locks_unlocks_and_resets(client, as_):
    person, user = as_("security"), make_staff()
    page = act(client, "accounts/user", "lock", user, person)
    assert "不能停用自己" in page.content.decode()
    user.refresh_from_db()
    assert not user.is_active
    act(client, "accounts/user", "unlock", user)
    ((_, password),) = act(client, "accounts/user", "reset", user).context["passwords"]
    user.refresh_from_db()
    assert user.is_active
    assert user.check_password(password)


def test_the_security_administrator_appoints_and_ends(client, as_):
    as_("security")
    person, today = make_staff(), timezone.localdate().isoformat()
    first = make_position(administrator="system")
    data = {"person": person.pk, "position": first.pk, "from_date": today, "to_date": ""}
    assert client.post("/admin/organization/appointment/add/", data).status_code == 302
    other = make_position(administrator="audit")
    refused = client.post("/admin/organization/appointment/add/", {**data, "position": other.pk})
    assert "不能由同一人同时担任" in refused.content.decode()
    appointment = Appointment.objects.get(person=person)
    client.post(f"/admin/organization/appointment/{appointment.pk}/change/", {"to_date": today})
    appointment.refresh_from_db()
    assert appointment.ended_at
    second = appoint(person, make_position("drafter"))
    act(client, "organization/appointment", "end_today", second)
    second.refresh_from_db()
    assert second.ended_at


def test_the_security_administrator_revokes_delegations_and_sets_scopes(client, as_):
    as_("security")
    principal, position = make_staff(), make_position("supervisor")
    appoint(principal, position)
    until = timezone.now() + timedelta(days=1)
    delegation = delegate(position, principal=principal, deputy=make_staff(), to_at=until)
    assert client.get(f"/admin/organization/delegation/{delegation.pk}/change/").status_code == 200
    act(client, "organization/delegation", "revoke", delegation)
    delegation.refresh_from_db()
    assert delegation.revoked_at
    data = {"position": position.pk, "unit": position.unit_id}
    assert client.post("/admin/organization/supervisionscope/add/", data).status_code == 302
    act(client, "organization/supervisionscope", "remove", SupervisionScope.objects.get())
    assert not SupervisionScope.objects.exists()


def test_whoever_only_looks_has_no_bulk_actions(client, as_):
    as_("audit")
    appointment = appoint(make_staff(), make_position("drafter"))
    act(client, "organization/appointment", "end_today", appointment)
    appointment.refresh_from_db()
    assert appointment.ended_at is None


def test_the_audit_log_is_only_looked_at(client, as_):
    as_("audit")
    event = record_audit("tests.happened", by=None, subject="某事")
    page = f"/admin/accounts/auditevent/{event.pk}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"verb": "x"}).status_code == 403
    assert "某事" in client.get("/admin/accounts/auditevent/?q=happened").content.decode()
    assert "登录" in client.get("/admin/accounts/auditevent/?q=signed_in").content.decode()


def test_every_verb_that_is_recorded_has_a_name():
    packages = Path(settings.BASE_DIR) / "yulin_gov"
    sources = [
        path.read_text() for name in ("accounts", "organization") for path in (packages / name).rglob("*.py")
    ]
    verbs = set(
        re.findall(
            r'"((?:accounts|organization)\.[a-z_]+)"(?:, (?:by|subject)=|,$)', "\n".join(sources), re.M
        )
    )
    assert len(verbs) > 15
    assert {verb for verb in verbs if verb_label(verb) == verb} <= {"accounts.User"}


def test_divisions_and_calendar_are_saved_by_their_verbs(client, as_):
    as_("system")
    data = {"unit": make_unit().pk, "name": "办公室", "sort": "0"}
    assert client.post("/admin/organization/division/add/", data).status_code == 302
    assert Division.objects.get().name == "办公室"
    day = {"date": "2030-01-02", "name": "元旦", "reason": "通知"}
    assert client.post("/admin/workdays/specialday/add/", day).status_code == 302
    stored = SpecialDay.objects.get(date="2030-01-02")
    page = f"/admin/workdays/specialday/{stored.pk}/change/"
    assert client.post(page, {"name": "元旦假期", "reason": "更正"}).status_code == 302
    refused = client.post(page, {"name": "元旦假期", "reason": "更正"})
    assert "无需修改" in refused.content.decode()
    year = {"year": "2030", "notice": "国办发明电〔2029〕1号", "reason": "通知"}
    assert client.post("/admin/workdays/calendaryear/add/", year).status_code == 302
    assert CalendarYear.objects.get(year=2030).official
    act(client, "workdays/specialday", "clear", stored)
    assert not SpecialDay.objects.filter(date="2030-01-02").exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_for_one_row_and_for_three(client, as_, django_assert_max_num_queries, rows):
    as_("security")
    for _ in range(rows):
        make_holder("drafter")
    for page in ("organization/appointment", "organization/position", "accounts/user"):
        with django_assert_max_num_queries(8):
            client.get(f"/admin/{page}/")
