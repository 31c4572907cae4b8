from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from yulin_gov.refused import Refused
from yulin_gov.workdays.actions import adopt_notice
from yulin_gov.workdays.notice_file import read_notice
from yulin_gov.workdays.seeding import official_days, official_notice


class Command(BaseCommand):
    help = "按国务院办公厅通知一次录入某一年度的节假日和调休安排，并确认该年度。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("year", type=int, help="年度，例如 2027")
        parser.add_argument(
            "file", nargs="?", type=Path, help="CSV：日期,结束日期,安排,名称；省略时取 chinesecalendar 的数据"
        )
        parser.add_argument("--notice", help="通知的标题和文号")
        parser.add_argument("--reason", default="国务院办公厅发布节假日安排")

    def handle(self, *args, year: int, file: Path | None, notice: str | None, reason: str, **options) -> None:
        try:
            if file is None:
                days = list(official_days(range(year, year + 1)))
            else:
                with file.open(encoding="utf-8-sig", newline="") as lines:
                    days = read_notice(lines)
            revision = adopt_notice(
                year, days, notice=notice or official_notice(year), by_id=None, reason=reason
            )
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"无法读取文件：{error}") from error
        self.stdout.write(f"{revision}，共 {len(days)} 天。")
