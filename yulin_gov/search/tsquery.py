"""From what somebody typed to what PostgreSQL can look for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from yulin_gov.search.segmentation import Token, clean, fold, is_han, pieces, words

LONGEST_QUERY = 100  # characters; more says nothing more, but costs more
MOST_WORDS = 12
_PHRASE = re.compile(r'["“”„«»「『]([^"“”„«»「」『』]+)["“”„«»」』]')
# They are in every text or in none; they count only where somebody asks for nothing else.
PARTICLES = {*"的了吗呢啊吧在是和与及或也都我你您他有没把被让给对从到请"} | {
    *("请问", "我们", "你们", "您好", "你好", "怎么", "怎样", "怎么样", "如何", "什么", "为什么"),
    *("哪里", "哪儿", "哪些", "哪个", "多少", "是否", "可以", "没有", "关于"),
}


@dataclass(frozen=True)
class SearchQuery:
    """`broad` needs the index alone; `exact` also looks at positions; `in_title` also at weights.

    All three are tsquery texts of 'simple' lexemes; `needles` is what to highlight, folded.
    """

    broad: str
    exact: str
    in_title: str
    needles: tuple[str, ...]


def parse_query(query: str) -> SearchQuery | None:
    """None where nothing is left to look for. All words must occur; 「“…”」 must occur as it is.

    Operators of tsquery and SQL mean nothing here: only letters, numbers and symbols pass.
    """
    folded = fold(clean(query[: LONGEST_QUERY * 10])[:LONGEST_QUERY])
    phrases = [words(match.group(1)) for match in _PHRASE.finditer(folded)]
    asked = [[word] for word in words(_PHRASE.sub(" ", folded))]
    clauses = [clause for clause in [*phrases, *asked] if clause]
    telling = [clause for clause in clauses if len(clause) > 1 or clause[0].word not in PARTICLES]
    clauses = _distinct(telling or clauses)[:MOST_WORDS]
    if not clauses:
        return None

    def together(lexeme: Callable[[str], str], chain: Callable) -> str:
        return " & ".join(_clause(clause, lexeme, chain) for clause in clauses)

    def titled(word: str) -> str:
        return f"'{word}':A"

    return SearchQuery(
        broad=together("'{}'".format, _all),
        exact=together("'{}'".format, _in_a_row),
        in_title=together(titled, _in_a_row),
        needles=tuple(_span(clause) for clause in clauses),
    )


def _distinct(clauses: list[list[Token]]) -> list[list[Token]]:
    return list({tuple(token.word for token in clause): clause for clause in clauses}.values())


def _span(clause: list[Token]) -> str:
    """The words of a phrase as typed, with what stood between them as spaces."""
    text = clause[0].word
    for before, token in pairwise(clause):
        text += " " * (token.offset - before.offset - len(before.word)) + token.word
    return text


def _clause(clause: list[Token], lexeme: Callable, chain: Callable) -> str:
    """A phrase is its words in a row; a word is itself, or its parts in a row."""
    if len(clause) > 1:
        return f"({chain([(lexeme(token.word), token.offset) for token in clause])})"
    word = clause[0].word
    ways = [lexeme(word)]
    if is_han(word) and len(word) > 1:
        parts = pieces(word)
        if len(parts) > 1:
            offsets = [sum(map(len, parts[:index])) for index in range(len(parts))]
            ways.append(chain([(lexeme(part), offset) for part, offset in zip(parts, offsets, strict=True)]))
        if len(word) > 2:
            # Pairs that are no words stand in titles only, where all of them are enough: to
            # check positions as well would cost far more than it could tell.
            pairs = (lexeme(word[index : index + 2]) for index in range(len(word) - 1))
            ways.append(f"({' & '.join(pairs)})")
    return f"({' | '.join(ways)})"


def _all(lexemes: list[tuple[str, int]]) -> str:
    return f"({' & '.join(lexeme for lexeme, _ in lexemes)})"


def _in_a_row(lexemes: list[tuple[str, int]]) -> str:
    text = lexemes[0][0]
    for (_, before), (lexeme, offset) in pairwise(lexemes):
        text += f" <{offset - before}> {lexeme}"
    return f"({text})"
