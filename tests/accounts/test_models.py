import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from yulin_gov.accounts.actions import create_user
from yulin_gov.accounts.append_only import append_only_sql, append_only_tables
from yulin_gov.accounts.audit import record_audit
from yulin_gov.accounts.models import AuditEvent, User
from yulin_gov.accounts.queries import users_with_phone
from yulin_gov.refused import Refused

from .factories import make_staff

pytestmark = pytest.mark.django_db


def refused_by_database(write):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        write()
    return str(caught.value)


def test_the_database_knows_no_superuser():
    refused_by_database(lambda: User.objects.create(username="root", full_name="根", is_superuser=True))
    with pytest.raises(ValidationError):
        User.objects.create_superuser("root", "x")


def test_createsuperuser_refuses_with_a_sentence():
    with pytest.raises(CommandError, match="不设超级用户"):
        call_command("createsuperuser", username="root", full_name="根", interactive=False)


def test_one_account_has_one_spelling():
    user = User.objects.create_user(" ＡLice ", "x", full_name="爱丽")
    assert user.username == "alice"
    assert User.objects.get_by_natural_key("Alice") == user
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="Alice", full_name="另一个")


def test_a_phone_is_found_by_its_index_and_stored_unreadable():
    user = create_user("alice", full_name="爱丽", phone="+86 138-0000-1234")
    assert user.phone == "13800001234"
    assert users_with_phone("13800001234").get() == user
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_user WHERE id = %s", [user.pk])
        assert b"13800001234" not in bytes(cursor.fetchone()[0])


def test_bulk_writes_keep_the_phone_index():
    User.objects.bulk_create([User(username="a1", full_name="甲", phone="13800001234")])
    assert users_with_phone("13800001234").get().username == "a1"
    assert not users_with_phone("").exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"username": "taken"}, "username"),
        ({"username": "two words"}, "username"),
        ({"username": ""}, "username"),
        ({"username": "x" * 61}, "username"),
        ({"username": "nul\x00"}, "username"),
        ({"full_name": ""}, "full_name"),
        ({"full_name": "张\x00三"}, "full_name"),
        ({"phone": "12345"}, "phone"),
        ({"email": "no-address"}, "email"),
        ({"kind": "robot"}, "kind"),
    ],
)
def test_a_bad_account_is_refused_beside_its_field(fields, field):
    make_staff(username="taken")
    values = {"username": "fresh", "full_name": "张三", **fields}
    with pytest.raises(Refused) as refusal:
        create_user(values.pop("username"), **values)
    assert refusal.value.field == field
    assert refusal.value.sentence


def test_rare_characters_are_kept():
    assert create_user("rare", full_name="𠮷田😀").full_name == User.objects.get(username="rare").full_name


def test_the_audit_log_only_grows():
    record_audit("tests.happened", by=make_staff(), subject="某事\x00" * 200)
    assert len(AuditEvent.objects.get(verb="tests.happened").subject) <= 200
    refused_by_database(lambda: AuditEvent.objects.update(verb="x"))
    refused_by_database(lambda: AuditEvent.objects.all().delete())
    refused_by_database(lambda: connection.cursor().execute("TRUNCATE accounts_auditevent"))


def test_the_trigger_binds_whoever_has_the_rights_too():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE guarded (word text)")
        cursor.execute(
            append_only_sql("guarded")[0].partition("CREATE TRIGGER")[2].join(["CREATE TRIGGER", ""])
        )
        cursor.execute("INSERT INTO guarded VALUES ('a')")
    for statement in ("UPDATE guarded SET word = 'b'", "DELETE FROM guarded", "TRUNCATE guarded"):
        sentence = refused_by_database(lambda statement=statement: connection.cursor().execute(statement))
        assert "append-only" in sentence


def test_append_only_tables_are_known_by_their_trigger():
    assert "accounts_auditevent" in append_only_tables()
    with pytest.raises(ValueError, match="not a table name"):
        append_only_sql("x; DROP TABLE y")


def test_the_applications_role_owns_nothing_and_migrates_nothing():
    refused_by_database(lambda: connection.cursor().execute("ALTER TABLE accounts_user ADD x int"))
    refused_by_database(lambda: connection.cursor().execute("DELETE FROM django_migrations"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)
