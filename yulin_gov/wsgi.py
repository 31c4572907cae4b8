"""What gunicorn serves."""

import os
import threading
from collections.abc import Iterable

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yulin_gov.settings")
_django = get_wsgi_application()
# What browsers send, and what Chinese programs may.
_CHARSETS = {"utf-8", "utf8", "us-ascii", "iso-8859-1", "gbk", "gb2312", "gb18030"}


def application(environ: dict, start_response) -> Iterable[bytes]:
    """Django, behind a look at the charset that the request claims.

    Django decodes by any codec of Python's, and does so before its first middleware; some decode
    no text (rot13, hex), and with them anybody could make errors. Unknown ones count as not said.
    """
    content_type, claim, charset = environ.get("CONTENT_TYPE", "").partition("charset=")
    if claim and charset.partition(";")[0].strip(' "').lower() not in _CHARSETS:
        environ["CONTENT_TYPE"] = content_type.rstrip("; ")
    return _django(environ, start_response)


from yulin_gov.search.segmentation import warm  # noqa: E402 - needs the settings

# The dictionary of the search takes a second to load; the first visitor should not wait for it.
threading.Thread(target=warm, daemon=True).start()
