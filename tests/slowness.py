"""Parameters left out by default, like tests marked `slow`: `[1, 2, *slow(3, 50)]`."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import pytest


def slow(*values: Any) -> list[Any]:
    """Each value as a parameter marked `slow`."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


def slow_but(fast: Container[Any], values: Iterable[Any]) -> list[Any]:
    """All values, in order, those that are not in `fast` marked `slow`."""
    return [item for value in values for item in ([value] if value in fast else slow(value))]
