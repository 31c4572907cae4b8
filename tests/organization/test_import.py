"""The import brings the organisation in line with a table, row by row."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import localdate

from tests.accounts.factories import make_citizen, make_staff
from yulin_gov.accounts.models import AuditEvent, User
from yulin_gov.organization.capacity import capacities_of
from yulin_gov.organization.models import Appointment, Division, Position, Unit
from yulin_gov.organization.signals import appointment_ended

pytestmark = pytest.mark.django_db

CITY = [
    # Out of order on purpose: a county before its city, an appointment before its position.
    {
        "类型": "任职",
        "单位编码": "ZJ",
        "内设机构": "办公室",
        "职位": "科员",
        "账号": "ChenMin",
        "姓名": "陈敏",
    },
    {
        "类型": "单位",
        "单位编码": "ZJ",
        "单位名称": "市住建局",
        "上级编码": "YL",
        "接收来信": "是",
        "设立日期": "2019年3月1日",
    },
    {"类型": "单位", "单位编码": "YL", "单位名称": "玉林市人民政府", "单位类别": "人民政府"},
    {"类型": "职位", "单位编码": "ZJ", "内设机构": "办公室", "职位": "科员", "角色": "承办人、信件管理员"},
    {"类型": "内设机构", "单位编码": "ZJ", "内设机构": "办公室", "排序": "1"},
]


def as_csv(rows, encoding="utf-8-sig"):
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


@pytest.fixture
def run(tmp_path):
    def run(rows, *options, name="city.csv", **encoding):
        path = tmp_path / name
        path.write_bytes(rows if isinstance(rows, bytes) else as_csv(rows, **encoding))
        out = io.StringIO()
        call_command("import_organization", str(path), *options, stdout=out)
        return out.getvalue()

    return run


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_city_comes_in_whatever_the_order_and_encoding(run, encoding):
    report = run(CITY, encoding=encoding)
    assert "读取5行，新增5，更新0，未变0，错误0" in report
    unit = Unit.objects.get(code="ZJ")
    assert (unit.path, unit.receives_letters, unit.valid_from) == ("YL/ZJ/", True, date(2019, 3, 1))
    person = User.objects.get(username="chenmin")
    (capacity,) = capacities_of(person)
    assert capacity.label == "陈敏 · 市住建局 办公室"
    assert capacity.roles == {"drafter", "letter_clerk"}
    assert person.must_change_password
    assert not person.has_usable_password()
    assert "新开1个账号" in report


def test_the_same_file_twice_changes_nothing(run):
    run(CITY)
    before = AuditEvent.objects.count(), Unit.history.count(), Position.history.count()
    assert "新增0，更新0，未变5，错误0" in run(CITY)
    assert (AuditEvent.objects.count(), Unit.history.count(), Position.history.count()) == before


def test_a_dry_run_reports_the_same_and_saves_nothing(run):
    report = run(CITY, "--dry-run")
    assert report.startswith("试运行（没有保存任何内容）：读取5行，新增5")
    assert not Unit.objects.exists()
    assert not User.objects.exists()


def test_changes_are_taken_and_empty_cells_leave_things_as_they_are(run):
    run(CITY)
    report = run(
        [
            {
                "类型": "单位",
                "单位编码": "ZJ",
                "单位名称": "市住房城乡建设局",
                "电话": "0775-2800000",
                "上级编码": "",
            },
            {"类型": "职位", "单位编码": "ZJ", "内设机构": "办公室", "职位": "科员", "角色": "drafter"},
        ]
    )
    assert "更新2" in report
    unit = Unit.objects.get(code="ZJ")
    assert (unit.name, unit.receives_letters, unit.parent.code) == ("市住房城乡建设局", True, "YL")
    assert unit.names.count() == 2
    assert Position.objects.get(title="科员").roles == ["drafter"]


def test_broken_rows_are_named_and_never_stop_the_rest(run):
    make_citizen(username="citizen", full_name="群众")
    make_staff(username="zhang", full_name="张三")
    place = {"单位编码": "YL", "职位": "主任"}
    bad = [
        ({"类型": "皇帝"}, "“类型”应为"),
        ({"类型": "单位", "单位名称": "无编码"}, "缺少“单位编码”"),
        ({"类型": "单位", "单位编码": "N1"}, "缺少“单位名称”"),
        ({"类型": "单位", "单位编码": "a/b", "单位名称": "坏编码"}, "单位编码只能包含"),
        ({"类型": "单位", "单位编码": "N2", "单位名称": "甲", "上级编码": "XX"}, "没有编码为“XX”的单位"),
        (
            {"类型": "单位", "单位编码": "N3", "单位名称": "乙", "设立日期": "去年"},
            "“设立日期”不是日期：去年",
        ),
        ({"类型": "单位", "单位编码": "N4", "单位名称": "丙", "接收来信": "也许"}, "应填“是”或“否”"),
        ({"类型": "单位", "单位编码": "N5", "单位名称": "丁", "单位类别": "城堡"}, "没有“城堡”这一项"),
        ({"类型": "单位", "单位编码": "N6", "单位名称": "戊", "排序": "第一"}, "“排序”应为整数"),
        ({"类型": "单位", "单位编码": "N7", "单位名称": "长" * 101}, "单位名称"),
        ({"类型": "单位", "单位编码": "N8", "单位名称": "坏\x00名"}, "不能保存的字符"),
        ({"类型": "单位", "单位编码": "N9", "单位名称": "己", "上级编码": "N9"}, "没有编码为“N9”的单位"),
        ({"类型": "职位", **place, "角色": "巫师"}, "没有“巫师”这一项"),
        ({"类型": "职位", **place, "管理员": "审计管理员", "角色": "承办人"}, "不能兼任其他角色"),
        ({"类型": "职位", **place, "内设机构": "空气科"}, "没有内设机构“空气科”"),
        ({"类型": "任职", **place, "账号": "x", "姓名": "某"}, "没有职位“主任”"),
        ({"类型": "任职", "单位编码": "YL", "职位": "秘书", "账号": "new"}, "缺少“姓名”"),
        ({"类型": "任职", "单位编码": "YL", "职位": "秘书", "账号": "citizen"}, "群众账号"),
        ({"类型": "任职", "单位编码": "YL", "职位": "秘书", "账号": "zhang", "姓名": "李四"}, "属于张三"),
        (
            {"类型": "任职", "单位编码": "YL", "职位": "秘书", "账号": "li", "姓名": "李", "手机号码": "1"},
            "电话号码格式",
        ),
        (
            {"类型": "任职", "单位编码": "YL", "职位": "秘书", "账号": "zhang", "任职日期": "2026-02-01"}
            | {"免职日期": "2026-01-01"},
            "不能早于",
        ),
    ]
    good = [
        {"类型": "单位", "单位编码": "YL", "单位名称": "玉林市人民政府"},
        {"类型": "职位", "单位编码": "YL", "职位": "秘书"},
    ]
    report = run([*[row for row, _ in bad], *good])
    for number, (_, sentence) in enumerate(bad, start=2):
        line = next(line for line in report.splitlines() if line.startswith(f"第{number}行："))
        assert sentence in line
    assert f"新增2，更新0，未变0，错误{len(bad)}" in report
    assert Unit.objects.count() == 1


def test_ends_of_office_are_taken_and_announced(run):
    run(CITY)
    heard = []

    def listen(sender, appointment, **kwargs):
        heard.append(appointment)

    appointment_ended.connect(listen)
    try:
        row = {**CITY[0], "免职日期": localdate().isoformat()}
        assert "更新1" in run([row])
        assert "未变1" in run([row])
    finally:
        appointment_ended.disconnect(listen)
    assert heard == [Appointment.objects.get()]


def test_two_terms_of_office_stay_two(run):
    run(CITY[1:])
    row = {**CITY[0], "账号": "wang", "姓名": "王五"}
    rows = [
        {**row, "任职日期": "2020-01-01", "免职日期": "2021-12-31"},
        {**row, "任职日期": "20240101", "免职日期": ""},
    ]
    assert "新增2" in run(rows)
    assert "未变2" in run(rows)
    assert Appointment.objects.filter(person__username="wang").count() == 2
    assert "任职日期不一致" in run([{**row, "任职日期": "2024-02-01"}])


def test_the_line_is_named_where_a_row_with_line_breaks_begins(run):
    rows = [{"类型": "单位", "单位编码": "YL", "单位名称": "市", "职责": "一\n二\n三"}, {"类型": "城"}]
    assert "第5行：“类型”" in run(rows)


def test_sheets_of_a_workbook_may_hold_one_kind_each(run):
    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "说明"
    notes.append(["请按各表填写"])
    units = book.create_sheet("单位")
    units.append(["单位编码", "单位名称", "设立日期", "接收来信", "多余的列"])
    units.append([450900, "玉林市", date(2000, 1, 1), True, "x"])
    units.append([None, None, None, None, None])
    book.create_sheet("内设机构").append(["单位编码", "内设机构", "排序"])
    book["内设机构"].append(["450900", "办公室", 1.0])
    book["内设机构"].append(["999", "办公室", 1])
    out = io.BytesIO()
    book.save(out)
    report = run(out.getvalue(), name="city.xlsx")
    assert "新增2，更新0，未变0，错误1" in report
    assert "工作表“内设机构”第3行：没有编码为“999”的单位" in report
    assert "没有用到的列：多余的列" in report
    assert Unit.objects.get().code == "450900"
    assert Division.objects.get().sort == 1


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.csv", "空的"),
        (b"\xef\xbb\xbf\n\n", "a.csv", "表头"),
        ("姓名,年龄\n张三,3\n".encode(), "a.csv", "表头"),
        (b"\xff\xfe\x00\x81\xff", "a.csv", "编码"),
        (b"PK\x03\x04 broken", "a.xlsx", "不是可以读取的XLSX"),
        (b"not a workbook", "a.xlsx", "不是可以读取的XLSX"),
        (b"\xd0\xcf\x11\xe0 old", "a.xls", "不支持旧的"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(run, content, name, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(content, name=name)


def test_a_missing_file_is_said_to_be_missing():
    with pytest.raises(CommandError, match="不能读取文件"):
        call_command("import_organization", "/nowhere/city.csv")
