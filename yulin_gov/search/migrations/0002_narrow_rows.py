from django.db import migrations


class Migration(migrations.Migration):
    """Texts and vectors out of line: collecting candidates reads many rows and neither of the two."""

    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE search_searchrow SET (toast_tuple_target = 256)",
            "ALTER TABLE search_searchrow RESET (toast_tuple_target)",
        )
    ]
