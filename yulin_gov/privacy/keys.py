"""The keys that encrypt at rest, and the keyed hash for looking encrypted values up.

`settings.PRIVACY_KEYS` holds master secrets, newest first. The newest encrypts; every one still
listed decrypts, because each sealed value names its key by a fingerprint. To rotate: put a new
secret in front, restart, run `manage.py rotate_privacy_keys`; then old secrets may be taken out,
except the last of the list: `blind_index` hangs on it, so that lookups survive a rotation.
"""

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_FORMAT = b"\x01"
_NONCE = 12  # bytes
HEADER = 5  # bytes: the format and the master key's fingerprint


class Unreadable(Exception):
    """A sealed value that no configured key opens, or that was tampered with."""


def encrypt(plain: bytes, context: str) -> bytes:
    """Seal `plain` under the newest master key. `context` must be given again to open it."""
    secret = settings.PRIVACY_KEYS[0]
    return _fingerprint(secret) + encrypt_with(_derive(secret, "encrypt"), plain, context)


def decrypt(blob: bytes, context: str) -> bytes:
    """Open what `encrypt` sealed under any master key still listed. Unreadable otherwise."""
    header, body = blob[:HEADER], blob[HEADER:]
    for secret in settings.PRIVACY_KEYS:
        if _fingerprint(secret) == header:
            return decrypt_with(_derive(secret, "encrypt"), body, context)
    raise Unreadable("no key in PRIVACY_KEYS has the fingerprint of this value")


def newest_header() -> bytes:
    """The first bytes of everything sealed under the newest master key."""
    return _fingerprint(settings.PRIVACY_KEYS[0])


def encrypt_with(key: bytes, plain: bytes, context: str) -> bytes:
    """AES-256-GCM with a random nonce in front."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def decrypt_with(key: bytes, blob: bytes, context: str) -> bytes:
    """Open what `encrypt_with` sealed. Unreadable for another key or context, or a changed byte."""
    try:
        return AESGCM(key).decrypt(blob[:_NONCE], blob[_NONCE:], context.encode())
    except (InvalidTag, ValueError) as error:
        raise Unreadable("this value was sealed with another key or has been changed") from error


def blind_index(value: str, purpose: str) -> str:
    """A keyed hash (64 hex digits) to find an encrypted `value` by equality.

    `purpose` (such as "phone") keeps equal values of different columns apart. Normalise first:
    the hash sees every space.
    """
    key = _derive(settings.PRIVACY_KEYS[-1], f"index:{purpose}")
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=64)
def _derive(secret: str, use: str) -> bytes:
    """A 256-bit key for one use, so that no key ever serves two."""
    return HKDF(SHA256(), 32, salt=None, info=f"yulin_gov.privacy:{use}".encode()).derive(secret.encode())


def _fingerprint(secret: str) -> bytes:
    return _FORMAT + _derive(secret, "fingerprint")[: HEADER - len(_FORMAT)]
