"""Publishing, and who may not."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from letters import actions
from letters.models import Publication
from letters.queries import latest_published, public_figures, published_page
from letters.redaction import proposed_copy
from yulin_gov.casework.models import Case
from yulin_gov.organization import actions as organization
from yulin_gov.organization.capacity import capacities_of
from yulin_gov.pagecache.versions import versions_of
from yulin_gov.refused import Refused
from yulin_gov.search.queries import search

from .factories import NAME, REPLY, TEXT, TITLE, published, replied, sent, step_of

COPY = {"title": TITLE, "text": TEXT, "reply": REPLY}


def test_a_published_letter_is_in_the_list_in_search_and_stales_the_pages(city):
    before = versions_of(["letters"])["letters"]
    letter = published(city)
    [shown] = latest_published(8)
    assert (shown.title, shown.unit_name) == (TITLE, "玉林市城市管理局")
    assert shown.url == f"/letters/{letter.case.public_ref}/"
    assert [hit.object_id for hit in search("路灯", kinds=["letters.public"]).hits] == [letter.pk]
    assert versions_of(["letters"])["letters"] > before
    assert versions_of([f"letter:{letter.case.public_ref}"])[f"letter:{letter.case.public_ref}"] > 0


def test_the_author_of_the_reply_never_publishes_it(city):
    position = organization.create_position(city.unit("市城管局"), title="兼职审核", roles=["reviewer"])
    organization.appoint(city.people["陈刚"], position, from_date=timezone.localdate())
    letter = replied(city)
    as_reviewer = next(c for c in capacities_of(city.people["陈刚"]) if c.has_role("reviewer"))
    with pytest.raises(Refused, match="须由他人办理"):
        actions.publish_letter(step_of(letter), by=as_reviewer, **COPY)


def test_the_database_refuses_a_publication_reviewed_by_its_author(city):
    letter = replied(city)
    author = city.people["陈刚"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(
            letter=letter,
            unit=letter.case.unit,
            **COPY,
            drafted_by=author,
            reviewed_by=author,
            published_at=timezone.now(),
        )


def test_personal_data_is_refused_until_somebody_has_looked(city):
    letter = replied(city)
    leaky = {**COPY, "reply": f"{NAME}您好，请致电13912345678联系。"}
    with pytest.raises(Refused, match="13912345678") as refused:
        actions.publish_letter(step_of(letter), by=city.as_("黄勇"), **leaky)
    assert refused.value.field == "reply" and NAME in refused.value.sentence
    actions.publish_letter(step_of(letter), by=city.as_("黄勇"), **leaky, confirmed=True)


def test_the_proposed_copy_hides_the_writer_and_leaves_the_original(city):
    letter = sent(city, text=f"我叫{NAME}，电话13912345678，人民东路的路灯不亮了。")
    proposal = proposed_copy(letter)
    assert NAME not in proposal["text"] and "13912345678" not in proposal["text"]
    assert NAME in letter.text


def test_an_empty_copy_is_refused(city):
    letter = replied(city)
    with pytest.raises(Refused) as refused:
        actions.publish_letter(step_of(letter), by=city.as_("黄勇"), **{**COPY, "text": " \n"})
    assert refused.value.field == "text"


def test_a_reviewer_may_keep_a_letter_private_for_a_reason(city):
    letter = replied(city)
    with pytest.raises(Refused):
        actions.keep_letter_private(step_of(letter), by=city.as_("黄勇"), opinion=" ")
    actions.keep_letter_private(step_of(letter), by=city.as_("黄勇"), opinion="涉及他人纠纷，不宜公开。")
    assert Case.objects.get(pk=letter.pk).outcome == "replied"
    assert not Publication.objects.exists()


def test_a_withdrawn_publication_leaves_list_and_search_but_not_the_log(city):
    letter = published(city)
    with pytest.raises(Refused, match="没有撤下"):
        actions.withdraw_publication(letter, by=city.as_("梁敏"), reason="当事人要求不再公开此信")
    with pytest.raises(Refused) as refused:
        actions.withdraw_publication(letter, by=city.as_("覃芳"), reason="不好")
    assert refused.value.field == "reason"
    actions.withdraw_publication(letter, by=city.as_("覃芳"), reason="当事人要求不再公开此信")
    assert latest_published(8) == [] and search("路灯", kinds=["letters.public"]).hits == []
    assert letter.case.events.filter(verb="letters.publication_withdrawn").exists()
    with pytest.raises(Refused, match="目前没有公开"):
        actions.withdraw_publication(letter, by=city.as_("覃芳"), reason="当事人要求不再公开此信")


def test_what_was_reviewed_never_changes(city):
    letter = published(city)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=letter.pk).update(reply="改口")


def test_the_public_list_pages_by_key_and_filters_by_unit(city):
    letters = [published(city, title=f"{TITLE}第{n}次") for n in range(3)]
    first = published_page(size=2)
    assert [p.pk for p in first] == [letters[2].pk, letters[1].pk]
    rest = published_page(size=2, key=first.older)
    assert [p.pk for p in rest] == [letters[0].pk] and rest.newer
    assert len(published_page(unit=city.unit("市教育局"))) == 0


def test_the_figures_of_the_first_page(city):
    assert public_figures() == {"received": 0, "answered": 0, "on_time_percent": None, "departments": 2}
    published(city)
    sent(city)
    assert public_figures() == {"received": 2, "answered": 1, "on_time_percent": 100, "departments": 2}
