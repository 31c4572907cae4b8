"""Taking over letters that were handled elsewhere."""

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from letters.actions import import_letters
from letters.importing import parse_row, read_table
from letters.importing.reading import COLUMNS
from letters.models import Letter
from letters.queries import masked_writer
from yulin_gov.casework.models import Case, CaseEvent
from yulin_gov.casework.statistics import case_statistics
from yulin_gov.casework.verification import verify_events
from yulin_gov.notices.models import Notice
from yulin_gov.refused import Refused

REAL = Path(__file__).resolve().parents[3] / "shared/data/letters/letters.csv"
ROWS = [
    [
        "2549",
        "A00045581",
        "小区停车费",
        "2019/4/25 9:32:09",
        "\n\t\t停车费太高\n\n\n\n请管一管\n\t",
        "已核实。",
        "2019/5/10 14:56:53",
    ],
    ["2550", "A00023583", "路还没修好", "2019-04-24 16:03", "修得太慢", "已催促。", "2019/4/24"],
    ["2551", "A00031618", "幼儿园待遇", "2019/4/24 15:40:04", "待遇偏低", "将研究。", "2022/5/9 13:49:10"],
]


@pytest.fixture
def write(tmp_path):
    """Writes rows under the file's headings as a spreadsheet program would."""

    def write(rows, *, encoding="utf-8-sig", headings=COLUMNS, name="letters.csv") -> Path:
        out = io.StringIO()
        csv.writer(out).writerows([headings, *rows])
        path = tmp_path / name
        path.write_bytes(out.getvalue().encode(encoding))
        return path

    return write


def take_over(city, path, **options):
    options = {"unit": city.unit("市城管局"), "term": 15, **options}
    return import_letters(read_table(path), **options)


def changed(place: int, **cells) -> list[str]:
    row = dict(zip(COLUMNS, ROWS[place], strict=True)) | cells
    return list(row.values())


def test_letters_are_replayed_with_their_true_times(city, write):
    report = take_over(city, write(ROWS))
    assert (report.read, report.imported, report.skipped) == (3, 3, [])
    assert (report.on_time, report.late) == (2, 1)
    letter = Letter.objects.select_related("case").get(case__title="小区停车费")
    assert (letter.case.state, letter.case.outcome, letter.case.origin) == ("closed", "replied", "import")
    assert f"{letter.case.opened_at:%Y-%m-%d %H:%M:%S}" == "2019-04-25 01:32:09"  # UTC
    assert letter.case.handled_at == letter.case.closed_at == letter.replied_at
    assert letter.text == "停车费太高\n\n请管一管" and letter.reply == "已核实。"
    told = letter.case.events.order_by("sequence").values_list("verb", flat=True)
    assert [v for v in told if not v.startswith("casework.step")] == [
        "casework.opened",
        "letters.accepted",
        "letters.replied",
        "casework.closed",
    ]
    assert verify_events().faults == []


def test_nobody_is_told_and_nothing_is_published(city, write):
    before = Notice.objects.count()
    take_over(city, write(ROWS))
    assert Notice.objects.count() == before
    assert not Letter.objects.filter(may_publish=True).exists()


def test_the_sender_is_sealed_and_has_no_code(city, write):
    take_over(city, write(ROWS))
    writer = Letter.objects.get(case__title="小区停车费").writer
    assert (writer.name, writer.phone, writer.code_index) == ("A00045581", "", "")
    assert masked_writer(writer) == {"name": "A***", "phone": ""}


def test_the_same_file_imports_nothing_twice(city, write):
    path = write(ROWS)
    take_over(city, path)
    again = take_over(city, path)
    assert (again.read, again.imported, again.known) == (3, 0, 3)
    assert Letter.objects.count() == 3


def test_the_same_rows_in_another_format_are_known(city, write, tmp_path):
    take_over(city, write(ROWS))
    book = Workbook()
    book.active.append(COLUMNS)
    for number, *cells in ROWS:
        book.active.append([int(number), *cells])
    book.active["D2"] = datetime(2019, 4, 25, 9, 32, 9)
    book.save(tmp_path / "letters.xlsx")
    report = take_over(city, tmp_path / "letters.xlsx")
    assert (report.imported, report.known, report.skipped) == (0, 3, [])


def test_a_reply_of_which_only_the_day_is_known_counts_from_the_letter_on(city, write):
    take_over(city, write(ROWS))
    case = Case.objects.get(title="路还没修好")
    assert case.handled_at == case.opened_at


def test_a_letter_without_a_reply_waits_for_one(city, write):
    report = take_over(city, write([changed(0, 答复意见="", 答复时间="")]))
    assert (report.imported, report.on_time, report.late) == (1, 0, 0)
    case = Case.objects.get(title="小区停车费")
    assert case.is_open and case.steps.get(closed_at=None).stage_key == "answer"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"留言主题": " "}, "留言主题为空"),
        ({"留言主题": "长" * 201}, "留言主题超过200字"),
        ({"留言详情": "\n\t"}, "留言详情为空"),
        ({"留言时间": ""}, "留言时间为空"),
        ({"留言时间": "去年春天"}, "留言时间无法识别：“去年春天”"),
        ({"留言时间": "2019/2/30 8:00:00"}, "留言时间不存在：“2019/2/30 8:00:00”"),
        ({"留言时间": "2199/1/1 8:00:00"}, "留言时间不合理：“2199/1/1 8:00:00”"),
        ({"答复时间": "2018/1/1"}, "答复时间早于留言时间"),
        ({"答复时间": ""}, "有答复意见，但答复时间为空"),
        ({"答复意见": ""}, "有答复时间，但答复意见为空"),
        ({"留言详情": "空\0字符"}, "含有无法保存的字符"),
    ],
)
def test_a_broken_row_is_skipped_with_its_reason_and_stops_nothing(city, write, cells, reason):
    report = take_over(city, write([ROWS[1], changed(0, **cells), ROWS[2]]))
    assert report.skipped == [(3, reason)]
    assert report.imported == 2


def test_a_row_twice_in_one_file_is_imported_once(city, write):
    report = take_over(city, write([ROWS[0], ROWS[0]]))
    assert report.skipped == [(3, "与第2行内容完全相同")]
    assert report.imported == 1


def test_what_the_database_refuses_costs_only_its_row(city, write, monkeypatch):
    """A row that reading lets through but the tables do not take: a number beyond the column."""
    monkeypatch.setattr("letters.importing.rows._TITLE_LENGTH", 300)
    report = take_over(city, write([ROWS[0], changed(1, 留言主题="长" * 250), ROWS[2]]))
    assert report.imported == 2
    assert report.skipped == [(3, "数据库不能保存该行内容")]


@pytest.mark.parametrize(
    "written", ["2019/4/25 9:32:09", "2019-04-25 09:32", "2019年4月25日 9:32", "２０１９/4/25 9：32"]
)
def test_dates_are_read_in_the_forms_people_write(written):
    row = parse_row(2, dict(zip(COLUMNS, changed(0, 留言时间=written), strict=True)))
    assert f"{row.sent_at.astimezone():%Y-%m-%d}" == "2019-04-25"


def test_files_of_older_spreadsheet_programs_are_read(city, write):
    assert take_over(city, write(ROWS, encoding="gb18030")).imported == 3


def test_columns_may_stand_in_another_order_but_must_be_there(write):
    [(_, cells)] = read_table(write([ROWS[0][::-1]], headings=COLUMNS[::-1]))
    assert cells["留言主题"] == "小区停车费"
    with pytest.raises(Refused, match="缺少列：答复时间"):
        list(read_table(write([ROWS[0][:-1]], headings=COLUMNS[:-1])))


@pytest.mark.parametrize("name", ["nothing.csv", "nothing.xlsx", "broken.xlsx"])
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(tmp_path, name):
    (tmp_path / "broken.xlsx").write_bytes(b"not a zip")
    with pytest.raises(Refused, match="无法读取文件"):
        list(read_table(tmp_path / name))


def test_the_command_reports_and_a_dry_run_writes_nothing(city, write):
    path, out = write([ROWS[0], changed(1, 留言主题=""), ROWS[2]]), io.StringIO()
    call_command("import_letters", path, "--unit", "YL-CG", "--dry-run", stdout=out)
    assert "可以导入 2 件" in out.getvalue() and not Letter.objects.exists()
    call_command("import_letters", path, "--unit", "YL-CG", "--term", "30", stdout=out)
    said = out.getvalue()
    for line in ("跳过第 3 行：留言主题为空", "导入 2 件", "跳过 1 行", "按期答复 1 件", "超期答复 1 件"):
        assert line in said
    with pytest.raises(CommandError, match="没有编码为"):
        call_command("import_letters", path, "--unit", "NOWHERE")


@pytest.mark.parametrize("term", [0, 1, 10, 15, 30])
def test_statistics_of_the_imported_agree_with_a_recount(city, write, term):
    take_over(city, write(ROWS))
    figures = case_statistics("letters.letter", origin="import", term=term)
    on_time = {0: 1, 1: 1, 10: 2, 15: 2, 30: 2}[term]  # 2019-05-10 is the ninth working day: May Day
    assert (figures.received, figures.handled, figures.on_time) == (3, 3, on_time)
    assert case_statistics("letters.letter", origin="live").received == 0


@pytest.mark.realdata
@pytest.mark.skipif(not REAL.exists(), reason="the real letters are not beside this checkout")
def test_the_real_letters_are_all_readable_and_come_in_with_their_times(city):
    rows = list(read_table(REAL))
    assert len([parse_row(number, cells) for number, cells in rows]) == 2816
    report = import_letters(rows[:200], unit=city.unit("市城管局"), term=15)
    assert (report.imported, report.skipped) == (200, [])
    figures = case_statistics("letters.letter", origin="import", term=15)
    assert (figures.received, figures.on_time, figures.late) == (200, report.on_time, report.late)
    assert CaseEvent.objects.filter(verb="letters.replied").count() == 200
