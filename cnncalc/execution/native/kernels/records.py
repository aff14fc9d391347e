"""The records that programs hand to kernels: named fields of 64 bits each.

The fields are what kernels and programs agree on; both sides name them here and nowhere else.
Addresses are absolute, offsets and strides in bytes. A field that a kernel has no use for is 0.
"""

from __future__ import annotations

from math import copysign, inf
from struct import pack, unpack
from typing import Final

WORD: Final = 8
"""Bytes of a field."""


class Fields:
    """The names of a record's fields, in order."""

    def __init__(self, *names: str) -> None:
        self._places = {name: place for place, name in enumerate(names)}
        self.size = WORD * len(names)

    def offset(self, name: str) -> int:
        """Bytes from the start of a record to a field."""
        return WORD * self._places[name]

    def words(self, **values: int | float) -> list[int]:
        """A record with these values, floats as float32 in the low half; the other fields 0."""
        words = [0] * len(self._places)
        for name, value in values.items():
            words[self._places[name]] = _bits(value) if isinstance(value, float) else int(value)
        return words


def _bits(value: float) -> int:
    try:
        packed = pack("<f", value)
    except OverflowError:
        packed = pack("<f", copysign(inf, value))
    bits: int = unpack("<I", packed)[0]
    return bits


STEP = Fields(
    "entries",  # address of the first entry
    "entry_start",
    "entry_stop",
    "start",  # the positions that are this thread's: start, stop
    "stop",
    "block",  # so many of them for one entry before it is the next one's turn
    "input_offsets",  # address of a table: where each position lies, from an entry's `input`
    "other_offsets",
    "output_offsets",
    "output_plane",  # from one plane of an entry's output to its next
    "other_plane",
    "lower",  # results are held between these two
    "upper",
    "after",  # a function for what was stored, or 0
    "after_parameter",
    "other_last",  # whether `other` is added after the function rather than before it
    "ahead",  # bytes of an entry's `ahead` to fetch for each position
    "input_row",  # from one row of the input to the next
    "output_row",
    "other_row",
    "spread",  # from one element of a transform to the next
    "tables",  # address of a table that the kernel documents
)
"""What a thread does in one step: the same for all of its entries."""

ENTRY = Fields(
    "kernels",  # address of a table: the kernel for each number of positions up to `largest`
    "largest",  # 0: `kernels` is a kernel that takes any number
    "input",
    "weights",
    "bias",
    "other",  # a second operand, added to what is computed; or 0
    "output",
    "reads",  # address of a table: an offset from a position for each thing read there
    "count",  # how many
    "ahead",  # what will be read next, to be fetched meanwhile
)
"""One plane or one group of output channels: what differs between the entries of a step."""
