from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "yulin_gov.search"
    label = "search"
    verbose_name = "全文检索"
