"""The demo city is complete, staffed, repeatable, and never appears where real people sign in."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from yulin_gov.accounts.actions import create_user
from yulin_gov.accounts.enums import UserKind
from yulin_gov.accounts.models import AuditEvent, User
from yulin_gov.organization import actions, demo
from yulin_gov.organization.capacity import capacities_of
from yulin_gov.organization.demo import sets
from yulin_gov.organization.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from yulin_gov.organization.demo.tables import staff_rows, unit_rows
from yulin_gov.organization.models import Appointment, Division, Position, Unit
from yulin_gov.organization.queries import holders_of_many, supervised_unit_ids, units_receiving_letters
from yulin_gov.organization.roles import ROLES
from yulin_gov.refused import Refused

COUNTIES = ("玉州区", "福绵区", "北流市", "容县", "陆川县", "博白县", "兴业县")
LETTER_ROLES = ("letter_clerk", "drafter", "reviewer", "leader")


@pytest.fixture(scope="module")
def demo_city(django_db_setup, django_db_blocker):
    """The seeded city, once for the module, rolled back after it; the lines it reported."""
    lines: list[str] = []
    with django_db_blocker.unblock(), transaction.atomic():
        demo.seed(lines.append)
        yield lines
        transaction.set_rollback(True)


def test_the_city_has_the_units_it_reported(demo_city):
    units = Unit.objects.current()
    assert units.count() == 326
    assert units.filter(exchanges_documents=True).count() == 326
    assert units.filter(circulates_inside=True).count() == 146
    assert units_receiving_letters().count() == 119


def test_codes_names_and_number_prefixes_are_unique():
    rows = unit_rows()
    for column in ("code", "name", "short_name", "number_prefix"):
        values = Counter(getattr(row, column) for row in rows)
        assert values.most_common(1)[0][1] == 1, column
        assert "" not in values, column


def test_parents_stand_before_their_children():
    seen = {""}
    for row in unit_rows():
        assert row.parent in seen
        seen.add(row.code)


def test_all_counties_are_below_the_city_government(demo_city):
    government = Unit.objects.get(code="zhengfu")
    names = set(government.children.filter(kind="government").values_list("short_name", flat=True))
    assert names == {f"{name}政府" for name in COUNTIES}
    assert Unit.objects.filter(kind="township").count() == 110


def test_telephone_numbers_are_visibly_invented():
    assert all(row.phone.startswith("0775-0000") for row in unit_rows())


def test_every_letter_finds_somebody_in_each_role(demo_city):
    units = units_receiving_letters().in_bulk()
    holders = holders_of_many([(pk, role) for pk in units for role in LETTER_ROLES])
    missing = [(units[pk].code, role) for (pk, role), found in holders.items() if not found]
    assert missing == []


def test_four_eyes_are_four_people(demo_city):
    units = units_receiving_letters().values_list("pk", flat=True)
    holders = holders_of_many([(pk, role) for pk in units for role in LETTER_ROLES])
    for pk in units:
        people = [
            {holder.user_id for holder in holders[pk, role] if not holder.acting_for_id}
            for role in LETTER_ROLES
        ]
        assert sum(map(len, people)) == len(set.union(*people))


def test_every_role_named_is_registered():
    assert {role for row in staff_rows() for role in row.roles} <= set(ROLES)


def test_one_name_is_one_person():
    names = {row.username: row.name for row in staff_rows()}
    assert len(set(names.values())) == len(names)


def test_writing_in_sets_leaves_behind_what_the_single_verbs_do(demo_city):
    def traces(unit, person, position, appointment):
        subjects = (unit.code, person.username)
        return [
            [(row.name, row.valid_from) for row in unit.names.all()],
            [row.history.values_list("history_type", flat=True)[0] for row in (unit, position, appointment)],
            unit.path == f"{unit.parent.path}{unit.code}/",
            [
                (event.verb, sorted(event.data))
                for event in AuditEvent.objects.filter(subject__in=subjects).order_by("verb", "id")
            ],
        ]

    parent = Unit.objects.get(code="zhengfu")
    facts = {"name": "玉林市试点局", "valid_from": demo.FOUNDED}
    one = actions.create_unit("one", parent=parent, **facts)
    division = actions.create_division(one, name="办公室")
    post = actions.create_position(one, division=division, title="科员", roles=["drafter"])
    person = create_user("one.person", full_name="甲", kind=UserKind.STAFF)
    singly = traces(one, person, post, actions.appoint(person, post))

    many = Unit(code="many", parent=parent, **facts)
    sets.create_units([many])
    many.refresh_from_db()
    division = Division(unit=many, name="办公室")
    sets.create_divisions([division])
    post = Position(unit=many, division=division, title="科员", roles=["drafter"])
    sets.create_positions([post])
    person = User(username="many.person", full_name="乙", kind=UserKind.STAFF, password="!")
    sets.create_users([person])
    appointment = Appointment(person=person, position=post)
    sets.appoint_all([appointment])
    assert traces(many, person, post, appointment) == singly


def test_a_set_with_one_bad_row_is_refused_with_a_sentence(demo_city):
    with pytest.raises(Refused, match="编码"):
        sets.create_units([Unit(code="has space", name="某局")])
    with pytest.raises(Refused, match="角色"):
        sets.create_positions([Position(unit=Unit.objects.first(), title="科员", roles=["king"])])
    with pytest.raises(Refused):
        sets.create_units([Unit(code="zhengfu", name="重名")])


def test_a_second_run_adds_nothing(demo_city):
    tables = (Unit, Division, Position, User, Appointment, AuditEvent)
    before = [table.objects.count() for table in tables]
    demo.seed(lambda line: None)
    assert [table.objects.count() for table in tables] == before


def test_demo_accounts_are_who_the_printed_table_says(demo_city):
    shared = set()
    for username, _, unit, name in DEMO_ACCOUNTS:
        user = User.objects.get(username=username)
        shared.add(user.password)
        assert user.full_name == name
        assert not user.must_change_password
        capacities = capacities_of(user)
        if user.kind == UserKind.CITIZEN:
            assert not capacities
        else:
            assert [capacity.unit.short_name for capacity in capacities] == [unit]
    assert len(shared) == 1
    assert user.check_password(DEMO_PASSWORD)


def test_the_letter_accounts_hold_their_roles_in_one_department(demo_city):
    for username, role in zip(("clerk", "handler", "reviewer", "leader"), LETTER_ROLES, strict=True):
        (capacity,) = capacities_of(User.objects.get(username=username))
        assert capacity.roles == ({"letter_clerk"} if role == "letter_clerk" else {role})
        assert capacity.unit.code == "chengguan"


def test_the_three_administrators_are_three_people(demo_city):
    found = {
        username: capacities_of(User.objects.get(username=username))[0].administrator
        for username in ("sysadmin", "secadmin", "auditor")
    }
    assert found == {"sysadmin": "system", "secadmin": "security", "auditor": "audit"}


def test_the_supervisor_looks_after_every_unit_that_receives_letters(demo_city):
    (capacity,) = capacities_of(User.objects.get(username="supervisor"))
    assert set(units_receiving_letters().values_list("pk", flat=True)) <= supervised_unit_ids(capacity)


def test_somebody_stands_in_for_another(demo_city):
    labels = [capacity.label for capacity in capacities_of(User.objects.get(username="chen.min"))]
    assert labels == ["陈敏 · 市政府办公室 文秘科", "陈敏 · 市政府办公室 文秘科（代 黎绍华）"]


def test_somebody_has_two_capacities(demo_city):
    capacities = capacities_of(User.objects.get(username="zhong.zhiwei"))
    assert {capacity.unit.short_name for capacity in capacities} == {"市信访局", "市政府办公室"}


def test_seeding_is_refused_where_the_database_is_not_the_private_one(settings):
    settings.DEMO = False
    for options in ({}, {"accounts": True}):
        with pytest.raises(CommandError, match="演示环境"):
            call_command("seed_demo", **options)


def test_the_accounts_are_printed_with_their_password(settings):
    settings.DEMO = True
    out = StringIO()
    call_command("seed_demo", accounts=True, stdout=out)
    for account in DEMO_ACCOUNTS:
        assert all(cell in out.getvalue() for cell in account)
    assert DEMO_PASSWORD in out.getvalue()
