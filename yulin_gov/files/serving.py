"""Handing a stored file out. Whether somebody may have it is decided by the view that calls this."""

import logging

from django.http import FileResponse, Http404

from .enums import FileKind
from .models import StoredFile

log = logging.getLogger(__name__)


def file_response(stored: StoredFile, *, inline: bool = False) -> FileResponse:
    """The file as a download, or shown by the browser (`inline`: only PDF and pictures).

    The headers keep a browser from guessing a type and from running, framing or caching anything.
    Http404 if the storage lost the content.
    """
    kind = FileKind(stored.kind)
    try:
        content = stored.open()
    except FileNotFoundError:
        log.error("the content of stored file %s is missing: %s", stored.pk, stored.name)
        raise Http404("文件不存在") from None
    shown = inline and kind.shows_inline
    response = FileResponse(
        content, as_attachment=not shown, filename=stored.original_name, content_type=kind.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _policy(kind)
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def _policy(kind: FileKind) -> str:
    # The browsers' own PDF viewers are plug-ins: they open neither in a sandbox nor without object-src.
    rest = "object-src 'self'" if kind == FileKind.PDF else "sandbox"
    return f"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; {rest}"
