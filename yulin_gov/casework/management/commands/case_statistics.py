"""`manage.py case_statistics --kind K`: the figures of one kind of case."""

import json

from django.core.management.base import BaseCommand, CommandError

from yulin_gov.casework.enums import Origin
from yulin_gov.casework.kinds import all_kinds
from yulin_gov.casework.statistics import case_statistics
from yulin_gov.workdays.terms import TermUnit

_LABELS = {
    "received": "收到",
    "handled": "已答复",
    "declined": "不予受理",
    "open": "办理中",
    "on_time": "按期",
    "late": "超期",
    "overdue": "在办超期",
    "urged": "催办",
    "units": "承办单位",
}


class Command(BaseCommand):
    help = "统计一类办件。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--kind", required=True, help="办件类别，如 letters.letter")
        parser.add_argument("--origin", choices=Origin.values, help="记录来源；不填则统计全部")
        parser.add_argument("--term", type=int, help="期限（天）；不填则以每件自身的时限为准")
        units = [TermUnit.WORKDAYS.value, TermUnit.DAYS.value]
        parser.add_argument("--term-unit", choices=units, default=units[0], help="期限单位，默认工作日")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, **options) -> None:
        if options["kind"] not in {kind.key for kind in all_kinds()}:
            raise CommandError(f"没有这一类办件：{options['kind']}")
        if options["term"] is not None and not 0 <= options["term"] <= 3650:
            raise CommandError("期限应在0至3650之间。")
        figures = case_statistics(
            options["kind"], origin=options["origin"], term=options["term"], term_unit=options["term_unit"]
        ).as_dict()
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        for name, value in figures.items():
            self.stdout.write(f"{_LABELS[name]}\t{value}")
