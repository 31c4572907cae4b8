"""Fixtures of the letters' tests."""

import pytest

from letters.procedures import publish_default_procedures


@pytest.fixture
def city(city):
    """The cast, with the city's procedure, which a test with real commits may have emptied away."""
    publish_default_procedures()
    return city
