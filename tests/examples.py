"""How many examples a property is tried on: a share of what the profile says."""

from __future__ import annotations

from hypothesis import settings

COMMON = 100
"""Examples of a property that says nothing, unless explored."""


def examples(count: int) -> int:
    """So many, and as many times more as the profile asks for: `max_examples=examples(40)`."""
    return count * settings().max_examples // COMMON
