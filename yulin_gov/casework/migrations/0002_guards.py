"""What must never change does not: the log, the ledgers, the anchors and published procedures."""

from django.db import migrations

from yulin_gov.accounts.append_only import append_only_sql

_PUBLISHED = """
CREATE FUNCTION casework_keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'published procedure % never changes', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON casework_procedureversion
    FOR EACH ROW EXECUTE FUNCTION casework_keep_published();
"""
_UNPUBLISHED = """
DROP TRIGGER keep_published ON casework_procedureversion;
DROP FUNCTION casework_keep_published();
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial"), ("accounts", "0001_initial")]
    operations = [
        *[
            migrations.RunSQL(*append_only_sql(table))
            for table in ("casework_caseevent", "casework_clockentry", "casework_eventanchor")
        ],
        migrations.RunSQL(_PUBLISHED, _UNPUBLISHED),
    ]
