import pytest

from yulin_gov.messaging.phones import normal_phone
from yulin_gov.refused import Refused


@pytest.mark.parametrize(
    "written",
    [
        "13800001234",
        "138 0000 1234",
        "138-0000-1234",
        "+86 13800001234",
        "0086-138-0000-1234",
        "8613800001234",
        "１３８００００１２３４",
        "  13800001234\n",
        "+86 138‑0000‑1234",
    ],
)
def test_a_mobile_number_is_one_number_however_it_is_written(written):
    assert normal_phone(written) == "13800001234"


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("0775-2823456", "07752823456"),
        ("（0775）2823456", "07752823456"),
        ("+86 775 2823456", "07752823456"),
        ("010-12345678", "01012345678"),
        ("0771 12345678", "077112345678"),
    ],
)
def test_a_landline_keeps_its_area_code(written, digits):
    assert normal_phone(written) == digits


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "12345",
        "2823456",
        "12800001234",
        "138000012345",
        "1380000123",
        "abc",
        "138\x000001234",
        "+1 202 555 0100",
        "13800001234 13900001234",
        "𠮷",
        "9" * 5000,
        "010-123456",
    ],
)
def test_anything_else_is_refused_with_a_sentence_beside_the_field(written):
    with pytest.raises(Refused) as refusal:
        normal_phone(written)
    assert refusal.value.field == "phone"
    assert "请填写" in refusal.value.sentence


def test_where_an_sms_is_wanted_a_landline_is_refused():
    with pytest.raises(Refused, match="收不到短信"):
        normal_phone("0775-2823456", mobile_only=True)
