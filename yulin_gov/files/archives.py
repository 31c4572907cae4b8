"""Everything that is a ZIP inside: archives, Word, Excel and OFD documents. Nothing is ever extracted."""

import stat
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from yulin_gov.refused import Refused

from .enums import FileKind
from .limits import MAX_BYTES, MAX_ENTRIES, MEGABYTE, Budget

# What a package of each kind must hold.
_MARKS = {
    FileKind.DOCX: {"[Content_Types].xml", "word/document.xml"},
    FileKind.XLSX: {"[Content_Types].xml", "xl/workbook.xml"},
    FileKind.OFD: {"OFD.xml"},
}
_BROKEN = (
    BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1


class Archive:
    """An opened ZIP whose directory has been found harmless; its contents are checked by reading them."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._budget = budget
        try:
            self._zip = ZipFile(BytesIO(data))
        except _BROKEN as error:
            raise _broken() from error
        self.entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        self._check_directory()
        names = {entry.filename for entry in self.entries}
        self.kind = next((kind for kind, marks in _MARKS.items() if marks <= names), FileKind.ZIP)

    def read_all(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of every entry. Refused for a broken one, or one that is not as large as it says."""
        for entry in self.entries:
            yield readable_name(entry), self._read(entry)

    def check_package(self) -> None:
        """For documents: nothing in them runs, and no XML unfolds by entities."""
        for entry in self.entries:
            content = self._read(entry)
            name = entry.filename.lower()
            macros = name == "[content_types].xml" and b"macroEnabled" in content
            if macros or PurePosixPath(name).name == "vbaproject.bin":
                raise Refused("文档中含有宏，请另存为不含宏的格式后重新上传。")
            if name.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in content or b"<!ENTITY" in content):
                raise Refused("文档的内部结构异常，请用办公软件另存后重新上传。")

    def _check_directory(self) -> None:
        if not self.entries:
            raise Refused("压缩包是空的，请放入文件后重新上传。")
        if len(self._zip.infolist()) > MAX_ENTRIES:
            raise Refused(f"压缩包内的文件超过 {MAX_ENTRIES} 个，请分批上传。")
        seen: set[str] = set()
        for entry in self._zip.infolist():
            _check_entry(entry)
            if entry.filename in seen:
                raise Refused(f"压缩包内有两个同名文件“{readable_name(entry)}”，请重新打包后上传。")
            seen.add(entry.filename)
        # What is said may be a lie, but a confessed bomb need not be unfolded.
        self._budget.check(sum(entry.file_size for entry in self.entries))

    def _read(self, entry: ZipInfo) -> bytes:
        chunks = []
        try:
            with self._zip.open(entry) as content:
                while chunk := content.read(MEGABYTE // 4):
                    self._budget.spend(len(chunk))
                    chunks.append(chunk)
        except _BROKEN as error:
            raise _broken() from error
        read = b"".join(chunks)
        if len(read) != entry.file_size:
            raise _broken()
        return read


def readable_name(entry: ZipInfo) -> str:
    """The entry's name for people: programs of Chinese Windows write GBK without saying so."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return entry.filename


def _check_entry(entry: ZipInfo) -> None:
    name = readable_name(entry)
    if entry.flag_bits & _ENCRYPTED:
        raise Refused("压缩包设有密码，工作人员无法打开，请取消密码后重新上传。")
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Refused("压缩包使用了不常见的压缩方式，请用系统自带的压缩功能重新打包。")
    # orig_filename: the library cuts a name at a NUL, other programs may not.
    unsafe = "\x00" in entry.orig_filename or "\\" in entry.orig_filename
    unsafe |= name.startswith("/") or name[1:2] == ":" or ".." in name.split("/") or len(name) > 500
    if unsafe or stat.S_ISLNK(entry.external_attr >> 16):
        raise Refused("压缩包内含有不安全的路径或链接，请重新打包后上传。")
    if entry.file_size > MAX_BYTES * 5:
        raise Refused(f"压缩包内的“{name}”过大，请拆分后重新上传。")


def _broken() -> Refused:
    return Refused("文件已损坏，无法打开，请重新保存或打包后上传。")
