"""Whole anonymous pages from process memory.

A view says what its page depends on (`cached_page`, `depends_on`); whoever changes something
says so in the same transaction (`bump`). A page is shown again within a second of the change.
"""

from yulin_gov.pagecache.marking import cached_page, depends_on
from yulin_gov.pagecache.refresher import forget
from yulin_gov.pagecache.versions import bump

__all__ = ["bump", "cached_page", "depends_on", "forget"]
