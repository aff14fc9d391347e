"""Memory that native code reads by address: tables, records and weights, kept as long as needed."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from cnncalc.execution.native.kernels.records import ENTRY, STEP, Record
from cnncalc.execution.native.schedule.layout import LINE
from cnncalc.execution.operations import FLOAT_BYTES

PAGE = 1 << 21
"""Bytes of a huge page: large stretches ask for them, since small ones are looked up too often."""

_PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
"""Memory of this process alone; Windows gives no other."""


class Tables:
    """Arrays with addresses. Equal tables of offsets are kept once, and with `once` all that is
    equal: networks that share weights have them several times."""

    def __init__(self, *, once: bool = False) -> None:
        self.once = once
        self._kept: list[npt.NDArray[np.generic]] = []
        self._known: dict[bytes, int] = {}
        self._entries: dict[int, npt.NDArray[np.void]] = {}
        self._steps: list[Record] = []

    def words(self, values: npt.ArrayLike | Iterable[int]) -> int:
        """The address of a table of 64-bit integers."""
        return self._placed_once(_bytes(np.asarray(values, np.int64)))

    def records(self, records: Sequence[Record]) -> int:
        """The address of records of one kind, one after the other."""
        made = np.array(records, records[0].dtype)
        address = self.keep(made)
        if made.dtype == ENTRY:
            self._entries[address] = made
        elif made.dtype == STEP:
            self._steps.extend(made)
        return address

    def tiles(self) -> Iterator[tuple[int, int]]:
        """The tables of kernels that steps have been given since the last time, each with a number
        of positions for which its kernel will be called."""
        for step in self._steps:
            entries = self._entries[int(step["entries"])][step["entry_start"] : step["entry_stop"]]
            in_all, block = int(step["stop"] - step["start"]), int(step["block"])
            lengths = {min(block, in_all), in_all % block} - {0}
            kernels, places = np.unique(entries["kernels"], return_index=True)
            for address, largest in zip(kernels, entries["largest"][places], strict=True):
                for length in lengths if largest else ():
                    tiles = -(-length // int(largest))
                    yield from (
                        (int(address), -(-length // tiles)),
                        (int(address), length // tiles),
                    )
        self._steps.clear()

    def keep(self, array: npt.NDArray[np.generic]) -> int:
        """The address of a copy of an array, or of the array itself where it lies at a line."""
        content = _bytes(array)
        return self._placed_once(content) if self.once else self._placed(content)

    def floats(self, count: int) -> tuple[npt.NDArray[np.float32], int]:
        """Room for so many float32, zero, and its address."""
        place = aligned(FLOAT_BYTES * count)
        self._kept.append(place)
        return place[: FLOAT_BYTES * count].view(np.float32), place.ctypes.data

    def adopt(self, other: Tables) -> None:
        """Keep what another one keeps."""
        self._kept += other._kept
        self._known.update(other._known)

    def _placed_once(self, content: npt.NDArray[np.uint8]) -> int:
        key = blake2b(content.data).digest()
        if key not in self._known:
            self._known[key] = self._placed(content)
        return self._known[key]

    def _placed(self, content: npt.NDArray[np.uint8]) -> int:
        if content.ctypes.data % LINE:
            place = aligned(content.size)
            place[: content.size] = content
            content = place
        self._kept.append(content)
        address: int = content.ctypes.data
        return address


def _bytes(array: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def aligned(size: int) -> npt.NDArray[np.uint8]:
    """So many bytes, zero, from the start of a line or, if they are many, of a huge page. Raises
    `MemoryError`."""
    if size < PAGE:
        room = np.zeros(size + LINE, np.uint8)
        return room[-room.ctypes.data % LINE :][:size]
    try:
        pages = mmap.mmap(-1, size + PAGE, **_PRIVATE)
    except OSError as error:
        raise MemoryError(str(error)) from None
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # kernels may be built without huge pages
            pages.madvise(mmap.MADV_HUGEPAGE)
    room = np.frombuffer(pages, np.uint8)
    return room[-room.ctypes.data % PAGE :][:size]
