"""Personal data is found in real people's writing, and little else is."""

import csv
import time
from collections import Counter
from pathlib import Path

import pytest

from yulin_gov.privacy.finding import Finding, find_personal_data, redact

LETTERS = Path(__file__).resolve().parents[3] / "shared/data/letters/letters.csv"


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("请致电13812345678联系", "mobile", "13812345678"),
        ("电话：138 1234 5678。", "mobile", "138 1234 5678"),
        ("电话+86 138-1234-5678", "mobile", "+86 138-1234-5678"),
        ("我的号码是１３８１２３４５６７８", "mobile", "１３８１２３４５６７８"),
        ("家里0775-2823456没人接", "landline", "0775-2823456"),
        ("家里（0775）2823456", "landline", "（0775）2823456"),
        ("办公室0771—28234567转801", "landline", "0771—28234567转801"),
        ("座机：2823456", "landline", "2823456"),
        ("身份证450902199003074512", "id_number", "450902199003074512"),
        ("身份证11010519491231002X，", "id_number", "11010519491231002X"),
        ("身份证11010519491231002x", "id_number", "11010519491231002x"),
        ("老身份证450902900307451", "id_number", "450902900307451"),
        ("工资卡6222 0212 3456 7890 128", "bank_card", "6222 0212 3456 7890 128"),
        ("车牌桂K·12345乱停", "plate", "桂K·12345"),
        ("车牌桂K12345。", "plate", "桂K12345"),
        ("新能源车桂KD12345", "plate", "桂KD12345"),
        ("写信到zhang.san@example.com.cn即可", "email", "zhang.san@example.com.cn"),
        ("我家住玉州区人民东路12号3栋502房", "address", "玉州区人民东路12号3栋502房"),
        ("住址：城北花园3栋2单元502，", "address", "城北花园3栋2单元502"),
        ("本人家住大塘镇陂石村5组12号。", "address", "大塘镇陂石村5组12号"),
        ("我叫李春花，是村民", "name", "李春花"),
        ("联系人：欧阳明 电话", "name", "欧阳明"),
        ("尊敬的张三：您好", "name", "张三"),
        ("尊敬的张三丰先生", "name", "张三丰"),
        ("姓名：陆小凤 性别", "name", "陆小凤"),
        ("本人梁家辉，男，", "name", "梁家辉"),
        ("身份证号：450924198811230014", "id_number", "450924198811230014"),  # mistyped
        ("加微信：gx_zhang88", "account", "gx_zhang88"),
        ("我是兴业县石南镇东城社区三队15号的村民", "address", "兴业县石南镇东城社区三队15号"),
        ("住江南区公园一号12栋二单元1203室，", "address", "江南区公园一号12栋二单元1203室"),
    ],
)
def test_personal_data_is_found_where_it_stands(text, kind, found):
    findings = [(finding.kind, finding.text) for finding in find_personal_data(text)]
    assert findings == [(kind, found)]
    for finding in find_personal_data(text):
        assert text[finding.start : finding.end] == finding.text


@pytest.mark.parametrize(
    "text",
    [
        "请拨打12345、110或400-800-1234",
        "总投资13812345678.50元",
        "订单号20190425123456789012",
        "编号450902199003074515",  # check digit
        "工资卡6222021234567890123",  # Luhn
        "编号450902199013074514",  # a thirteenth month
        "2019年4月25日9时32分，面积128.5平方米",
        "人民东路12号市民服务中心",  # where an office is
        "该小区3栋120户居民，2栋1002套住宅",
        "玉政办发〔2026〕48号",
        "尊敬的领导：您好！尊敬的胡书记：您好！",
        "联系人：王主任，",
        "我叫他们处理了，申请人应当提供材料。",
        "A3区B2路，K1234次列车，国道G80",
        "13812345678901",
        "桂林市和桂平市",
        "联系人陆川县，联系人：高中部。",
        "关注微信公众号：yulin2026，加入QQ群123456789",
        "本人于今年，现年",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text):
    assert find_personal_data(text) == []


def test_known_names_are_found_everywhere_even_spaced():
    text = "张三反映：张 三与李四丰（李四丰）争吵。"
    findings = find_personal_data(text, names=["张三", "李四丰", "李", ""])
    assert [finding.text for finding in findings] == ["张三", "张 三", "李四丰", "李四丰"]


def test_redaction_replaces_every_finding_and_keeps_the_rest():
    text = "尊敬的张三：您反映13812345678、桂K·12345的情况，我局已到城北花园3栋502房核实。"
    assert redact(text, find_personal_data(text)) == (
        "尊敬的张*：您反映【手机号码】、【车牌号码】的情况，我局已到【详细住址】核实。"
    )
    assert find_personal_data(redact(text, find_personal_data(text))) == []


def test_findings_never_overlap_and_overlapping_ones_redact_once():
    text = "卡号6222021234567890128"
    assert [finding.kind for finding in find_personal_data(text)] == ["bank_card"]
    twice = [Finding(2, 12, "bank_card", text[2:12]), Finding(5, 21, "mobile", text[5:21])]
    assert redact(text, twice) == "卡号【银行卡号】"


@pytest.mark.parametrize("piece", ["1", "张三 ", "花园3栋", "a.", "@a", "A1号", "我叫李", "0775-"])
def test_long_repetitive_text_is_searched_in_no_time(piece):
    started = time.process_time()
    find_personal_data(piece * (10_000 // len(piece)), names=["张三"])
    assert time.process_time() - started < 1


@pytest.mark.realdata
@pytest.mark.skipif(not LETTERS.exists(), reason="the real letters are not beside the checkout")
def test_on_2816_real_letters_findings_are_few_and_of_the_expected_kinds():
    with LETTERS.open(encoding="utf-8-sig", newline="") as handle:
        letters = list(csv.DictReader(handle))
    # The organisers have masked what they found; what is left shows how noisy we are.
    kinds = Counter(
        finding.kind
        for letter in letters
        for text in (letter["留言主题"], letter["留言详情"], letter["答复意见"])
        for finding in find_personal_data(text)
    )
    assert kinds.total() < len(letters) / 8
    assert kinds["mobile"] + kinds["id_number"] + kinds["bank_card"] <= 2
    assert kinds["landline"] > 150 and kinds["name"] > 30 and kinds["address"] > 30
