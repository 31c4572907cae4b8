from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    verbose_name = "电子监察"

    def ready(self) -> None:
        from yulin_gov.casework.menu import MenuEntry, register_menu

        register_menu(MenuEntry("电子监察", "supervision:overdue", lambda c: c.has_role("supervisor")))
