from django.db import migrations

from yulin_gov.accounts.append_only import append_only_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(*append_only_sql("accounts_auditevent"))]
