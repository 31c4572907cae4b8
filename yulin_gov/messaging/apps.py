from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "yulin_gov.messaging"
    label = "messaging"
    verbose_name = "消息通道"

    def ready(self) -> None:
        from yulin_gov.messaging import checks  # noqa: F401 - registers the system checks
