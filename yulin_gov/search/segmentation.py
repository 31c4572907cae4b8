"""Cutting Chinese text into words.

Text and query are cut at different times and in different surroundings, so that the same word
may be cut differently. A query is cut once, into the likeliest words. A text yields all by which
it may be asked for, each with the offset of its first character: every word of the dictionary
that stands in it, overlapping or not; jieba's guesses for unknown words; the single characters
where the dictionary knows nothing; and for titles also every single character and every pair, so
that any piece of a title finds it.
"""

import logging
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.conf import settings

LONGEST_WORD = 64
# A run is what jieba may cut: Chinese characters, or Latin letters and digits.
_RUNS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|\S")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# Letters, numbers and symbols such as emoji are words; punctuation and control characters not.
_WORD_CATEGORIES = {"L", "N"}


class Token(NamedTuple):
    word: str
    offset: int  # in characters


@cache
def _tokenizer():
    import jieba  # takes about a second with its dictionary: only where something is cut

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    # Its cache is trusted code: not in a directory that everybody may write to.
    folder = settings.DATA_DIR / "jieba"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tokenizer.tmp_dir = str(folder)
    tokenizer.initialize()
    return tokenizer


def warm() -> None:
    """Load the dictionary now (about a second), for processes that are about to cut text."""
    _tokenizer()


@cache
def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character


def fold(text: str) -> str:
    """Lower case, full width to half width; character by character, so that offsets stay true."""
    return "".join(map(_fold_character, text))


def clean(text: str) -> str:
    """Without what PostgreSQL cannot store: NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def is_han(word: str) -> bool:
    return _HAN.match(word) is not None


def runs(folded: str) -> Iterator[Token]:
    """The pieces of `folded` text without punctuation and spaces."""
    for match in _RUNS.finditer(folded):
        run = match.group()
        category = unicodedata.category(run[0])
        if category[0] in _WORD_CATEGORIES or category == "So":
            yield Token(run, match.start())


def words(folded: str) -> list[Token]:
    """One cutting without overlaps: what a person would call the words of a query."""
    found = []
    for run, start in runs(folded):
        parts = _with_guesses(pieces(run)) if is_han(run) else [run]
        found += [Token(word, offset) for word, offset in _placed(parts, start)]
    return found


def pieces(run: str) -> list[str]:
    """What the dictionary alone makes of Chinese characters; unknown words fall to pieces."""
    return _likeliest(run, _tokenizer().get_DAG(run))


def tokens(text: str, *, every_piece: bool = False) -> set[tuple[str, int]]:
    """Everything by which `text` shall be found, with offsets; `every_piece` is meant for titles."""
    found = set()
    for run, start in runs(fold(text)):
        if not is_han(run):
            found.update(_placed([run], start))
            continue
        graph = _tokenizer().get_DAG(run)  # where a word begins → where one may end
        for begin, ends in graph.items():
            found.update([(run[begin : end + 1], start + begin) for end in ends if end > begin])
        parts = _likeliest(run, graph)
        found.update(_placed(parts, start))
        found.update(_placed(_with_guesses(parts), start))
        if every_piece:
            found.update((run[at : at + n], start + at) for n in (1, 2) for at in range(len(run) - n + 1))
    return found


def _likeliest(run: str, graph: dict[int, list[int]]) -> list[str]:
    route = {}
    _tokenizer().calc(run, graph, route)
    parts, begin = [], 0
    while begin < len(run):
        end = route[begin][1] + 1
        parts.append(run[begin:end])
        begin = end
    return parts


def _placed(parts: list[str], start: int) -> list[tuple[str, int]]:
    placed = []
    for part in parts:
        placed.append((part[:LONGEST_WORD], start))
        start += len(part)
    return placed


def _with_guesses(parts: list[str]) -> list[str]:
    """The same cutting, with jieba's guesses where the dictionary left single characters.

    As jieba does it; done here, the costly first half is shared by all ways of cutting.
    """
    found = []
    for single, group in groupby(parts, key=lambda part: len(part) == 1):
        same = list(group)
        found += _guess("".join(same)) if single else same
    return found


# The same few leftovers make up most of them.
@lru_cache(maxsize=50_000)
def _guess(characters: str) -> tuple[str, ...]:
    from jieba import finalseg

    return tuple(finalseg.cut(characters)) if len(characters) > 1 else (characters,)


def segment(text: str) -> list[str]:
    """The distinct words by which `text` is found, in the order of their first appearance."""
    return list(dict.fromkeys(word for word, _ in sorted(tokens(text), key=itemgetter(1))))
