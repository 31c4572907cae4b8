"""Signing in, and choosing a password."""

from django import forms

from .models import User


class SignInForm(forms.Form):
    username = forms.CharField(
        label="账号",
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": "请输入账号。"},
    )
    password = forms.CharField(
        label="密码",
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请输入密码。"},
    )

    def clean_username(self) -> str:
        # Before anything counts failures: two spellings of one account are one account.
        return User.normalize_username(self.cleaned_data["username"])


class PasswordForm(forms.Form):
    old = forms.CharField(
        label="原密码",
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请输入原密码。"},
    )
    new = forms.CharField(
        label="新密码",
        max_length=256,
        strip=False,
        help_text="至少10个字符，不能全是数字，不能是常见密码，也不要与账号相近。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请输入新密码。"},
    )
    again = forms.CharField(
        label="再输一次新密码",
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请再输一次新密码。"},
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        if "new" in cleaned and "again" in cleaned and cleaned["new"] != cleaned["again"]:
            self.add_error("again", "两次输入的新密码不一致。")
        return cleaned
