"""Masks show enough to recognise one's own, too little to reach a stranger."""

import pytest

from yulin_gov.privacy import masking


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三丰", "张**"),
        ("张三", "张*"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳", "欧*"),
        ("阿卜杜拉·买买提", "阿***"),
        (" 李四 ", "李*"),
        ("王", "*"),
        ("", ""),
    ],
)
def test_names(name, masked):
    assert masking.mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812341234", "138****1234"),
        ("+8613812341234", "+86138****1234"),
        ("0775-2823456", "0775-***3456"),
        ("077528234567", "0775****4567"),
        ("2823456", "*****56"),
        ("12", "*2"),
        ("1", "*"),
        ("", ""),
    ],
)
def test_phones(phone, masked):
    assert masking.mask_phone(phone) == masked


def test_other_numbers():
    assert masking.mask_id_number("450902199001011234") == "450***********1234"
    assert masking.mask_id_number("1234") == "****"
    assert masking.mask_email("zhangsan@example.com") == "z***@example.com"
    assert masking.mask_email("张三") == "张*"
