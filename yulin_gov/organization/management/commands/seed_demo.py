"""Fill the demonstration: every installed app that has a `demo` package adds its own part."""

from importlib import import_module
from time import monotonic
from unicodedata import east_asian_width

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import module_has_submodule

from yulin_gov.organization.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from yulin_gov.refused import Refused


class Command(BaseCommand):
    help = "写入演示城市的机构、人员和业务数据；可以反复执行，只补缺少的部分。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--accounts", action="store_true", help="只显示演示账号，不写入数据")

    def handle(self, *args, accounts: bool, **options) -> None:
        if not settings.DEMO:
            raise CommandError(
                "演示数据和演示账号只能用于内置数据库上的演示环境，本环境使用外部数据库，不予写入。"
            )
        if accounts:
            self._show_accounts()
            return
        started = monotonic()
        for app in apps.get_app_configs():
            if module_has_submodule(app.module, "demo"):
                self._report(f"正在写入“{app.verbose_name}”的演示数据……")
                try:
                    import_module(f"{app.name}.demo").seed(self._report)
                except Refused as refused:
                    raise CommandError(f"{app.verbose_name}：{refused.sentence}") from refused
        self._report(f"演示数据已就绪，用时{monotonic() - started:.1f}秒。")

    def _report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()  # progress is of use only while it happens

    def _show_accounts(self) -> None:
        rows = [("账号", "身份", "单位", "姓名"), *DEMO_ACCOUNTS]
        widths = [max(_width(row[column]) for row in rows) for column in range(4)]
        for row in rows:
            cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write(f"演示密码（全部账号通用）：{DEMO_PASSWORD}")


def _width(text: str) -> int:
    """Columns in a terminal, where a Chinese character takes two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
