"""What is encrypted opens with any key still listed, and with nothing else."""

import pytest

from yulin_gov.privacy.keys import Unreadable, blind_index, decrypt, encrypt, newest_header


@pytest.fixture(autouse=True)
def keys(settings):
    settings.PRIVACY_KEYS = ["second", "first"]


def test_the_same_text_is_never_the_same_twice():
    assert encrypt(b"13812345678", "phone") != encrypt(b"13812345678", "phone")
    assert encrypt(b"13812345678", "phone").startswith(newest_header())


def test_old_keys_still_decrypt_and_the_newest_encrypts(settings):
    settings.PRIVACY_KEYS = ["first"]
    old = encrypt(b"secret", "x")
    settings.PRIVACY_KEYS = ["second", "first"]
    assert decrypt(old, "x") == b"secret"
    new = encrypt(b"secret", "x")
    settings.PRIVACY_KEYS = ["second"]
    assert decrypt(new, "x") == b"secret"
    with pytest.raises(Unreadable):
        decrypt(old, "x")


def test_a_changed_byte_or_another_context_is_noticed():
    blob = encrypt(b"secret", "x")
    for position in range(len(blob)):
        changed = bytearray(blob)
        changed[position] ^= 1
        with pytest.raises(Unreadable):
            decrypt(bytes(changed), "x")
    with pytest.raises(Unreadable):
        decrypt(blob, "y")
    with pytest.raises(Unreadable):
        decrypt(b"", "x")
    with pytest.raises(Unreadable):
        decrypt(blob[:8], "x")


def test_a_blind_index_finds_equals_survives_rotation_and_separates_purposes(settings):
    index = blind_index("13812345678", "phone")
    assert len(index) == 64
    assert index != blind_index("13812345679", "phone")
    assert index != blind_index("13812345678", "id_number")
    settings.PRIVACY_KEYS = ["third", "first"]
    assert index == blind_index("13812345678", "phone")
