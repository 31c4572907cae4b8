from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "yulin_gov.files"
    label = "files"
    verbose_name = "文件"
