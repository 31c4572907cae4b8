"""`manage.py import_letters FILE`: take over letters that were handled elsewhere."""

from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from letters.actions import ImportReport, import_letters
from letters.importing import read_table
from letters.procedures import PROMISED_WORKDAYS
from yulin_gov.organization.models import Unit
from yulin_gov.organization.queries import units_receiving_letters
from yulin_gov.refused import Refused
from yulin_gov.search.segmentation import warm

SHOWN = 200  # skipped rows that are listed one by one


class Command(BaseCommand):
    help = "导入历史来信（CSV或XLSX），按真实时间重演收到、受理、答复、办结；重复导入不会重复写入。"

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            help="文件：留言编号、留言用户、留言主题、留言时间、留言详情、答复意见、答复时间",
        )
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        parser.add_argument("--unit", metavar="CODE", help="承办单位编码；演示环境可不填")
        parser.add_argument(
            "--term", type=int, default=PROMISED_WORKDAYS, help=f"答复时限（工作日），默认{PROMISED_WORKDAYS}"
        )
        parser.add_argument("--batch", type=int, default=500, help="每批写入的件数，默认500")

    def handle(
        self, *args, file: Path, dry_run: bool, unit: str | None, term: int, batch: int, **options
    ) -> None:
        if not 1 <= term <= 3650:
            raise CommandError("答复时限应在1至3650个工作日之间。")
        if not 1 <= batch <= 5000:
            raise CommandError("每批件数应在1至5000之间。")
        started = monotonic()
        try:
            receiving = _unit(unit)
            self.stdout.write(f"{'检查' if dry_run else '导入'}：{file}　承办单位：{receiving.name}")
            if not dry_run:
                warm()
            report = import_letters(
                read_table(file),
                unit=receiving,
                term=term,
                batch=batch,
                dry_run=dry_run,
                progress=lambda so_far: self._show_progress(so_far, started),
            )
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self._show(report, dry_run, monotonic() - started)

    def _show_progress(self, report: ImportReport, started: float) -> None:
        self.stdout.write(f"  已读取 {report.read} 行，用时 {monotonic() - started:.1f} 秒")
        self.stdout.flush()  # progress is of use only while it happens

    def _show(self, report: ImportReport, dry_run: bool, seconds: float) -> None:
        for row, reason in report.skipped[:SHOWN]:
            self.stdout.write(f"  跳过第 {row} 行：{reason}")
        if len(report.skipped) > SHOWN:
            self.stdout.write(f"  ……另有 {len(report.skipped) - SHOWN} 行被跳过")
        self.stdout.write(f"读取 {report.read} 行")
        self.stdout.write(f"{'可以导入' if dry_run else '导入'} {report.imported} 件")
        self.stdout.write(f"此前已导入 {report.known} 件")
        self.stdout.write(f"跳过 {len(report.skipped)} 行")
        self.stdout.write(f"按期答复 {report.on_time} 件")
        self.stdout.write(f"超期答复 {report.late} 件")
        self.stdout.write(f"用时 {seconds:.1f} 秒{'（仅检查，未写入）' if dry_run else ''}")


def _unit(code: str | None) -> Unit:
    receiving = units_receiving_letters()
    if code:
        found = receiving.filter(code=code).first()
        if found is None:
            raise Refused(f"没有编码为“{code}”的收信单位。")
        return found
    if not settings.DEMO:
        raise Refused("请用 --unit 指定承办单位的编码。")
    # The demonstration's clerk works there; any other receiving unit does as well.
    preferred = receiving.filter(code="chengguan").first() or receiving.first()
    if preferred is None:
        raise Refused("还没有收信单位，请先执行 seed_demo，或用 --unit 指定承办单位。")
    return preferred
