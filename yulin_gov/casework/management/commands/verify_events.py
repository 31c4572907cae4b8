"""`manage.py verify_events`: prove the log."""

from django.core.management.base import BaseCommand, CommandError

from yulin_gov.casework.verification import verify_events


class Command(BaseCommand):
    help = "核验办件日志：事件链、办件状态、防篡改触发器和每日封存。"

    def handle(self, **options) -> None:
        found = verify_events()
        for fault in found.faults:
            self.stderr.write(fault)
        self.stdout.write(f"核验办件 {found.cases} 件、事件 {found.events} 条、封存 {found.anchors} 次。")
        if found.faults:
            raise CommandError(f"发现 {len(found.faults)} 处问题。")
        self.stdout.write("未发现问题。")
