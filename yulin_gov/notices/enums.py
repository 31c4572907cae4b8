from django.db.models import TextChoices


class Channel(TextChoices):
    """The ways a notice reaches somebody."""

    INBOX = "inbox", "站内提醒"
    DESKTOP = "desktop", "桌面弹窗"
    SMS = "sms", "短信"
    EMAIL = "email", "电子邮件"


# Inside channels need an account; outside ones cost money and sleep, so quiet hours hold for them.
INSIDE = (Channel.INBOX, Channel.DESKTOP)
OUTSIDE = (Channel.SMS, Channel.EMAIL)


class DeliveryState(TextChoices):
    """Whether a delivery is still to be made; the last three are final."""

    WAITING = "waiting", "待发送"
    SENT = "sent", "已送达"
    FAILED = "failed", "发送失败"
    DROPPED = "dropped", "不再发送"
