"""Reading the organisation from a table: see docs/import.md."""

from .importer import Report, import_organization
from .reading import Row, read_rows

__all__ = ["Report", "Row", "import_organization", "read_rows"]
