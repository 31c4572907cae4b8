"""Writing a letter."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from letters.actions import submit_letter
from letters.codes import code_for, code_of, index_of, normal_code, spaced
from letters.models import Letter, LetterWriter
from letters.queries import find_by_code
from yulin_gov.casework.models import Case, CaseEvent
from yulin_gov.notices.models import Notice
from yulin_gov.organization.capacity import citizen
from yulin_gov.refused import Refused
from yulin_gov.search.models import SearchRow

from .factories import NAME, PHONE, TEXT, draft, sent, step_of


def test_a_letter_arrives_at_the_clerk_of_the_unit_with_both_clocks_running(city):
    letter = sent(city)
    step = step_of(letter)
    assert (step.unit, step.role, step.stage_key) == (city.unit("市城管局"), "letter_clerk", "accept")
    assert letter.case.due_at and step.due_at < letter.case.due_at
    assert set(letter.case.clocks.values_list("name", "amount")) == {("promised", 15), ("step", 3)}
    assert Notice.objects.filter(unit=step.unit, role="letter_clerk").count() == 1


def test_the_same_form_sent_twice_makes_one_letter_and_shows_the_same_code(city):
    first, code = submit_letter(draft(city), idempotency_key="k" * 32)
    again, same_code = submit_letter(draft(city), idempotency_key="k" * 32)
    assert (again, same_code) == (first, code)
    assert Letter.objects.count() == 1
    assert Notice.objects.filter(kind="letters.received").count() == 1


def test_a_used_form_does_not_swallow_another_letter(city):
    submit_letter(draft(city), idempotency_key="k" * 32)
    with pytest.raises(Refused, match="已提交过一封来信"):
        submit_letter(
            draft(city, text="另一件事情：公园里的长椅坏了，请派人修理。"), idempotency_key="k" * 32
        )


def test_two_clicks_at_once_make_one_letter(committed_db, city):
    results, together = [], threading.Barrier(2)

    def click() -> None:
        together.wait()
        results.append(submit_letter(draft(city), idempotency_key="k" * 32))
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2 and results[0] == results[1]
    assert Case.objects.count() == 1


def test_a_unit_that_receives_no_letters_is_refused(city):
    with pytest.raises(Refused, match="不接收群众来信") as refused:
        sent(city, unit=city.unit("市政府"))
    assert refused.value.field == "unit"


def test_no_table_holds_name_phone_or_code_in_the_clear(city):
    letter, code = submit_letter(draft(city), idempotency_key="k" * 32)
    row = LetterWriter.objects.values().get(pk=letter.pk)
    stored = " ".join(str(bytes(v) if isinstance(v, memoryview) else v) for v in row.values())
    assert not any(secret in stored for secret in (NAME, PHONE, code))
    said = " ".join(str(data) for data in CaseEvent.objects.values_list("data", flat=True))
    assert not any(secret in said for secret in (NAME, PHONE, code))
    writer = LetterWriter.objects.get(pk=letter.pk)
    assert (writer.name, writer.phone, writer.email) == (NAME, PHONE, "")


def test_whoever_is_erased_can_no_longer_be_read_but_the_letter_stays(city):
    letter = sent(city)
    letter.writer.data_key.destroy()
    writer = LetterWriter.objects.get(pk=letter.pk)
    with pytest.raises(Refused):
        _ = writer.name
    assert Letter.objects.get(pk=letter.pk).text == TEXT


def test_what_was_written_never_changes(city):
    letter = sent(city)
    for change in ({"text": "别的"}, {"may_publish": False}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(**change)


def test_the_writer_is_told_number_and_code_by_mobile_phone_and_mail(city):
    letter, code = submit_letter(draft(city, email="wei@example.com"), idempotency_key="k" * 32)
    notice = Notice.objects.get(kind="letters.received")
    assert set(notice.channels) == {"sms", "email"}
    assert letter.case.number in notice.body and spaced(code) in notice.body


def test_a_landline_without_mail_is_not_told_but_can_follow(city):
    letter, code = submit_letter(draft(city, phone="07752823456"), idempotency_key="k" * 32)
    assert not Notice.objects.filter(kind="letters.received").exists()
    assert find_by_code(code, "07752823456") == letter


def test_code_and_phone_find_the_letter_and_nothing_else_does(city):
    letter, code = submit_letter(draft(city), idempotency_key="k" * 32)
    assert find_by_code(code, PHONE) == letter
    assert find_by_code(code, "13900000000") is None
    assert find_by_code("AAAAABBBBB", PHONE) is None
    assert find_by_code("", PHONE) is None


def test_codes_are_readable_typed_in_any_way_and_follow_from_the_key(city):
    letter, code = submit_letter(draft(city), idempotency_key="k" * 32)
    assert code == code_for("k" * 32) == code_of(letter.case) != code_for("j" * 32)
    assert len(code) == 10 and not set(code) & set("01OIL")
    assert normal_code(f" {spaced(code).lower()} ") == code
    assert letter.writer.code_index == index_of(code)


def test_the_unit_finds_its_letter_by_any_word_of_it(city):
    letter = sent(city)
    row = SearchRow.objects.get(kind="letters.letter", object_id=letter.pk)
    assert not row.is_public and row.unit_ids == [city.unit("市城管局").pk]


def test_an_account_is_the_applicant_and_its_letter_needs_no_code(city):
    letter, _ = submit_letter(draft(city), by=citizen(city.people["唐丽"]), idempotency_key="k" * 32)
    assert letter.case.applicant == city.people["唐丽"]


def test_submitting_takes_a_handful_of_statements(city):
    sent(city)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        sent(city)
    writing = [q for q in queries.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(writing) <= 20
