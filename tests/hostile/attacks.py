"""What people send who mean no good, and what others send by accident."""

from __future__ import annotations

import re
from urllib.parse import quote

SCRIPT = "<script>alert('破')</script><img src=x onerror=alert(1)>"

TEXTS = {
    "nul": "坏\0字符",
    "surrogate": "半个\ud83d字",
    "script": SCRIPT,
    "quotes": "\"'><svg/onload=alert(1)>",
    "sql": "'; DROP TABLE letters_letter; -- \\",
    "tsquery": "路灯 & | ! ( ) <-> :* ' \\ \"",
    "template": "{{ 7|add:7 }}{% debug %}${7*7}%s%n%(x)s{0}",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 3,
    "rare": "𠮷田𪚥𰻝街道路灯不亮",
    "bidi": "\u202e灯路\u2066\u200f\u200b\ufeff路灯",
    "controls": "\x01\x08\x1b[31m\x7f\x85路灯",
    "header": "x\r\nSet-Cookie: hacked=1\r\n\r\n<html>",
    "long": "长" * 10_000,
    "endless": "a" * 1_000_000,
    "huge number": "9" * 5000,
    "bigint": "9223372036854775808",
    "negative": "-1",
    "float": "1e309",
    "digit": "²",
    "arabic digit": "٣",
    "path": "../../../../etc/passwd%00",
    "blank": " \u3000\t\r\n ",
    "empty": "",
}
# All that is unusual but may be said, in one text.
KITCHEN = " ".join(
    TEXTS[name]
    for name in (
        "script",
        "quotes",
        "sql",
        "tsquery",
        "template",
        "emoji",
        "rare",
        "bidi",
        "controls",
        "header",
    )
)
# Those that can break where a value is read, rather than where it is shown.
SHARP = {"kitchen": KITCHEN} | {
    name: TEXTS[name]
    for name in ("nul", "surrogate", "long", "endless", "bigint", "huge number", "digit", "negative", "empty")
}
ARRAY = ["1", "2", "<b>"]

LEAKS = re.compile(
    rb"Traceback|psycopg2|DETAIL:|django\.[a-z]+\.|/work/|site-packages|OperationalError|DataError"
    rb"|<script>alert|onerror=alert\(1\)>|<svg/onload"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")


def encoded(data: dict) -> str:
    """A form's body as bytes on the wire may be: lone surrogates and all."""
    pairs = []
    for name, value in data.items():
        for one in value if isinstance(value, list) else [value]:
            pairs.append(f"{quote(name)}={quote(str(one).encode('utf-8', 'surrogatepass'))}")
    return "&".join(pairs)


FORM = "application/x-www-form-urlencoded"


def fault(response, *, sentence: bool = True) -> str:
    """What is wrong with this answer to bad input; empty where nothing is."""
    if response.status_code >= 500:
        kind, error, _ = getattr(response, "exc_info", None) or (None, "", None)
        return f"{response.status_code}: {kind and kind.__name__}: {str(error)[:200]}"
    body = b"" if response.streaming else response.content
    html = response.headers.get("Content-Type", "").startswith("text/html")
    if html and (leak := LEAKS.search(body)):
        return f"leaks {leak.group()[:60]!r}"
    if any("\n" in value or "\r" in value for _, value in response.items()):
        return "a header with a line break"
    if "hacked" in response.cookies:
        return "a header was injected"
    if response.status_code == 405:
        return "" if response.headers.get("Allow") else "405 without Allow"
    if sentence and response.status_code >= 400 and not _HAN.search(body.decode("utf-8", "replace")):
        return f"{response.status_code} without a sentence"
    return ""


def elsewhere(response) -> bool:
    """Does it lead away from this site?"""
    return bool(re.match(r"\s*(?:[a-z]+:|//|\\|/\\)", response.headers.get("Location", ""), re.I))
