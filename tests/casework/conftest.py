"""Fixtures of casework's tests."""

from .procedures import simple

__all__ = ["simple"]
