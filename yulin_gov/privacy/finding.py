"""Finding personal data in what people write, before it is published.

Rather silent than noisy: a reviewer who is shown a dozen wrong findings stops reading them. Every
pattern therefore asks for more than digits: check digits, valid dates, known prefixes, a context.
Full-width digits and letters are read like the plain ones; positions are those of the given text.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from .enums import PersonalData
from .masking import COMPOUND_SURNAMES, mask_name


class Finding(NamedTuple):
    """Personal data at text[start:end]."""

    start: int
    end: int
    kind: PersonalData
    text: str


def find_personal_data(text: str, names: Iterable[str] = ()) -> list[Finding]:
    """All findings in order, none overlapping another.

    `names` are known persons (the writer, say): each is found wherever it stands. Other names are
    found only where the words around say that a name follows (“联系人：…”, “我叫…”, “尊敬的…：”).
    """
    plain = text.translate(_HALF_WIDTH)
    spans = [span for find in _FINDERS for span in find(plain)]
    spans += _given_names(plain, names)
    # Where two overlap the longer tells more: a card number is not a phone.
    spans.sort(key=lambda span: (span[0] - span[1], span[0]))
    taken, chosen = bytearray(len(text)), []
    for start, end, kind in spans:
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            chosen.append(Finding(start, end, kind, text[start:end]))
    return sorted(chosen)


def redact(text: str, findings: Iterable[Finding]) -> str:
    """`text` with every finding replaced: names by 张**, all else by its kind, like 【手机号码】."""
    parts, position = [], 0
    for finding in sorted(findings):
        if finding.start < position:  # overlaps what was just replaced
            position = max(position, finding.end)
            continue
        parts += [text[position : finding.start], _replacement(finding)]
        position = finding.end
    return "".join([*parts, text[position:]])


def _replacement(finding: Finding) -> str:
    if finding.kind == PersonalData.NAME:
        return mask_name(re.sub(r"\s", "", finding.text))
    return f"【{PersonalData(finding.kind).label}】"


# One to one, so that positions stay: full-width ASCII, the ideographic space, kinds of dashes.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_HALF_WIDTH |= {ord(dash): "-" for dash in "‐‑‒–—―−"} | {0xA0: " "}

Span = tuple[int, int, PersonalData]


def _pattern(kind: PersonalData, pattern: str, accept=lambda match: True, group: int | str = 0):
    compiled = re.compile(pattern)

    def find(text: str) -> Iterator[Span]:
        for match in compiled.finditer(text):
            if accept(match):
                yield (*match.span(group), kind)

    return find


def _digits(match: re.Match) -> str:
    return re.sub(r"[^\dX]", "", match[0].upper())


# -- numbers that prove themselves --------------------------------------------------------

_PROVINCES = {*range(11, 16), 21, 22, 23, *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)}
_PROVINCES |= {71, 81, 82, 83}


def _is_id_number(match: re.Match) -> bool:
    """GB 11643: province, birth date and (18 digits) the check digit must all be right."""
    number = _digits(match)
    if int(number[:2]) not in _PROVINCES:
        return False
    born = number[6:14] if len(number) == 18 else f"19{number[6:12]}"
    try:
        if not 1900 <= date(int(born[:4]), int(born[4:6]), int(born[6:])).year <= date.today().year:
            return False
    except ValueError:
        return False
    if len(number) == 15:
        return True
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17]


def _is_bank_card(match: re.Match) -> bool:
    """ISO/IEC 7812: 16 to 19 digits that pass the Luhn check."""
    number = _digits(match)
    doubled = (int(digit) * (1 + i % 2) for i, digit in enumerate(reversed(number)))
    return 16 <= len(number) <= 19 and sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


# No digit before or after, and not the middle of a decimal, an amount or a code.
_FREE = r"(?<![\dA-Za-z._/-])"
_END = r"(?![\dA-Za-z]|[.-]\d)"

_id_numbers = _pattern(
    PersonalData.ID_NUMBER, rf"{_FREE}(?:[1-8]\d{{16}}[\dXx]|[1-8]\d{{14}}){_END}", _is_id_number
)
# Called an identity number it is one, even mistyped.
_called_id_numbers = _pattern(
    PersonalData.ID_NUMBER, rf"身份证[^\d\n]{{0,8}}(?P<number>[1-8]\d{{16}}[\dXx]){_END}", group="number"
)
_bank_cards = _pattern(
    PersonalData.BANK_CARD,
    rf"{_FREE}(?:62|60|95|4\d|5[1-5]|3[5-7])\d{{2}}(?:[ -]?\d{{4}}){{3}}(?:[ -]?\d{{1,3}})?{_END}",
    _is_bank_card,
)
_mobiles = _pattern(
    PersonalData.MOBILE, r"(?<![\dA-Za-z.])(?:\+?86[- ]?)?1[3-9]\d([- ]?)\d{4}\1\d{4}(?!\d|\.\d)"
)
_emails = _pattern(
    PersonalData.EMAIL,
    # Chinese characters may touch an address: people write no spaces.
    r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,10}",
)
_accounts = _pattern(
    PersonalData.ACCOUNT,
    r"(?:微信|QQ|qq)(?:号码?|账号)?[:是为 ]{0,2}(?P<account>(?=[A-Za-z_-]*\d)[A-Za-z\d_-]{5,20})(?![A-Za-z\d_-])",
    group="account",
)

# -- telephones ---------------------------------------------------------------------------

_AREA = r"(?:010|02[0-57-9]|0[3-9]\d{2})"
_landlines = _pattern(
    PersonalData.LANDLINE,
    rf"(?<![\dA-Za-z.])(?:\({_AREA}\) ?|{_AREA} ?-{{0,2}} ?)"
    r"[2-8]\d{6,7}(?!\d|\.\d)(?:[-转]\d{1,5}(?!\d))?",
)
# Without an area code seven digits are only a telephone where the words say so.
_local_numbers = _pattern(
    PersonalData.LANDLINE,
    r"(?:电话|座机|热线|致电|拨打|联系方式)[^\d\n]{0,6}(?P<number>[2-8]\d{6,7})(?!\d|\.\d|[元万亿平年])",
    group="number",
)

# -- plates -------------------------------------------------------------------------------

_plates = _pattern(
    PersonalData.PLATE,
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-Z](?:[·•.・] ?|[- ])?"
    r"(?P<number>[A-HJ-NP-Z\d]{4}[A-HJ-NP-Z\d学警港澳挂][A-HJ-NP-Z\d]?)(?![A-Za-z\d])",
    accept=lambda match: sum(c.isdigit() for c in match["number"]) >= 2,
)

# -- addresses ----------------------------------------------------------------------------
# Only down to somebody's door: a street and number alone is where an office is.

_ORDINAL = r"[\dA-Za-z一二三四五六七八九十]{1,4}"
_BUILDING = rf"(?:{_ORDINAL}|\d{{1,4}}-\d{{1,3}})(?:栋|幢|座|号楼)"
# A bare number is a room unless it counts something: “3栋502” is, “3栋120户” is not.
_COUNTED = r"[\d.]|[\u4e00-\u9fff]?[户套元人个间万平米多余年]"
_ROOM = (
    r"\d{3,4}(?:室|房|号房?)|\d{1,2}(?:室|号房)|\d{1,2}楼\d{3,4}(?:室|房)?"
    rf"|\d{{3,4}}(?!{_COUNTED})"
)
_AT_HOME = re.compile(
    rf"{_BUILDING} ?(?:{_ORDINAL}(?:单元|门) ?)?(?:{_ROOM})"
    rf"|{_ORDINAL}单元 ?(?:{_ROOM})"
    r"|\d{1,5}号(?:之[一二三四五六七八九十\d]{1,2})? ?(?:\d{1,2}楼)?\d{3,4}(?:室|房)"
    rf"|(?<=[村社区屯])(?:{_ORDINAL}(?:组|队|屯|社)){{1,2}}\d{{1,4}}号(?!线|文|令|公)"
)
_BEFORE = re.compile(r"(?:[\u4e00-\u9fff]|[\dA-Za-z](?!\d{6})){1,24}$")
# Words that lead up to an address without being part of it.
_LEAD = re.compile(
    r".*(?:我是|本人|地址|住址|所称|反映|投诉|房号|查获|购买了?|买了?|居住|租住|[在于住是为至到从的和与及了我对由日])"
)


def _addresses(text: str) -> Iterator[Span]:
    for match in _AT_HOME.finditer(text):
        start = match.start()
        if before := _BEFORE.search(text, max(0, start - 24), start):
            lead = _LEAD.match(before[0])
            start = before.start() + (lead.end() if lead else 0)
        yield start, match.end(), PersonalData.ADDRESS


# -- names --------------------------------------------------------------------------------

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤庞甘宁欧农蓝凌柳岑蒙牟祝申祁"
)
_NAME = rf"(?P<name>(?:{'|'.join(COMPOUND_SURNAMES)}|[{_SURNAMES}])[\u4e00-\u9fff]{{1,2}}?)"
_NOT_A_NAME = re.compile(
    r"(?:书记|[省市县区镇乡村局厅处科部院校所队站股组]长|主任|主席|先生|女士|小姐|同志|网友|老师|师傅|领导|经理|总|某|姓)"
    r"|[省市县区镇乡村局厅处科部院校所队站股组委办]$"
)
_FACTS = "男|女|性别|电话|手机|联系|身份证"
_named_persons = _pattern(
    PersonalData.NAME,
    r"(?:我叫|我名叫|姓名|联系人|户主|法定代表人|投诉人|举报人|申请人|尊敬的)(?:是|为)?:? ?"
    rf"{_NAME}(?= ?(?:[,。;:!、()\n]|$|先生|女士|同志|网友|您好|你好|{_FACTS}))",
    accept=lambda match: not _NOT_A_NAME.search(match["name"]),
    group="name",
)
_persons_with_facts = _pattern(
    PersonalData.NAME,
    rf"(?:本人|我是)(?!于){_NAME}(?=[,;(] ?(?:{_FACTS}|系|现年|今年|家?住))",
    accept=lambda match: not _NOT_A_NAME.search(match["name"]),
    group="name",
)


def _given_names(text: str, names: Iterable[str]) -> Iterator[Span]:
    for name in {name.strip() for name in names}:
        if len(name) >= 2:
            spaced = " ?".join(re.escape(character) for character in name.translate(_HALF_WIDTH))
            for match in re.finditer(spaced, text):
                yield (*match.span(), PersonalData.NAME)


_FINDERS = (
    _id_numbers,
    _called_id_numbers,
    _bank_cards,
    _mobiles,
    _landlines,
    _local_numbers,
    _emails,
    _accounts,
    _plates,
    _addresses,
    _named_persons,
    _persons_with_facts,
)
