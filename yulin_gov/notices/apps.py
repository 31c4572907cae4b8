from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "yulin_gov.notices"
    label = "notices"
    verbose_name = "提醒"
