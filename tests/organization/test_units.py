from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from yulin_gov.accounts.models import AuditEvent
from yulin_gov.organization.actions import (
    abolish_unit,
    change_unit,
    create_division,
    create_position,
    create_unit,
    move_unit,
    rename_unit,
    succeed_unit,
)
from yulin_gov.organization.models import Position, Unit, UnitName
from yulin_gov.organization.queries import name_on, subtree_of, units_receiving_letters
from yulin_gov.organization.roles import ROLES, register_role
from yulin_gov.organization.signals import unit_succeeded
from yulin_gov.refused import Refused

from .factories import make_holder, make_unit

pytestmark = pytest.mark.django_db


def test_paths_follow_the_tree_when_a_branch_moves():
    city, county = create_unit("YL", name="玉林市"), create_unit("BL", name="北流市")
    town = create_unit("BL-1", name="北流镇", parent=county)
    village = create_unit("BL-1-1", name="某站所", parent=town)
    move_unit(county, parent=city)
    village.refresh_from_db()
    assert village.path == "YL/BL/BL-1/BL-1-1/"
    assert set(subtree_of(county)) == {county, town, village}
    assert village.depth == 3


def test_paths_are_right_for_bulk_writes_too():
    Unit.objects.bulk_create([Unit(code="A", name="甲")])
    parent = Unit.objects.get(code="A")
    Unit.objects.bulk_create([Unit(code="B", name="乙", parent=parent)])
    assert Unit.objects.get(code="B").path == "A/B/"


def test_a_unit_is_never_below_itself():
    city = create_unit("YL", name="玉林市")
    county = create_unit("BL", name="北流市", parent=city)
    with pytest.raises(Refused, match="下级单位之下"):
        move_unit(city, parent=county)
    city.refresh_from_db()
    with pytest.raises(Refused, match="自己的上级"):
        move_unit(city, parent=city)


def test_a_prefix_of_a_code_is_not_below_it():
    short, long = create_unit("YL", name="玉林"), create_unit("YL2", name="玉林二")
    assert set(subtree_of(short)) == {short}
    assert set(subtree_of(long)) == {long}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"code": "YL"}, "code"),
        ({"code": "a/b"}, "code"),
        ({"code": ""}, "code"),
        ({"name": ""}, "name"),
        ({"name": "长" * 101}, "name"),
        ({"name": "坏\x00名"}, "name"),
        ({"kind": "castle"}, "kind"),
        ({"sort": -1}, "sort"),
        ({"valid_to": date(2000, 1, 1)}, None),
    ],
)
def test_a_bad_unit_is_refused_with_a_sentence(facts, field):
    create_unit("YL", name="玉林市")
    facts = {"code": "NEW", "name": "新单位", **facts}
    with pytest.raises(Refused) as refusal:
        create_unit(facts.pop("code"), **facts)
    assert refusal.value.field == field


def test_old_names_stay_with_their_days():
    founded, today = date(2010, 1, 1), localdate()
    unit = create_unit("ZJ", name="市建设局", valid_from=founded)
    rename_unit(unit, name="市住建局", on=date(2019, 3, 1))
    rename_unit(unit, name="市住房城乡建设局", on=today)
    assert name_on(unit, date(2019, 2, 28)) == "市建设局"
    assert name_on(unit, date(2019, 3, 1)) == "市住建局"
    assert name_on(unit, today) == unit.name == "市住房城乡建设局"
    assert unit.history.count() == 3


def test_two_names_never_hold_on_one_day():
    unit = create_unit("ZJ", name="市建设局", valid_from=date(2010, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitName.objects.create(unit=unit, name="另一个", valid_from=date(2020, 1, 1))


def test_renaming_twice_on_one_day_keeps_the_last_name():
    unit = create_unit("ZJ", name="甲局")
    rename_unit(unit, name="乙局")
    rename_unit(unit, name="丙局")
    assert list(unit.names.values_list("name", flat=True)) == ["丙局"]
    with pytest.raises(Refused, match="晚于今天"):
        rename_unit(unit, name="丁局", on=localdate() + timedelta(days=1))


def test_what_did_not_change_writes_nothing():
    unit = create_unit("ZJ", name="甲局", phone="0775-2800000")
    before = AuditEvent.objects.count(), unit.history.count()
    change_unit(unit, phone="0775-2800000")
    assert (AuditEvent.objects.count(), unit.history.count()) == before
    with pytest.raises(ValueError, match="rename_unit"):
        change_unit(unit, name="乙局")


def test_a_unit_with_people_or_units_is_not_abolished():
    city = create_unit("YL", name="玉林市")
    bureau = create_unit("ZJ", name="甲局", parent=city)
    make_holder("drafter", unit=bureau)
    with pytest.raises(Refused, match="下级单位"):
        abolish_unit(city)
    with pytest.raises(Refused, match="1人在任"):
        abolish_unit(bureau)


def test_an_abolished_unit_receives_no_letters_any_more():
    unit = create_unit("ZJ", name="甲局", receives_letters=True)
    assert set(units_receiving_letters()) == {unit}
    abolish_unit(unit, on=localdate())
    assert set(units_receiving_letters()) == {unit}  # today is its last day
    unit.valid_from = unit.valid_to = localdate() - timedelta(days=1)
    unit.save()
    assert not units_receiving_letters().exists()


def test_a_merged_unit_hands_over_before_its_people_leave():
    old, new = make_unit("甲局"), make_unit("乙局")
    person = make_holder("drafter", unit=old)
    told = []

    def listen(sender, unit, successor, **kwargs):
        told.append((unit, successor, person.appointments.current().exists()))

    unit_succeeded.connect(listen)
    try:
        succeed_unit(old, into=new)
    finally:
        unit_succeeded.disconnect(listen)
    assert told == [(old, new, True)]
    assert not person.appointments.current().exists()
    assert old.valid_to == localdate()


def test_a_position_carries_registered_roles_only():
    unit = make_unit()
    with pytest.raises(Refused, match="没有这样的角色：wizard"):
        create_position(unit, title="科员", roles=["drafter", "wizard"])
    assert create_position(unit, title="科员", roles=["reviewer", "drafter"]).roles == ["drafter", "reviewer"]
    with pytest.raises(Refused, match="同名职位"):
        create_position(unit, title="科员")


def test_an_administrator_holds_no_other_role():
    unit = make_unit()
    with pytest.raises(Refused, match="不能兼任其他角色"):
        create_position(unit, title="审计", administrator="audit", roles=["head"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Position.objects.create(unit=unit, title="审计", administrator="audit", roles=["head"])


def test_a_division_belongs_to_the_positions_unit():
    ours, theirs = make_unit(), make_unit()
    division = create_division(theirs, name="办公室")
    with pytest.raises(Refused, match="不属于所选单位"):
        create_position(ours, title="科员", division=division)
    with pytest.raises(Refused, match="同名内设机构"):
        create_division(theirs, name="办公室")


def test_a_role_means_one_thing():
    register_role("drafter", "承办人")
    with pytest.raises(ValueError, match="already means"):
        register_role("drafter", "别的")
    with pytest.raises(ValueError, match="not a role key"):
        register_role("Not A Key", "坏")
    assert ROLES["drafter"] == "承办人"
