"""The calendar 2004 to 2026, as published."""

from django.db import migrations

from yulin_gov.workdays.seeding import seed_calendar


def seed(apps, schema_editor):
    seed_calendar(apps, schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("workdays", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop, elidable=False)]
