"""The figures agree with a recount by hand."""

import json
import random
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from yulin_gov.casework.actions import CaseDraft, PastMove, open_cases, replay_cases, urge_case
from yulin_gov.casework.enums import Origin
from yulin_gov.casework.models import Case
from yulin_gov.casework.statistics import case_statistics
from yulin_gov.casework.verification import verify_events
from yulin_gov.workdays.calendar import current_calendar

KIND = "test.simple"
DECLINED = [("decline", 1)]
ANSWERED = [("accept", 1), ("submit", 1), ("answer", None)]


@pytest.fixture
def past(city, simple):
    """Sixty imported letters: answered after 0 to 30 days, declined, or still open."""
    random.seed(5)
    now = timezone.now()
    records = []
    for n in range(60):
        start = now - timedelta(days=random.randint(31, 120), seconds=random.randint(0, 86_400))
        unit = city.unit(random.choice(["市城管局", "市教育局"]))
        moves = random.choice([DECLINED, ANSWERED, ANSWERED, ANSWERED, []])
        at, made = start, []
        for outcome, days in moves:
            at += timedelta(days=random.randint(0, 15) if days is None else random.random())
            made.append(PastMove(outcome, at, opinion="不属于本单位职责"))
        records.append((CaseDraft(KIND, f"第{n}件", unit, origin=Origin.IMPORT, at=start), made))
    cases = replay_cases(records)
    open_cases(
        [CaseDraft(KIND, "下级", city.unit("市城管局"), origin=Origin.IMPORT, at=now, parent=cases[0])]
    )
    open_cases([CaseDraft(KIND, "实际", city.unit("市城管局"))])
    waiting = [c for c in Case.objects.filter(origin=Origin.IMPORT, parent=None) if c.is_open]
    urge_case(waiting[0], by=city.as_("牟军"), reason="请抓紧")
    urge_case(waiting[0], by=city.as_("牟军"), reason="再催")
    return records


def recount(term, days):
    """The same from the cases, one by one, day by day."""
    cases = list(Case.objects.filter(kind=KIND, origin=Origin.IMPORT, parent=None))
    calendar, figures = (
        current_calendar(),
        dict.fromkeys(["handled", "declined", "open", "on_time", "late", "overdue"], 0),
    )
    for case in cases:
        day, counted = timezone.localdate(case.opened_at), 0
        while counted < term:
            day += timedelta(days=1)
            counted += days == "days" or calendar.is_workday(day)
        if case.handled_at:
            figures["handled"] += 1
            figures["on_time" if timezone.localdate(case.handled_at) <= day else "late"] += 1
        elif case.outcome == "declined":
            figures["declined"] += 1
        else:
            figures["open"] += 1
            figures["overdue"] += timezone.localdate() > day
    return {"received": len(cases), "urged": 1, "units": len({c.unit_id for c in cases}), **figures}


def test_the_figures_agree_with_a_recount_for_any_term(past):
    for term in (0, 1, 5, 7, 15, 40, 90):
        for unit in ("workdays", "days"):
            found = case_statistics(KIND, origin=Origin.IMPORT, term=term, term_unit=unit)
            assert found.as_dict() == recount(term, unit), (term, unit)
    assert verify_events().faults == []


def test_without_a_term_each_case_s_own_clock_decides(past):
    own = case_statistics(KIND, origin=Origin.IMPORT).as_dict()
    assert own == case_statistics(KIND, origin=Origin.IMPORT, term=5).as_dict()  # the procedure's term


def test_origins_are_told_apart_and_the_command_says_it_in_json(past):
    assert case_statistics(KIND, origin=Origin.LIVE).received == 1
    out = StringIO()
    call_command(
        "case_statistics", "--kind", KIND, "--origin", "import", "--term", "15", "--json", stdout=out
    )
    assert json.loads(out.getvalue()) == recount(15, "workdays")
    with pytest.raises(CommandError, match="没有这一类办件"):
        call_command("case_statistics", "--kind", "no.such")


def test_a_replayed_case_tells_its_true_times_and_no_one(past):
    from yulin_gov.notices.models import Notice

    answered = Case.objects.filter(origin=Origin.IMPORT, outcome="answered").first()
    assert answered.handled_at == answered.closed_at < timezone.now() - timedelta(hours=1)
    assert not Notice.objects.filter(subject_key=answered.work_key).exists()


def test_live_cases_cannot_be_replayed(city, simple):
    with pytest.raises(ValueError, match="live"):
        replay_cases([(CaseDraft(KIND, "x", city.unit("市城管局")), [])])
