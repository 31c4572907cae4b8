from django.core.management.base import BaseCommand, CommandError

from yulin_gov.privacy.rotation import columns, rotate, under_old_keys


class Command(BaseCommand):
    help = "把加密数据全部改用最新主密钥（PRIVACY_KEYS 的第一把）加密；可随时中断后重新运行。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help="只检查，尚有旧密钥数据时以非零状态退出")

    def handle(self, *args, check: bool, **options) -> None:
        if check:
            self._check()
        else:
            self._rotate()

    def _check(self) -> None:
        old = {column.label: under_old_keys(column).count() for column in columns()}
        for label, count in old.items():
            self.stdout.write(f"{label}：{count} 行使用旧密钥")
        if any(old.values()):
            raise CommandError("尚有数据使用旧密钥，请先运行 rotate_privacy_keys。")

    def _rotate(self) -> None:
        failed = False
        for column, rewritten, unreadable in rotate():
            self.stdout.write(f"{column.label}：已更换 {rewritten} 行")
            if unreadable:
                failed = True
                shown = "、".join(str(key) for key in unreadable[:20])
                self.stderr.write(f"{column.label}：{len(unreadable)} 行无法用现有密钥打开（{shown}）")
        if failed:
            raise CommandError("部分数据无法打开，请找回对应的旧密钥后重试。")
        self.stdout.write("全部数据已使用最新密钥。请保留 PRIVACY_KEYS 的最后一把，它还用于检索。")
