"""What callers of the Python API may give: paths, volumes, one or several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike

GivenPath = str | PathLike[str]
GivenVolume = str | int | tuple[int, ...]
Input = GivenVolume | Mapping[str, GivenVolume] | None
"""Another volume for the only input, or one for each input that is named."""


def listed(given: GivenPath | Iterable[GivenPath]) -> list[str]:
    """One text or path, or several, as a list of texts."""
    several = (given,) if isinstance(given, str | PathLike) else given
    return [str(one) for one in several]
