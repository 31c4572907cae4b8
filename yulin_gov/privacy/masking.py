"""Masks for lists: enough to recognise one's own entry, too little to reach a stranger."""

import re

_COMPOUND = "欧阳司马上官诸葛司徒东方独孤南宫夏侯皇甫尉迟公孙慕容令狐长孙宇文轩辕端木百里东郭钟离申屠澹台"
COMPOUND_SURNAMES = tuple(_COMPOUND[i : i + 2] for i in range(0, len(_COMPOUND), 2))


def mask_name(name: str) -> str:
    """张三丰 → 张**, 欧阳娜娜 → 欧阳**; at most three stars, so that length tells little."""
    name = name.strip()
    shown = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    if len(name) <= 1:
        return "*" * len(name)
    return name[:shown] + "*" * min(len(name) - shown, 3)


def mask_phone(phone: str) -> str:
    """13812341234 → 138****1234, 0775-2823456 → 0775-***3456; shorter numbers keep two digits."""
    phone = phone.strip()
    if area := re.fullmatch(r"(0\d{2,3}[- ]?)(\d+)(\d{4})", phone):
        return f"{area[1]}{'*' * len(area[2])}{area[3]}"
    if len(phone) >= 11:
        return f"{phone[:-8]}****{phone[-4:]}"
    return "*" * max(len(phone) - 2, min(len(phone), 1)) + phone[max(len(phone) - 2, 1) :]


def mask_id_number(number: str) -> str:
    """450902199001011234 → 450***********1234."""
    number = number.strip()
    if len(number) <= 7:
        return "*" * len(number)
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def mask_email(address: str) -> str:
    """zhangsan@example.com → z***@example.com."""
    local, at, domain = address.strip().partition("@")
    return f"{local[:1]}***{at}{domain}" if at else mask_name(address)
