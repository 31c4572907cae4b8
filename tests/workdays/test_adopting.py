"""A year's notice is entered in one go, from a table or from the library's newer data."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from yulin_gov.refused import Refused
from yulin_gov.workdays.models import CalendarYear, SpecialDay
from yulin_gov.workdays.notice_file import read_notice

TABLE = "\ufeff日期,结束日期,安排,名称\n2027-01-01,2027/1/3,放假,元旦\n2027-01-09,,上班,元旦调休\n"


@pytest.mark.django_db
def test_a_table_of_the_notice_becomes_the_year(tmp_path, capsys):
    path = tmp_path / "2027.csv"
    path.write_text(TABLE, encoding="utf-8")
    call_command("adopt_notice", "2027", str(path), "--notice", "国办发明电〔2026〕9号")
    assert "录入2027年节假日安排，共 4 天" in capsys.readouterr().out
    assert CalendarYear.objects.get(year=2027).notice == "国办发明电〔2026〕9号"
    assert list(SpecialDay.objects.filter(date__year=2027).values_list("date", "is_workday", "name")) == [
        (date(2027, 1, 1), False, "元旦"),
        (date(2027, 1, 2), False, "元旦"),
        (date(2027, 1, 3), False, "元旦"),
        (date(2027, 1, 9), True, "元旦调休"),
    ]


@pytest.mark.django_db
def test_the_library_serves_a_year_it_knows_and_refuses_another(capsys):
    call_command("adopt_notice", "2026")
    assert SpecialDay.objects.filter(date__year=2026).count() == 39
    with pytest.raises(CommandError, match="2050年的安排中没有节假日"):
        call_command("adopt_notice", "2050")
    with pytest.raises(CommandError, match="无法读取文件"):
        call_command("adopt_notice", "2027", "/nowhere.csv")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("2027-13-01,,放假,元旦", "第2行的日期“2027-13-01”无法识别"),
        (",,放假,元旦", "第2行的日期“”无法识别"),
        ("2027-01-01,,休息,元旦", "只能填“放假”或“上班”"),
        ("2027-01-03,2027-01-01,放假,元旦", "结束日期早于日期"),
        ("2027-01-01,2028-01-01,放假,元旦", "相隔超过31天"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row, sentence):
    with pytest.raises(Refused, match=sentence):
        read_notice(["日期,结束日期,安排,名称\n", row])
