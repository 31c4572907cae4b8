"""Showing why something was found: `<mark>` around the words, everything else escaped."""

import re
from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from yulin_gov.search.segmentation import fold

SHOWN = 160  # characters of an excerpt
BEFORE = 40  # of these, before the first word found


def highlight(text: str, needles: Iterable[str]) -> SafeString:
    """`text` as HTML with every one of the folded `needles` marked."""
    html, end = [], 0
    for match in _pattern(needles).finditer(fold(text)):
        html += [escape(text[end : match.start()]), "<mark>", escape(text[slice(*match.span())]), "</mark>"]
        end = match.end()
    html.append(escape(text[end:]))
    return mark_safe("".join(html))  # every part is escaped above


def excerpt(text: str, needles: Iterable[str]) -> SafeString:
    """The piece of `text` around the first word found, as HTML; its beginning if there is none."""
    needles = tuple(needles)
    match = _pattern(needles).search(fold(text))
    start = max(match.start() - BEFORE, 0) if match else 0
    shown = highlight(text[start : start + SHOWN], needles)
    return mark_safe(f"{'…' if start else ''}{shown}{'…' if len(text) > start + SHOWN else ''}")


def _pattern(needles: Iterable[str]) -> re.Pattern:
    """Longest first, so that “物业管理” is marked whole; a space in a phrase stands for any character."""
    longest_first = sorted(needles, key=len, reverse=True)
    words = (".".join(map(re.escape, needle.split(" "))) for needle in longest_first)
    return re.compile("|".join(words), re.DOTALL)
