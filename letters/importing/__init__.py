"""Reading files of letters that were handled elsewhere."""

from .reading import read_table
from .rows import LetterRow, parse_row

__all__ = ["LetterRow", "parse_row", "read_table"]
