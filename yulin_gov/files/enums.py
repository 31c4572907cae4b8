from django.db import models


class FileKind(models.TextChoices):
    """What may be uploaded. The value is the file name's extension."""

    PDF = "pdf", "PDF 文档"
    OFD = "ofd", "OFD 版式文件"
    DOCX = "docx", "Word 文档"
    XLSX = "xlsx", "Excel 表格"
    JPG = "jpg", "JPG 图片"
    PNG = "png", "PNG 图片"
    ZIP = "zip", "ZIP 压缩包"

    @property
    def content_type(self) -> str:
        return _CONTENT_TYPES[self]

    @property
    def shows_inline(self) -> bool:
        """Whether a browser shows it by itself, without running anything in it."""
        return self in (FileKind.PDF, FileKind.JPG, FileKind.PNG)


_OFFICE = "application/vnd.openxmlformats-officedocument"
_CONTENT_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.OFD: "application/ofd",
    FileKind.DOCX: f"{_OFFICE}.wordprocessingml.document",
    FileKind.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    FileKind.JPG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.ZIP: "application/zip",
}
