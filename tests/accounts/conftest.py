import pytest


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """What is proven here is who gets in, not how slow guessing is."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
