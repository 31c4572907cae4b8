"""Which city this is: its names for every template, so that another city can run the same code."""

from django.conf import settings
from django.forms.renderers import TemplatesSetting

from yulin_gov.pagecache.page import page_view


def context(request) -> dict:
    """Template context processor: `city` is `settings.CITY`, `demo` says this is a demonstration,
    `page_view` is the reader's choice of large type or contrast, as the page cache knows it."""
    return {"city": settings.CITY, "demo": settings.DEMO, "page_view": page_view(request)}


class FormRenderer(TemplatesSetting):
    """Forms are drawn by our own components, so that every error stands beside its field."""

    field_template_name = "components/field.html"
