"""Pictures are decoded and encoded anew: what is not picture does not survive that."""

import warnings
from io import BytesIO

from PIL import Image, ImageOps

from yulin_gov.refused import Refused

from .enums import FileKind
from .limits import MAX_PIXELS

_FORMATS = {FileKind.JPG: "JPEG", FileKind.PNG: "PNG"}
_SAVED = {FileKind.JPG: {"quality": 90, "progressive": True}, FileKind.PNG: {"compress_level": 6}}
_MODES = {FileKind.JPG: ("L", "RGB"), FileKind.PNG: ("1", "L", "LA", "RGB", "RGBA", "I;16")}


def check_picture(data: bytes, kind: FileKind) -> None:
    """Refused unless `data` is a whole picture of a bearable size."""
    _decode(data, kind)


def clean_picture(data: bytes, kind: FileKind) -> bytes:
    """The same picture, upright, without place, device, comments, hidden frames or trailing data."""
    image = _decode(data, kind)
    if "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode not in _MODES[kind]:
        image = image.convert("RGBA" if kind == FileKind.PNG and "A" in image.getbands() else "RGB")
    image.info.clear()  # Pillow would write comments and profiles back
    saved = BytesIO()
    image.save(saved, _FORMATS[kind], **_SAVED[kind])
    return saved.getvalue()


def _decode(data: bytes, kind: FileKind) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound is lower
            image = Image.open(BytesIO(data), formats=[_FORMATS[kind]])
            # The size is in the header: refuse before a single pixel is unfolded.
            if image.width * image.height > MAX_PIXELS:
                raise _too_large()
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return image
    except Image.DecompressionBombError:
        raise _too_large() from None
    except Refused:
        raise
    except Exception as error:  # the decoders raise whatever they stumble over
        raise Refused("图片已损坏，无法打开，请重新拍照或另存后上传。") from error


def _too_large() -> Refused:
    return Refused(f"图片超过 {MAX_PIXELS // 10_000} 万像素，请缩小后重新上传。")
