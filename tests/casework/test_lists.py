"""Lists and visibility: the right rows, in order, each once, at the same price for few and many."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from yulin_gov.casework import actions
from yulin_gov.casework.enums import Part, Scope
from yulin_gov.casework.lists import Viewer, count_todo, count_unit_cases, done_by, todo_for, unit_cases
from yulin_gov.casework.models import CaseUnit, Step
from yulin_gov.casework.visibility import cases_visible_to
from yulin_gov.organization.capacity import capacities_of

from .procedures import open_step

KIND = "test.simple"


def viewer(city, name, place=0):
    capacities = capacities_of(city.people[name])
    return Viewer(city.people[name], capacities, capacities[place])


def seen_by(city, name):
    return set(cases_visible_to(city.people[name], capacities_of(city.people[name])))


# -- paging -------------------------------------------------------------------------------


def walk(read, size):
    """Every row forwards, and then backwards from the last page; pages as lists of ids."""
    forwards, page = [], read("")
    while True:
        forwards.append([row.pk for row in page])
        assert len(page) <= size
        if not page.older:
            break
        page = read(page.older)
    backwards = [forwards[-1]]
    while page.newer:
        page = read(page.newer)
        backwards.append([row.pk for row in page])
    assert backwards[::-1] == forwards
    return [pk for page in forwards for pk in page]


@pytest.fixture
def steps(city, simple):
    """Open steps to be given due times."""
    clerks = [open_step(simple(f"第{n}件")) for n in range(14)]
    for step in clerks[:4]:
        actions.claim_step(step, by=city.as_("梁敏"))
    Step.objects.filter(pk__in=[s.pk for s in clerks[4:8]]).update(position=city.positions["城管信访岗"])
    return [s.pk for s in clerks]


@hypothesis_settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_paging_gives_every_row_exactly_once_over_ties_and_nulls(city, steps, data):
    now = timezone.now()
    due = data.draw(st.lists(st.none() | st.integers(0, 3), min_size=14, max_size=14))
    size = data.draw(st.integers(2, 9))
    rows = [
        Step(pk=pk, due_at=None if d is None else now + timedelta(days=d))
        for pk, d in zip(steps, due, strict=True)
    ]
    Step.objects.bulk_update(rows, ["due_at"])
    me = viewer(city, "梁敏")
    for order in ("due", "newest"):
        got = walk(lambda key, order=order: todo_for(me, order=order, key=key, size=size), size)
        expected = sorted(zip(due, steps, strict=True), key=lambda p: (p[0] is None, p[0] or 0, p[1]))
        assert got == ([pk for _, pk in expected] if order == "due" else sorted(steps, reverse=True))


@hypothesis_settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_unit_lists_page_over_ties(city, steps, data):
    now = timezone.now()
    days = data.draw(st.lists(st.integers(0, 2), min_size=14, max_size=14))
    size = data.draw(st.integers(2, 9))
    rows = list(CaseUnit.objects.filter(kind=KIND).order_by("case"))
    for row, day in zip(rows, days, strict=True):
        row.sort_at, row.due_at = now - timedelta(days=day), now + timedelta(days=day)
    CaseUnit.objects.bulk_update(rows, ["sort_at", "due_at"])
    for order in ("newest", "due"):
        got = walk(
            lambda key, order=order: unit_cases(viewer(city, "梁敏"), KIND, order=order, key=key, size=size),
            size,
        )
        newest = sorted(rows, key=lambda r: (r.sort_at, r.case_id), reverse=True)
        due = sorted(rows, key=lambda r: (r.due_at, r.case_id))
        assert got == [r.pk for r in (newest if order == "newest" else due)]


@pytest.mark.parametrize(
    "key",
    [
        "x",
        "…",
        "bnVsbA",
        "[]",
        "WyJhIixudWxsLDVd",
        "WyJhIiwiMjAyNi0wMS0wMVQwMDowMDowMCIsNV0",
        "W1tbW1tb" * 900,
    ],
)
def test_a_made_up_key_gives_the_first_page(city, steps, key):
    me = viewer(city, "梁敏")
    assert unit_cases(me, KIND, key=key).rows == unit_cases(me, KIND).rows
    assert len(todo_for(me, key=key)) <= len(steps)  # here a time may be missing


# -- price --------------------------------------------------------------------------------


def test_lists_cost_the_same_number_of_queries_for_few_and_for_many(city, simple):
    simple()
    done = simple()
    actions.take_step(open_step(done), by=city.as_("梁敏"), outcome="accept")

    def costs():
        me, prices = viewer(city, "梁敏"), []
        for read in (
            lambda: [(s.case.title, s.unit.name) for s in todo_for(me)],
            lambda: [(s.case.title, s.unit.name) for s in done_by(me)],
            lambda: [(r.case.title, r.case.unit.name) for r in unit_cases(me, KIND)],
            lambda: count_todo(me),
            lambda: count_unit_cases(me, KIND),
        ):
            with CaptureQueriesContext(connection) as queries:
                read()
            prices.append(len(queries))
        return prices

    few = costs()
    for n in range(25):
        case = simple(f"第{n}件")
        if n % 2:
            actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    assert costs() == few == [2, 1, 1, 1, 1]


def test_counts_stop_at_their_limit(city, steps):
    me = viewer(city, "梁敏")
    assert count_todo(me) == 14 and count_todo(me, limit=5) == 6
    assert count_unit_cases(me, KIND, limit=5) == 6


# -- who sees -----------------------------------------------------------------------------


def test_a_unit_s_people_supervisors_and_the_applicant_see_a_case(city, simple):
    case = simple(applicant=city.people["唐丽"])
    for name in ("梁敏", "陈刚", "庞洁", "牟军", "唐丽"):
        assert case in seen_by(city, name), name
    for name in ("钟伟", "宁静"):
        assert case not in seen_by(city, name), name


def scoped(case, city, scope, role=""):
    CaseUnit.objects.filter(case=case).update(scope=scope, role=role)


def test_a_case_scoped_to_a_role_is_seen_by_that_role(city, simple):
    case = simple()
    scoped(case, city, Scope.ROLE, "leader")
    assert [case in seen_by(city, name) for name in ("庞洁", "陈刚")] == [True, False]
    assert len(unit_cases(viewer(city, "庞洁"), KIND)) == 1
    assert len(unit_cases(viewer(city, "陈刚"), KIND)) == 0


def test_a_case_scoped_to_steps_is_seen_by_who_had_or_could_take_one(city, simple):
    case = simple()
    scoped(case, city, Scope.STEPS)
    assert [case in seen_by(city, name) for name in ("梁敏", "陈刚")] == [True, False]
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    assert [case in seen_by(city, n) for n in ("梁敏", "陈刚", "李娜", "黄勇")] == [True, True, True, False]
    actions.claim_step(open_step(case), by=city.as_("陈刚"))
    assert [case in seen_by(city, n) for n in ("陈刚", "李娜")] == [True, False]


def test_a_unit_in_a_case_twice_lists_it_once_by_the_row_one_may_see(city, simple):
    case = simple()
    scoped(case, city, Scope.ROLE, "leader")
    row = CaseUnit.objects.get(case=case)
    CaseUnit.objects.create(
        case=case, unit=row.unit, part=Part.READER, scope=Scope.UNIT, kind=row.kind, sort_at=row.sort_at
    )
    for name in ("庞洁", "陈刚"):
        assert [r.case for r in unit_cases(viewer(city, name), KIND)] == [case], name
        assert count_unit_cases(viewer(city, name), KIND) == 1


def test_to_dos_are_filtered_by_kind_and_lateness(city, steps):
    me = viewer(city, "梁敏")
    assert len(todo_for(me, kind="other.kind")) == 0
    Step.objects.filter(pk__in=steps[:3]).update(due_at=timezone.now() - timedelta(days=1))
    assert {s.pk for s in todo_for(me, late_at=timezone.now())} == set(steps[:3])
    assert len(todo_for(viewer(city, "钟伟"))) == 0
