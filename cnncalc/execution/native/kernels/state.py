"""The state that threads of a crew share: cells that each have a line of cache to themselves."""

from __future__ import annotations

CELL = 64
"""Bytes from one cell to the next: a line of cache each, so that no thread slows another by writing
beside what it reads."""

SHARED = ("arrived", "called", "leave", "steps", "count", "threads", "clock", "rest")
"""`arrived` counts arrivals at barriers, `called` the runs begun; `leave` is set for the threads to
end. Steps, their count, the number of threads and the address of a table of times are those of the
current run. `rest` is a function that lets others have the processor."""
PARKED, SEEN = len(SHARED), len(SHARED) + 1
"""The first two cells of each thread: whether it waits to be woken, and the runs it has seen."""


def cell(name: str) -> int:
    return CELL * SHARED.index(name)


def thread_cells(thread: int) -> tuple[int, int]:
    """Where a thread's cells lie: parked, seen."""
    return CELL * (PARKED + 2 * thread), CELL * (SEEN + 2 * thread)
