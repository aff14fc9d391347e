"""Volumes: what flows between layers. Batch is no part of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import prod

_TEXT = re.compile(r"[0-9]{1,19}(x[0-9]{1,19})*", re.IGNORECASE)

MAX_SPATIAL_AXES = 3
LARGEST_NUMBER = 2**63 - 1


class NoVolume(ValueError):
    """Axes that make no volume; the message can be shown to a user."""


class Volume(tuple[int, ...]):
    """Spatial axes, then channels: `(55, 55, 96)`; a vector has channels only: `(4096,)`.

    Raises `NoVolume` where an axis is not from 1 to 2**63 - 1.
    """

    __slots__ = ()

    def __new__(cls, axes: Iterable[int]) -> Volume:
        volume = super().__new__(cls, axes)
        if not volume:
            raise NoVolume("a volume has at least one axis")
        if len(volume) > MAX_SPATIAL_AXES + 1:
            raise NoVolume(
                f"{len(volume)} axes; a volume has at most {MAX_SPATIAL_AXES} spatial axes "
                "and its channels"
            )
        for axis in volume:
            if axis < 1:
                raise NoVolume(f"an axis of {axis}; every axis of a volume is 1 or more")
            if axis > LARGEST_NUMBER:
                raise NoVolume("an axis of 2**63 or more")
        return volume

    @classmethod
    def parse(cls, text: str) -> Volume:
        """Read `227x227x3`, height x width x channels."""
        compact = text.replace(" ", "")
        if not _TEXT.fullmatch(compact):
            raise NoVolume(f"`{text}` is not a volume such as 227x227x3")
        return cls(int(axis) for axis in compact.lower().split("x"))

    @property
    def spatial(self) -> tuple[int, ...]:
        return self[:-1]

    @property
    def rank(self) -> int:
        """Number of spatial axes: 0 for a vector."""
        return len(self) - 1

    @property
    def channels(self) -> int:
        return self[-1]

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self)

    def with_channels(self, channels: int) -> Volume:
        return Volume((*self[:-1], channels))

    def __str__(self) -> str:
        return "x".join(map(str, self))
