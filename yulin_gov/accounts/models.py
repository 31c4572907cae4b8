"""Users, and the audit log. What a user may do follows from positions, never from flags here."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from yulin_gov.privacy.fields import EncryptedTextField

from .enums import UserKind
from .fields import PhoneIndexField


class UserManager(BaseUserManager):
    """Makes users without side effects; `actions.create_user` is the door people use."""

    def create_user(self, username: str, password: str | None = None, **fields) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *args, **kwargs):
        raise ValidationError("本平台不设超级用户，请任命系统、安全、审计管理员。")

    def get_by_natural_key(self, username: str) -> "User":
        return self.get(username=self.model.normalize_username(username))


class User(AbstractBaseUser, PermissionsMixin):
    """A person: a citizen with an account, or somebody who works for the city.

    Staff and citizens are different accounts even for the same person, because an official
    writing to the government privately does not do so in office.
    """

    username = models.CharField(
        "账号",
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[\w.@+-]+\Z", "账号只能包含文字、数字和 . @ + - _。")],
        error_messages={"unique": "该账号已被使用。"},
    )
    full_name = models.CharField("姓名", max_length=60)
    kind = models.CharField("类别", max_length=10, choices=UserKind.choices, default=UserKind.CITIZEN)
    phone = EncryptedTextField("手机号码", blank=True, default="")
    phone_index = PhoneIndexField("手机号码索引")
    email = models.EmailField("电子邮箱", blank=True, default="")
    must_change_password = models.BooleanField("登录后须修改密码", default=False)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    is_active = models.BooleanField("启用", default=True, help_text="停用后不能登录，已登录的立即失效。")
    joined_at = models.DateTimeField("开户时间", default=timezone.now, editable=False)
    left_at = models.DateTimeField("离职时间", null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_superuser=False),
                name="accounts_no_superuser",
                violation_error_message="本平台不设超级用户。",
            ),
            # Lockout counts failures by username: two spellings of one account would double the tries.
            models.CheckConstraint(
                condition=models.Q(username=Lower("username")),
                name="accounts_username_lower",
                violation_error_message="账号中的字母须为小写。",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=UserKind.values), name="accounts_user_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return super().normalize_username(username or "").strip().lower()

    def clean(self) -> None:
        super().clean()
        self.username = self.normalize_username(self.username)

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    @property
    def is_official(self) -> bool:
        """Works for the city; what they may do there is decided by their capacities."""
        return self.kind == UserKind.STAFF

    @property
    def is_staff(self) -> bool:
        """Always false: Django's own admin site is closed; ours asks the administrator's position."""
        return False


class AuditEvent(models.Model):
    """Something worth proving later that is not about a case. Only ever added to (see 0002)."""

    at = models.DateTimeField("时间", default=timezone.now)
    actor = models.ForeignKey(
        User, verbose_name="操作人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verb = models.CharField("行为", max_length=80)
    subject = models.CharField("对象", max_length=200, blank=True, default="")
    data = models.JSONField("详情", default=dict, blank=True)
    ip = models.GenericIPAddressField("来源地址", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["-at"], name="accounts_audit_at"),
            models.Index(fields=["actor", "-id"], name="accounts_audit_actor"),
            models.Index(fields=["verb", "-id"], name="accounts_audit_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}".strip()
