"""Inputs that look like another framework's, and what is written for them here: height x width x
channels, without the batch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cnncalc.volume import MAX_SPATIAL_AXES, NoVolume, Volume

BATCH, CHANNELS_FIRST, NO_CHANNELS = "batch", "channels first", "no channels"

COLOURS = 3
OTHERS = (1, 4)
"""Channels of pictures in grey, and of those with transparency or of four frames."""

SHORTEST = 16
"""Pixels along an axis from which on it is taken for one of a picture."""

SMALLEST_FRAME = 96
"""Pixels along the shorter side of a picture that is not square."""
_FRAMES = ((4, 3), (3, 2), (16, 9))

_NO_NUMBERS = ("none", "null", "~", "n", "b", "bs", "batch", "batch_size", "?", "-1")
"""How a batch of any size is written."""

_AXES = ("depth", "length", "height", "width", "channels")


class Meant(NamedTuple):
    """The volume that an input was probably meant to be, and what about it is unusual here."""

    volume: Volume
    because: str
    batch: int | None = None

    @property
    def help(self) -> str:
        if self.because == NO_CHANNELS:
            return f"volumes end with the channels: is the input {self.volume}?"
        if self.because == CHANNELS_FIRST:
            return f"volumes are height x width x channels: is the input {self.volume}?"
        batch = f" (`--batch {self.batch}` counts for a batch)" if (self.batch or 1) > 1 else ""
        return f"the batch is no part of a volume: is the input {self.volume}?{batch}"


def meant(volume: Volume) -> Meant | None:
    """What a volume that looks like another framework's was meant to be; None for others.

    A batch is taken for one in front of a picture, a picture for one by its channels, of which
    there are 1, 3 or 4, and its sides.
    """
    if volume.rank == 3:
        batch, *picture = volume
        if looks_channels_first(Volume(picture)):
            return Meant(Volume((*picture[1:], picture[0])), BATCH, batch)
    if looks_channels_first(volume):
        return Meant(Volume((*volume[1:], volume[0])), CHANNELS_FIRST)
    if volume.rank == 3 and _is_picture(Volume(volume[1:])) and not _is_cube(volume):
        return Meant(Volume(volume[1:]), BATCH, volume[0])
    if volume.rank == 1 and _is_frame(*volume):
        return Meant(Volume((*volume, 1)), NO_CHANNELS)
    return None


def looks_channels_first(volume: Volume) -> bool:
    """A first axis of 3 with long last two, or of 1 or 4 with equal long last two."""
    if volume.rank < 2 or volume[0] not in (COLOURS, *OTHERS) or volume[-2] < SHORTEST:
        return False
    if volume[0] == COLOURS:
        return volume.channels >= SHORTEST
    return volume.channels == volume[-2]


def _is_picture(volume: Volume) -> bool:
    height, width, channels = volume
    return channels in (COLOURS, *OTHERS) and _is_frame(height, width)


def _is_cube(volume: Volume) -> bool:
    """A body in grey, as long as wide. Pictures in colour come in such batches, too."""
    return volume.channels != COLOURS and volume[0] == volume[1]


def _is_frame(height: int, width: int) -> bool:
    """Whether two numbers look like the sides of a picture."""
    if height == width:
        return height >= SHORTEST
    shorter, longer = sorted((height, width))
    return shorter >= SMALLEST_FRAME and any(shorter * a == longer * b for a, b in _FRAMES)


def unreadable(value: object) -> Meant | None:
    """What was meant by an input that is no volume at all: with a batch of any size in front, in
    Python's brackets, with an axis too many, or with its axes by name."""
    if isinstance(value, Mapping):
        by_name = [value[name] for name in _AXES if name in value]
        if len(by_name) < 2 or len(by_name) < len(value):
            return None
        return _of_axes(by_name)
    if isinstance(value, str):
        return _of_axes(re.split(r"\s*[xX×*,]\s*|\s+", value.strip("()[] ")))
    return _of_axes(list(value)) if isinstance(value, Sequence) else None


def _of_axes(axes: Sequence[object]) -> Meant | None:
    words = [str(axis).lower() for axis in axes]
    any_batch = bool(words) and words[0] in _NO_NUMBERS
    one_too_many = len(words) == MAX_SPATIAL_AXES + 2
    numbers = words[1:] if any_batch or one_too_many else words
    if not numbers or not all(word.isascii() and word.isdigit() for word in numbers):
        return None
    try:
        volume = Volume(int(word[:20]) for word in numbers)
    except NoVolume:
        return None
    batch = int(words[0]) if one_too_many and words[0].isdigit() else None
    if any_batch or one_too_many:
        if looks_channels_first(volume):
            volume = Volume((*volume[1:], volume[0]))
        return Meant(volume, BATCH, batch)
    return meant(volume) or Meant(volume, CHANNELS_FIRST)
