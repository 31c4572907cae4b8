"""The demo letters end where their stories say, once, and with nobody's personal data in public."""

from collections import Counter

import pytest
from django.db import transaction

from letters import demo
from letters.demo.stories import read_stories
from letters.models import Letter, Publication
from yulin_gov.casework.models import Case, Urge
from yulin_gov.organization import demo as organization_demo
from yulin_gov.privacy.finding import find_personal_data

# Where a story ends: (stage of the open step, outcome of the case).
ENDS = {
    "new": ("accept", ""),
    "unaccepted_overdue": ("accept", ""),
    "accepted": ("draft", ""),
    "drafting": ("draft", ""),
    "drafting_overdue": ("draft", ""),
    "returned": ("draft", ""),
    "urged": ("draft", ""),
    "urged_answered": ("draft", ""),
    "in_review": ("review", ""),
    "with_leader": ("approve", ""),
    "replied": None,
    "replied_late": ("", "replied"),
    "published": ("", "published"),
    "declined": ("", "declined"),
}


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """The demo city with its letters, once for the module, rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        organization_demo.seed(lambda line: None)
        demo.seed(lambda line: None)
        yield {case.idempotency_key: case for case in Case.objects.filter(origin="demo")}
        transaction.set_rollback(True)


def test_keys_are_unique_and_titles_of_natural_length():
    stories = read_stories()
    assert Counter(story.key for story in stories).most_common(1)[0][1] == 1
    assert all(10 <= len(story.title) <= 25 for story in stories)
    assert all(story.writer.phone.startswith("19900000") for story in stories)


def test_every_story_ends_where_it_says(told):
    for story in read_stories():
        case = told[f"demo-{story.key}"]
        step = case.steps.filter(closed_at=None).first()
        end = (step.stage_key if step else "", case.outcome)
        expected = ENDS[story.state] or (("publish", "") if story.publish else ("", "replied"))
        assert end == expected, story.key


def test_every_state_has_its_letter():
    assert {story.state for story in read_stories()} == set(ENDS)


def test_urged_letters_have_their_urges(told):
    assert Urge.objects.filter(answered_at=None).count() == 2
    assert Urge.objects.exclude(answered_at=None).count() == 1


def test_refused_consent_is_kept(told):
    assert not Publication.objects.filter(letter__may_publish=False).exists()


def test_public_copies_name_nobody(told):
    names = [story.writer.name for story in read_stories()]
    for copy in Publication.objects.all():
        assert find_personal_data(f"{copy.title}\n{copy.text}\n{copy.reply}", names) == []


def test_a_second_run_adds_nothing(told):
    demo.seed(lambda line: None)
    assert Letter.objects.count() == len(told)
