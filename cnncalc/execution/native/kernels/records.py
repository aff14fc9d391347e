"""The records that programs hand to kernels: what both sides agree on, and where it is named.

Addresses are absolute, offsets and strides in bytes. A field that a kernel has no use for is 0.
Tables of offsets are 64-bit integers.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

WORD: Final = 8
"""Bytes of an integer of a table."""

Record = np.void
Kind = np.dtype[np.void]

_INTEGER, _FLOAT = np.int64, np.float32

STEP: Kind = np.dtype(
    [
        ("entries", _INTEGER),  # address of the first entry
        ("entry_start", _INTEGER),
        ("entry_stop", _INTEGER),
        ("start", _INTEGER),  # the positions that are this thread's: start, stop
        ("stop", _INTEGER),
        ("block", _INTEGER),  # so many of them for one entry before it is the next one's turn
        ("input_offsets", _INTEGER),  # table: where each position lies, from an entry's `input`
        ("other_offsets", _INTEGER),
        ("output_offsets", _INTEGER),
        ("output_plane", _INTEGER),  # from one plane of an entry's output to its next
        ("other_plane", _INTEGER),
        ("lower", _FLOAT),  # results are held between these two
        ("upper", _FLOAT),
        ("after", _INTEGER),  # a function for what was stored, or 0
        ("after_parameter", _FLOAT),
        ("other_last", _INTEGER),  # whether `other` is added after the function, not before it
        ("ahead", _INTEGER),  # bytes of an entry's `ahead` to fetch for each position
        ("input_row", _INTEGER),  # from one row of the input to the next
        ("output_row", _INTEGER),
        ("other_row", _INTEGER),
        ("spread", _INTEGER),  # from one element of a transform to the next
        ("tables", _INTEGER),  # address of a table that the kernel documents
    ],
    align=True,
)
"""What a thread does in one step: the same for all of its entries."""

ENTRY: Kind = np.dtype(
    [
        ("kernels", _INTEGER),  # table: the kernel for each number of positions up to `largest`
        ("largest", _INTEGER),  # 0: `kernels` is a kernel that takes any number
        ("input", _INTEGER),
        ("weights", _INTEGER),
        ("bias", _INTEGER),
        ("other", _INTEGER),  # a second operand, added to what is computed; or 0
        ("output", _INTEGER),
        ("reads", _INTEGER),  # table: an offset from a position for each thing read there
        ("count", _INTEGER),  # how many
        ("ahead", _INTEGER),  # what will be read next, to be fetched meanwhile
    ],
    align=True,
)
"""One plane or one group of output channels: what differs between the entries of a step."""

PART: Kind = np.dtype([("function", _INTEGER), ("record", _INTEGER)])
"""What a thread does without waiting for others; a list of them ends with a function 0."""

PIXELS: Kind = np.dtype([("rows", _INTEGER), ("columns", _INTEGER), ("offsets", _INTEGER)])
"""What there is of a tile of Winograd's: at the right and lower edges fewer pixels than m x m, and
where they lie, row by row: rows * columns offsets from the first, of which `offsets` is one."""

CHUNK: Kind = np.dtype(
    [
        ("start", _INTEGER),  # positions of one image, from start up to stop
        ("stop", _INTEGER),
        ("group", _INTEGER),  # bytes to the first group's result for the image
        ("learned", _INTEGER),  # bytes to the vectors of weights and bias for the first position
    ]
)

CHANNELS: Kind = np.dtype(
    [
        ("used", _INTEGER),  # address of a vector: positive where the last plane's lane is used
        ("number", _FLOAT),  # of channels
        ("eps", _FLOAT),
    ],
    align=True,
)

NEIGHBOURS: Kind = np.dtype(
    [
        ("used", _INTEGER),
        ("alpha", _FLOAT),  # y = x·(k + alpha·sum of squares)^exponent, the exponent negative
        ("exponent", _FLOAT),
        ("k", _FLOAT),
        ("size", _INTEGER),  # neighbours in a sum, at least 1
        ("room", _INTEGER),  # address of zeros for squares, a row for each position of a block
        ("row", _INTEGER),  # bytes of a row
        ("start", _INTEGER),  # bytes from a row's start to its first square, whole vectors
        ("before", _INTEGER),  # bytes from the first neighbour to the channel
    ],
    align=True,
)


def record(kind: Kind, **values: Any) -> Record:
    """A record with these values, what is too large for float32 infinite; the other fields 0."""
    made = np.zeros(1, kind)
    with np.errstate(over="ignore"):
        for name, value in values.items():
            made[name] = value
    found: Record = made[0]
    return found
