"""Small files of every kind, honest and otherwise."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
_TYPES = b'<?xml version="1.0"?><Types/>'


def upload(content: bytes, name: str = "附件.pdf") -> SimpleUploadedFile:
    """What a form hands over; the announced type is deliberately a lie."""
    uploaded = SimpleUploadedFile("x", content, content_type="text/html")
    uploaded._name = name  # past Django's own cleaning, as another upload handler might
    return uploaded


def archive(entries: dict[str, bytes], *, method: int = ZIP_DEFLATED) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", method) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return made.getvalue()


def docx(**extra: bytes) -> bytes:
    return archive({"[Content_Types].xml": _TYPES, "word/document.xml": b"<w/>"} | extra)


def ofd() -> bytes:
    return archive({"OFD.xml": b"<OFD/>", "Doc_0/Document.xml": b"<D/>"})


def xlsx() -> bytes:
    made = BytesIO()
    Workbook().save(made)
    return made.getvalue()


def picture(image_format: str = "PNG", mode: str = "RGB", size=(4, 3), **options) -> bytes:
    made = BytesIO()
    Image.new(mode, size, 0).save(made, image_format, **options)
    return made.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of `width` by `height`."""

    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + chunk(b"IEND", b"")
    )


def claiming_size(data: bytes, size: int) -> bytes:
    """An archive whose headers say that each of its entries unfolds to `size` bytes."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        position = data.find(mark)
        while position >= 0:
            struct.pack_into("<I", changed, position + offset, size)
            position = data.find(mark, position + 1)
    return bytes(changed)
