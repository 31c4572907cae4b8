"""The log: nobody changes it, and whoever does all the same is found out."""

import json

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from yulin_gov import embedded
from yulin_gov.casework import actions, events
from yulin_gov.casework.models import Case, CaseEvent, Clock, EventAnchor
from yulin_gov.casework.verification import verify_events

from .procedures import open_step

TABLES = ["casework_caseevent", "casework_clockentry", "casework_eventanchor"]
CHANGES = ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]


@pytest.fixture(autouse=True)
def own_directory(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def as_owner():
    url = connection.settings_dict
    return psycopg2.connect(
        host=url["HOST"], port=url["PORT"] or None, dbname=url["NAME"], user=embedded.OWNER
    )


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_neither_the_application_nor_the_owner_can_change_it(db, table, change):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))
    owner = as_owner()
    try:
        with owner.cursor() as cursor, pytest.raises(psycopg2.Error, match="append-only"):
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute(change.format(table))
    finally:
        owner.close()


def test_an_event_must_fit_its_verb(city):
    for verb, data in (
        ("casework.nonsense", {}),
        ("casework.closed", {}),
        ("casework.closed", {"outcome": 5}),
        ("casework.closed", {"outcome": "done", "name": "张三"}),
    ):
        with pytest.raises(ValueError, match=verb):
            events.check_data(verb, data)
    events.check_data("casework.step_released", {"stage": "a"})


@pytest.fixture
def history(committed_db, city, simple):
    """Two handled cases, sealed, and one event more."""
    cases = [simple(), simple()]
    for case in cases:
        actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="accept")
    actions.anchor_events()
    actions.take_step(open_step(cases[0]), by=city.as_("陈刚"), outcome="submit")
    assert verify_events().faults == []
    return cases


def tamper(*statements):
    """What the tables' owner could do who disables the triggers and leaves no trace of that."""
    owner = as_owner()
    with owner, owner.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
    owner.close()


# What hangs on events has to go before them; the owner cannot disable foreign keys.
UNHANG = "DELETE FROM casework_clockentry; DELETE FROM casework_eventqueue WHERE reader <> 'anchor'; "
UNHANG += "DELETE FROM casework_eventqueue; DELETE FROM casework_clock; "


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE casework_caseevent SET occurred_at = occurred_at - interval '1 day' WHERE sequence = 2",
        "UPDATE casework_caseevent SET recorded_at = recorded_at - interval '1 second' WHERE sequence = 2",
        "UPDATE casework_caseevent SET actor_id = (SELECT max(id) FROM accounts_user) WHERE verb LIKE '%taken'",
        "UPDATE casework_caseevent SET data = data || '{\"label\": \"x\"}' WHERE verb LIKE '%taken'",
        "UPDATE casework_caseevent SET step_id = NULL WHERE verb LIKE '%taken'",
        UNHANG + "DELETE FROM casework_caseevent WHERE sequence = 1",
        UNHANG
        + "DELETE FROM casework_caseevent e WHERE sequence = (SELECT max(sequence) FROM casework_caseevent WHERE case_id = e.case_id)",
        "UPDATE casework_case SET last_sequence = 1",
        "UPDATE casework_case SET state = 'closed', outcome = 'answered', closed_at = now()",
        "UPDATE casework_clock SET due_at = due_at + interval '30 days' WHERE name = 'promised'",
        "UPDATE casework_eventanchor SET events = 0, digest = repeat('0', 64)",
        "DELETE FROM casework_eventanchor",
        "DELETE FROM casework_eventqueue",
    ],
)
def test_tampering_is_found(history, statement):
    tamper(statement)
    with pytest.raises(CommandError, match="处问题"):
        call_command("verify_events")


@pytest.mark.parametrize("table", TABLES)
def test_a_disabled_or_missing_trigger_is_found(committed_db, table):
    for off, on in (
        (
            f"ALTER TABLE {table} DISABLE TRIGGER append_only",
            f"ALTER TABLE {table} ENABLE TRIGGER append_only",
        ),
        (
            f"ALTER TRIGGER append_only ON {table} RENAME TO x",
            f"ALTER TRIGGER x ON {table} RENAME TO append_only",
        ),
    ):
        owner = as_owner()
        with owner, owner.cursor() as cursor:
            cursor.execute(off)
        try:
            assert any(table in fault for fault in verify_events().faults)
        finally:
            with owner, owner.cursor() as cursor:
                cursor.execute(on)
            owner.close()


def test_rewriting_a_whole_sealed_chain_is_found_by_the_anchor(history):
    """Somebody recomputes every hash after his change, and the case's head with it."""
    case = Case.objects.get(pk=history[1].pk)
    digest, statements = "", []
    for event in CaseEvent.objects.filter(case=case).order_by("sequence"):
        event.data = {**event.data, "stage": "draft"}
        event.previous_hash = digest
        digest = events.hash_of(event)
        statements.append(
            f"UPDATE casework_caseevent SET data = '{json.dumps(event.data)}', hash = '{digest}',"
            f" previous_hash = '{event.previous_hash}' WHERE id = {event.pk}"
        )
    statements.append(f"UPDATE casework_case SET last_hash = '{digest}' WHERE id = {case.pk}")
    tamper(*statements)
    faults = verify_events().faults
    assert faults and all("封存" in fault for fault in faults)


def test_a_changed_or_missing_anchor_file_is_found(history, tmp_path):
    (path,) = (tmp_path / "anchors").iterdir()
    content = path.read_text()
    path.write_text(content.replace(" 1 ", " 9 ", 1))
    assert any("文件内容与摘要不符" in fault for fault in verify_events().faults)
    path.unlink()
    assert any("文件不存在" in fault for fault in verify_events().faults)


def test_each_anchor_begins_where_the_last_one_ended(history, tmp_path):
    second = actions.anchor_events()
    first = EventAnchor.objects.first()
    assert second.previous_digest == first.digest and second.events == 1
    assert (tmp_path / "anchors" / second.name).read_text().splitlines()[0] == first.digest
    assert actions.anchor_events() is None
    assert verify_events().faults == []


def test_events_hold_references_and_no_personal_data(city, simple):
    case = simple("张三丰的来信", applicant=city.people["唐丽"])
    actions.take_step(open_step(case), by=city.as_("梁敏"), outcome="decline", opinion="唐丽电话13800001111")
    said = json.dumps(
        list(CaseEvent.objects.filter(case=case).values_list("data", flat=True)), ensure_ascii=False
    )
    assert "张三丰" not in said and "唐丽" not in said and "13800001111" not in said
    assert set(Clock.objects.filter(case=case).values_list("state", flat=True)) == {"stopped"}
