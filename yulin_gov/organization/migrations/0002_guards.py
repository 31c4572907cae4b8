"""What constraints on one table cannot say: paths, copies across tables, who may delegate."""

from django.db import migrations

PATH = """
CREATE FUNCTION organization_unit_path() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE above text;
BEGIN
    IF NEW.parent_id IS NULL THEN
        NEW.path := NEW.code || '/';
        RETURN NEW;
    END IF;
    SELECT path INTO above FROM organization_unit WHERE id = NEW.parent_id;
    IF TG_OP = 'UPDATE' AND NEW.parent_id IS DISTINCT FROM OLD.parent_id AND starts_with(above, OLD.path) THEN
        RAISE EXCEPTION 'a unit cannot be placed below itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'organization_unit_no_circle';
    END IF;
    NEW.path := COALESCE(above, '') || NEW.code || '/';
    RETURN NEW;
END $$;
CREATE TRIGGER unit_path BEFORE INSERT OR UPDATE ON organization_unit
    FOR EACH ROW EXECUTE FUNCTION organization_unit_path();

CREATE FUNCTION organization_unit_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Every child's own trigger computes its path anew, and so on down.
    UPDATE organization_unit SET path = '' WHERE parent_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER unit_moved AFTER UPDATE ON organization_unit
    FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION organization_unit_moved();
"""
PATH_REVERSE = """
DROP TRIGGER unit_moved ON organization_unit;
DROP TRIGGER unit_path ON organization_unit;
DROP FUNCTION organization_unit_moved();
DROP FUNCTION organization_unit_path();
"""

ADMINISTRATOR = """
CREATE FUNCTION organization_appointment_copy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked, so that the position cannot change its kind between this reading and the commit.
    SELECT administrator INTO NEW.administrator FROM organization_position
        WHERE id = NEW.position_id FOR SHARE;
    NEW.administrator := COALESCE(NEW.administrator, '');
    RETURN NEW;
END $$;
CREATE TRIGGER appointment_copy BEFORE INSERT OR UPDATE ON organization_appointment
    FOR EACH ROW EXECUTE FUNCTION organization_appointment_copy();

CREATE FUNCTION organization_position_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE organization_appointment SET administrator = NEW.administrator WHERE position_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER position_changed AFTER UPDATE ON organization_position
    FOR EACH ROW WHEN (OLD.administrator IS DISTINCT FROM NEW.administrator)
    EXECUTE FUNCTION organization_position_changed();
"""
ADMINISTRATOR_REVERSE = """
DROP TRIGGER position_changed ON organization_position;
DROP TRIGGER appointment_copy ON organization_appointment;
DROP FUNCTION organization_position_changed();
DROP FUNCTION organization_appointment_copy();
"""

DIVISION = """
CREATE FUNCTION organization_position_division() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.division_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM organization_division WHERE id = NEW.division_id AND unit_id = NEW.unit_id
    ) THEN
        RAISE EXCEPTION 'the division belongs to another unit'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'organization_position_division';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER position_division BEFORE INSERT OR UPDATE OF unit_id, division_id ON organization_position
    FOR EACH ROW EXECUTE FUNCTION organization_position_division();
"""
DIVISION_REVERSE = """
DROP TRIGGER position_division ON organization_position;
DROP FUNCTION organization_position_division();
"""

# Touching is enough here: a delegation is in force only while its principal holds the position.
DELEGATION = """
CREATE FUNCTION organization_delegation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A period that ends before it begins is for the check constraint to refuse.
    IF NEW.revoked_at IS NOT NULL OR NEW.to_at <= NEW.from_at THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM organization_appointment a
        WHERE a.person_id = NEW.principal_id AND a.position_id = NEW.position_id AND a.administrator = ''
            AND daterange(a.from_date, a.to_date, '[]')
                && daterange((NEW.from_at AT TIME ZONE 'Asia/Shanghai')::date,
                             (NEW.to_at AT TIME ZONE 'Asia/Shanghai')::date, '[]')
    ) THEN
        RAISE EXCEPTION 'only a held position can be delegated, and never that of an administrator'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'organization_delegation_held';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delegation_guard BEFORE INSERT OR UPDATE ON organization_delegation
    FOR EACH ROW EXECUTE FUNCTION organization_delegation_guard();
"""
DELEGATION_REVERSE = """
DROP TRIGGER delegation_guard ON organization_delegation;
DROP FUNCTION organization_delegation_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("organization", "0001_initial")]
    operations = [
        migrations.RunSQL(PATH, PATH_REVERSE),
        migrations.RunSQL(ADMINISTRATOR, ADMINISTRATOR_REVERSE),
        migrations.RunSQL(DIVISION, DIVISION_REVERSE),
        migrations.RunSQL(DELEGATION, DELEGATION_REVERSE),
    ]
