"""The roles a position can carry: a closed vocabulary that apps extend when they start.

Work is bound to unit + role; a role nobody registered can therefore not be written anywhere.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.core.exceptions import ValidationError

_roles: dict[str, str] = {
    "head": "主要负责人",
    "leader": "分管领导",
    "office_head": "办公室主任",
    "registrar": "收发员",
    "drafter": "承办人",
    "reviewer": "审核人",
    "seal_keeper": "印章管理员",
    "archivist": "档案员",
    "window_clerk": "窗口受理员",
    "approver": "审批人",
    "cashier": "收费员",
    "letter_clerk": "信件管理员",
    "coordinator": "协调员",
    "editor": "编辑",
    "chief_editor": "总编",
    "inspector": "举报受理员",
    "supervisor": "监察员",
}
# Read-only view: key → Chinese label, in the order of registration.
ROLES: Mapping[str, str] = MappingProxyType(_roles)


def register_role(key: str, label: str) -> None:
    """Add a role, from an app's `AppConfig.ready()`. The same registration twice is harmless.

    Raises ValueError when the key is malformed or already means something else.
    """
    if not key.isidentifier() or not key.islower() or len(key) > 32:
        raise ValueError(f"not a role key: {key!r}")
    if _roles.setdefault(key, label) != label:
        raise ValueError(f"role {key!r} already means {_roles[key]}")


def role_label(key: str) -> str:
    """The role's Chinese name, or the key itself where it is no longer registered."""
    return _roles.get(key, key)


def validate_roles(keys: Iterable[str]) -> None:
    """Model validator: every key is registered."""
    unknown = [key for key in keys if key not in _roles]
    if unknown:
        raise ValidationError("没有这样的角色：%(keys)s。", params={"keys": "、".join(unknown)})
