"""Telephone numbers as people write them, and the one form they are kept and compared in."""

import re
import unicodedata

from yulin_gov.refused import Refused

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# Area codes begin with 0: three digits for 010 and 02x, else four; the number has 7 or 8 digits.
_LANDLINE = re.compile(r"0(?:10|2[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}")
_SEPARATORS = re.compile(r"[\s\-‐-―()（）.·]+")
_COUNTRY = re.compile(r"(?:\+86|0086|86(?=1[3-9][0-9]{9}$))")


def normal_phone(written: str, *, mobile_only: bool = False) -> str:
    """The number's digits alone: “+86 138-0000-1234” is 13800001234, “(0775) 2823456” is 07752823456.

    Full-width digits, spaces, dashes, brackets and the country code are understood. Raises
    `Refused` (field "phone") for anything that is no mainland mobile or landline number with its
    area code; with `mobile_only` a landline is refused too, because it receives no SMS.
    """
    text = _SEPARATORS.sub("", unicodedata.normalize("NFKC", written or "")[:60])
    if not text:
        raise Refused("请填写联系电话", field="phone")
    digits = _COUNTRY.sub("", text, count=1) if text.startswith(("+86", "0086", "86")) else text
    if text.startswith(("+86", "0086")) and not digits.startswith(("0", "1")):
        digits = "0" + digits  # a landline written internationally drops the area code's zero
    if _MOBILE.fullmatch(digits):
        return digits
    if _LANDLINE.fullmatch(digits):
        if mobile_only:
            raise Refused("固定电话收不到短信，请填写11位手机号码", field="phone")
        return digits
    raise Refused("电话号码格式不正确，请填写11位手机号码，或带区号的固定电话", field="phone")
