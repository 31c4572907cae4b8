"""Numbers, and what must never change: what was written, and what was answered."""

from django.db import migrations

_NUMBERS = "CREATE SEQUENCE letters_number_seq"
_KEEP = """
CREATE FUNCTION letters_keep_originals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.case_id, NEW.text, NEW.may_publish) IS DISTINCT FROM (OLD.case_id, OLD.text, OLD.may_publish) THEN
        RAISE EXCEPTION 'letter %: what was written never changes', OLD.case_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.replied_at IS NOT NULL AND (NEW.reply, NEW.replied_at, NEW.drafted_by_id)
        IS DISTINCT FROM (OLD.reply, OLD.replied_at, OLD.drafted_by_id) THEN
        RAISE EXCEPTION 'letter %: a reply that was sent never changes', OLD.case_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_originals BEFORE UPDATE ON letters_letter
    FOR EACH ROW EXECUTE FUNCTION letters_keep_originals();

CREATE FUNCTION letters_keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.letter_id, NEW.unit_id, NEW.title, NEW.text, NEW.reply, NEW.drafted_by_id, NEW.reviewed_by_id,
        NEW.published_at)
        IS DISTINCT FROM (OLD.letter_id, OLD.unit_id, OLD.title, OLD.text, OLD.reply, OLD.drafted_by_id,
        OLD.reviewed_by_id, OLD.published_at) OR OLD.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'publication %: what was reviewed never changes', OLD.letter_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_published BEFORE UPDATE ON letters_publication
    FOR EACH ROW EXECUTE FUNCTION letters_keep_published();
"""
_RELEASE = """
DROP TRIGGER keep_published ON letters_publication;
DROP TRIGGER keep_originals ON letters_letter;
DROP FUNCTION letters_keep_published();
DROP FUNCTION letters_keep_originals();
"""


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_initial")]
    operations = [
        migrations.RunSQL(_NUMBERS, "DROP SEQUENCE letters_number_seq"),
        migrations.RunSQL(_KEEP, _RELEASE),
    ]
