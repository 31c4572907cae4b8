"""`manage.py sweep_deadlines`: send what is due now, without waiting for beat."""

from datetime import datetime

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from yulin_gov.casework.actions import sweep_deadlines


class Command(BaseCommand):
    help = "发送到期提醒、执行定时事项。平时由后台每隔数秒自动进行。"

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--as-of", help="仅限演示环境：假定现在是这一时刻（如 2026-12-20T09:00），预演届时的提醒。"
        )

    def handle(self, **options) -> None:
        done = sweep_deadlines(now=self._moment(options["as_of"]))
        self.stdout.write(
            f"提醒 {done.alerts} 次，定时事项 {done.timers} 项，正在办理而暂缓 {done.busy} 件。"
        )

    def _moment(self, text: str | None) -> datetime | None:
        if text is None:
            return None
        if not settings.DEMO:
            raise CommandError("--as-of 仅限演示环境使用。")
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"无法识别的时间：{text}") from error
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
