"""Kernels driven one by one, on arrays [positions][lanes], without a program around them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from cnncalc.execution.native.code import Code, compiled
from cnncalc.execution.native.host import host, narrowed
from cnncalc.execution.native.kernels import driver, functions, pointwise
from cnncalc.execution.native.kernels.builder import Module
from cnncalc.execution.native.kernels.records import ENTRY, STEP, Fields
from tests.slowness import slow_but

OWN = host().lanes

LANES = slow_but([OWN], [lanes for lanes in (4, 8, 16) if lanes <= OWN])
"""As parameters: this machine's own, and those that narrower ones have."""

LINE = 64

Floats = npt.NDArray[np.float32]


@cache
def code(lanes: int) -> Code:
    module = Module(lanes, host().triple)
    for family in (driver, functions, pointwise):
        family.write(module)
    return compiled(module.text, narrowed(host(), lanes))


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


def record(fields: Fields, values: dict[str, Any]) -> list[int]:
    """A record, with addresses for arrays."""
    return fields.words(**{
        name: value.ctypes.data if isinstance(value, np.ndarray) else value
        for name, value in values.items()
    })  # fmt: skip


def drive(
    lanes: int, kernel: str, positions: int, entries: Sequence[dict[str, Any]], **step: Any
) -> None:
    """One thread's step: a kernel for some entries, in two blocks."""
    address = code(lanes).address(kernel)
    table = np.array([record(ENTRY, {"kernels": address, **entry}) for entry in entries], np.int64)
    bounds = {"lower": -np.inf, "upper": np.inf}
    own = {"entries": table, "entry_stop": len(entries), "stop": positions,
           "block": positions // 2 + 1}  # fmt: skip
    words = np.array(record(STEP, {**own, **bounds, **step}), np.int64)
    code(lanes).function("drive", ctypes.c_void_p)(words.ctypes.data)
