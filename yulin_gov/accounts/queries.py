"""Finding accounts."""

from .fields import phone_lookup
from .models import User


def users_with_phone(phone: str):
    """Accounts with this phone number, in the normal form of `messaging.phones.normal_phone`."""
    return User.objects.filter(phone_index=phone_lookup(phone)) if phone else User.objects.none()
