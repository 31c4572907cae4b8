"""`manage.py import_organization FILE [--dry-run]`: see docs/import.md."""

from django.core.management.base import BaseCommand, CommandError

from yulin_gov.organization.importing import import_organization, read_rows
from yulin_gov.refused import Refused


class Command(BaseCommand):
    help = "从CSV或XLSX导入单位、内设机构、职位和任职；重复导入不会重复登记。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", help="CSV（UTF-8或GB18030）或XLSX文件")
        parser.add_argument("--dry-run", action="store_true", help="只检查和报告，不保存")

    def handle(self, *args, file: str, dry_run: bool, **options) -> None:
        try:
            report = import_organization(read_rows(file), dry_run=dry_run)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        for line in report.lines():
            self.stdout.write(line)
