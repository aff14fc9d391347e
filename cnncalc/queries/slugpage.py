"""What a page on a diagnostic is made of."""

from __future__ import annotations

from typing import NamedTuple


class SlugPage(NamedTuple):
    """The page of a slug: its meaning in full, and two architecture files."""

    text: str
    bad: str
    good: str
