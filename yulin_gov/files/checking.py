"""What a file is, by its content alone, and whether it may come in.

Nothing a sender says is believed: not the name, not the announced type, not the sizes inside. Every
refusal is a sentence that says what to do. This does not replace a virus scanner on the clients.
"""

import re
from typing import NamedTuple

from django.core.files import File

from yulin_gov.refused import Refused

from .archives import Archive
from .enums import FileKind
from .limits import MAX_BYTES, MEGABYTE, Budget
from .names import clean_name
from .pictures import check_picture, clean_picture

ALLOWED = "、".join(kind.value for kind in FileKind)

_SIGNATURES = {
    b"%PDF-": FileKind.PDF,
    b"\x89PNG\r\n\x1a\n": FileKind.PNG,
    b"\xff\xd8\xff": FileKind.JPG,
}
_ZIP, _EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
# What people try in good faith, and what they can do instead.
_ADVICE = {
    b"\xd0\xcf\x11\xe0": "这是旧版或加了密码的 Office 文件，请取消密码并另存为 docx、xlsx 或 pdf 后重新上传。",
    b"Rar!": "不支持 rar 压缩包，请改用 zip 格式重新打包。",
    b"7z\xbc\xaf": "不支持 7z 压缩包，请改用 zip 格式重新打包。",
    b"GIF8": "不支持 gif 图片，请转换为 jpg 或 png 后重新上传。",
    b"BM": "不支持 bmp 图片，请转换为 jpg 或 png 后重新上传。",
    b"II*\x00": "不支持 tiff 图片，请转换为 jpg、png 或 pdf 后重新上传。",
    b"MZ": "不能上传程序文件。",
    b"\x7fELF": "不能上传程序文件。",
}
_PDF_ENCRYPTED = re.compile(rb"/Encrypt(?:\s+\d+\s+\d+\s+R|\s*<<)")
_PDF_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia)(?=[\s/(<\[])")


class CheckedFile(NamedTuple):
    """A file that may be stored: what it is, how it is called, and its (cleaned) content."""

    kind: FileKind
    name: str
    content: bytes


def check_upload(upload: File) -> CheckedFile:
    """Look through an uploaded file. Raises Refused with a sentence for everything not allowed."""
    upload.seek(0)
    data = upload.read(MAX_BYTES + 1)
    if not data:
        raise Refused("文件是空的（0 字节），请检查后重新上传。")
    if len(data) > MAX_BYTES:
        raise Refused(f"文件超过 {MAX_BYTES // MEGABYTE} MB，请压缩或拆分后重新上传。")
    kind = _check_content(data, Budget())
    name = clean_name(upload.name or "", kind)
    if kind in (FileKind.JPG, FileKind.PNG):
        data = clean_picture(data, kind)
    return CheckedFile(kind, name, data)


def _check_content(data: bytes, budget: Budget, inside: str = "") -> FileKind:
    """The kind of `data`, looked through; `inside` names the file where it lies in an archive."""
    if data.startswith(_EMPTY_ZIP):
        raise Refused("压缩包是空的，请放入文件后重新上传。")
    if data.startswith(_ZIP):
        return _check_zip(data, budget, inside)
    kind = next((kind for mark, kind in _SIGNATURES.items() if data.startswith(mark)), None)
    if kind is None:
        raise _not_allowed(data, inside)
    if kind == FileKind.PDF:
        _check_pdf(data)
    elif inside:  # otherwise it is decoded once, when it is cleaned
        check_picture(data, kind)
    return kind


def _check_zip(data: bytes, budget: Budget, inside: str) -> FileKind:
    archive = Archive(data, budget)
    if archive.kind != FileKind.ZIP:
        archive.check_package()
        return archive.kind
    if inside:
        raise Refused(f"压缩包内还有压缩包“{inside}”，请解开后重新打包上传。")
    for name, content in archive.read_all():
        if not content:
            raise Refused(f"压缩包内的“{name}”是空文件，请删除后重新打包。")
        kind = _check_content(content, budget, inside=name)
        try:
            clean_name(name, kind)
        except Refused as refusal:
            raise Refused(f"压缩包内的“{name}”有问题：{refusal.sentence}") from refusal
    return FileKind.ZIP


def _check_pdf(data: bytes) -> None:
    if b"%%EOF" not in data[-2048:] or b"startxref" not in data[-4096:]:
        raise Refused("PDF 文件不完整或已损坏，请重新导出后上传。")
    if _PDF_ENCRYPTED.search(data):
        raise Refused("PDF 文件设有密码或权限限制，请取消后重新上传。")
    if _PDF_ACTIVE.search(data):
        raise Refused("PDF 文件中含有脚本或可执行内容，请重新打印为 PDF 后上传。")


def _not_allowed(data: bytes, inside: str) -> Refused:
    where = f"压缩包内的“{inside}”不能上传：" if inside else ""
    advice = next((said for mark, said in _ADVICE.items() if data.startswith(mark)), None)
    if data[4:8] == b"ftyp":
        advice = "不支持视频和 heic 图片，图片请转换为 jpg 后重新上传。"
    return Refused(where + (advice or f"不支持这种文件，只能上传 {ALLOWED}。"))
