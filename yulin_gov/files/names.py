"""The name a file came with: kept for people to read, never used as a path."""

import re
import unicodedata
from pathlib import PurePosixPath

from yulin_gov.refused import Refused

from .enums import FileKind
from .limits import MAX_NAME

_ALIASES = {"jpeg": FileKind.JPG, "jpe": FileKind.JPG}


def clean_name(name: str, kind: FileKind) -> str:
    """`name` without path, control and direction characters, ending in the extension of `kind`.

    Refused where the name claims another type than the content has.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    # Cc: control, Cf: invisible, the right-to-left trick among them; Cs: halves of characters.
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    name = re.sub(r'[<>:"|?*\s]+', " ", name).strip(" .")
    claimed = PurePosixPath(name).suffix.removeprefix(".").lower()
    stem = name[: -len(claimed) - 1] if claimed else name
    if claimed and _ALIASES.get(claimed, claimed) != kind:
        if re.fullmatch(r"[a-z][a-z0-9]{0,4}|7z", claimed):
            raise Refused(
                f"文件名以“.{claimed}”结尾，内容却是{kind.label}，请核对文件或改正文件名后重新上传。"
            )
        stem = name  # a dot in a title, not an extension
    stem = stem.strip(" .")[: MAX_NAME - len(kind) - 1] or "未命名"
    return f"{stem}.{kind.value}"
