"""Seeing who wrote a letter."""

import pytest

from letters.actions import reveal_identity
from letters.queries import masked_writer
from yulin_gov.accounts.models import AuditEvent
from yulin_gov.refused import Refused

from .factories import NAME, PHONE, sent


def test_whoever_deals_with_the_writer_sees_them_and_leaves_two_traces(city):
    letter = sent(city)
    identity = reveal_identity(letter, by=city.as_("梁敏"), reason="电话核实地点")
    assert (identity.name, identity.phone, identity.email) == (NAME, PHONE, "")
    event = letter.case.events.get(verb="letters.identity_revealed")
    assert event.actor == city.people["梁敏"] and event.data == {"reason": "电话核实地点"}
    audit = AuditEvent.objects.get(verb="letters.identity_revealed")
    assert (audit.actor, audit.subject) == (city.people["梁敏"], letter.case.number)


@pytest.mark.parametrize("name", ["黄勇", "牟军", "钟伟"])
def test_others_never_see_the_writer(city, name):
    letter = sent(city)
    with pytest.raises(Refused, match="权限"):
        reveal_identity(letter, by=city.as_(name), reason="想知道是谁")
    assert not AuditEvent.objects.filter(verb="letters.identity_revealed").exists()


def test_no_reason_no_identity(city):
    with pytest.raises(Refused) as refused:
        reveal_identity(sent(city), by=city.as_("梁敏"), reason=" 看 ")
    assert refused.value.field == "reason"


def test_lists_show_masks_and_survive_erasure(city):
    letter = sent(city)
    assert masked_writer(letter.writer) == {"name": "韦**", "phone": "138****1234"}
    letter.writer.data_key.destroy()
    assert masked_writer(letter.writer)["name"] == "（已删除）"
