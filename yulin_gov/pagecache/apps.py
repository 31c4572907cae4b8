from django.apps import AppConfig


class PageCacheConfig(AppConfig):
    name = "yulin_gov.pagecache"
    label = "pagecache"
    verbose_name = "页面缓存"
