"""Text as people type it, made storable and countable."""

import re

from django import forms

# Control characters nobody types and some file formats refuse; NUL is left in, to be refused in words.
_INVISIBLE = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


class PlainText(forms.CharField):
    """Several lines. Line breaks count as one character each, as the reader counts them."""

    widget = forms.Textarea

    def widget_attrs(self, widget) -> dict:
        # A browser's maxlength cuts pasted text without a word, and counts 𠮷 twice.
        return {}

    def to_python(self, value):
        text = super().to_python(value)
        text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
        return text.strip() if self.strip else text


class OneLine(forms.CharField):
    """One line; blanks of any kind and number between words become one space."""

    def widget_attrs(self, widget) -> dict:
        return {}

    def to_python(self, value):
        return " ".join(_INVISIBLE.sub("", super().to_python(value)).split())
