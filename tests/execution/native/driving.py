"""Kernels driven one by one, on arrays [positions][lanes], without a program around them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cnncalc.execution.native.host import host, narrowed
from cnncalc.execution.native.kernels import records
from cnncalc.execution.native.kernels.records import ENTRY, STEP, Kind
from cnncalc.execution.native.library import Library, library
from tests.slowness import slow_but

OWN = host().lanes

LANES = slow_but([OWN], [lanes for lanes in (4, 8, 16) if lanes <= OWN])
"""As parameters: this machine's own, and those that narrower ones have."""

LINE = 64

Floats = npt.NDArray[np.float32]


def of(lanes: int) -> Library:
    """The kernels as a processor with so many lanes has them; compiled once in a process."""
    return library(narrowed(host(), lanes))


def aligned(numbers: npt.ArrayLike) -> Floats:
    """A copy that begins at a line of cache."""
    array = np.asarray(numbers, np.float32)
    room = np.empty(array.nbytes + LINE, np.uint8)
    place = room[-room.ctypes.data % LINE :][: array.nbytes].view(np.float32)
    place[:] = array.reshape(-1)
    return place.reshape(array.shape)


def bytes_of(positions: npt.ArrayLike, lanes: int) -> npt.NDArray[np.int64]:
    """Offsets of positions within a plane."""
    return np.asarray(positions, np.int64) * 4 * lanes


def record(kind: Kind, values: dict[str, Any]) -> records.Record:
    """A record, with addresses for arrays."""
    return records.record(kind, **{
        name: value.ctypes.data if isinstance(value, np.ndarray) else value
        for name, value in values.items()
    })  # fmt: skip


def table(made: Sequence[records.Record]) -> npt.NDArray[np.void]:
    """Records one after the other."""
    return np.array(made, made[0].dtype)


def drive(
    lanes: int, kernel: str, positions: int, entries: Sequence[dict[str, Any]], **step: Any
) -> None:
    """One thread's step: a kernel for some entries, in two blocks."""
    address = of(lanes).address("pointwise", kernel)
    own = table([record(ENTRY, {"kernels": address, **entry}) for entry in entries])
    bounds = {"lower": -np.inf, "upper": np.inf}
    fields = {"entries": own, "entry_stop": len(entries), "stop": positions,
              "block": positions // 2 + 1}  # fmt: skip
    whole = table([record(STEP, {**fields, **bounds, **step})])
    of(lanes).code("driver").function("drive", ctypes.c_void_p)(whole.ctypes.data)
