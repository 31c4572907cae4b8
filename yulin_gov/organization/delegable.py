"""Which case kinds a delegation can be limited to. The packages that have kinds name them here."""

from collections.abc import Mapping
from types import MappingProxyType

_kinds: dict[str, str] = {}
# Read-only view: case kind key → Chinese label, in the order of registration.
DELEGABLE_KINDS: Mapping[str, str] = MappingProxyType(_kinds)


def register_delegable_kind(key: str, label: str) -> None:
    """Offer this case kind when a position is delegated; the same again is harmless."""
    _kinds[key] = label


def kind_labels(keys) -> str:
    """“群众来信、发文”, or “全部办件” for an unlimited delegation."""
    return "、".join(_kinds.get(key, key) for key in keys) or "全部办件"
