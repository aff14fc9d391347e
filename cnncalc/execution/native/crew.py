"""Threads that carry out native steps together. They begin with the first run, wait for one another
after each step, and sleep when there was nothing to do for about a millisecond."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from threading import Semaphore, Thread
from weakref import finalize

import numpy as np

from cnncalc.execution.native.kernels import driver
from cnncalc.execution.native.library import Library
from cnncalc.execution.native.tables import aligned
from cnncalc.execution.refusals import Refused


class Crew:
    """So many threads: the caller's own and others that belong to the crew."""

    def __init__(self, library: Library, threads: int) -> None:
        """Raises `Refused` where the system starts no more threads."""
        self.threads = threads
        cells = aligned((driver.PARKED + 2 * threads) * driver.CELL)
        self._shared = _Shared(cells.view(np.int64))
        self._shared["threads"] = threads
        self._shared["rest"] = _rest()
        pointer, integer = ctypes.c_void_p, ctypes.c_int64
        code = library.code("driver")
        self._run = code.function("run", pointer, integer)
        self._call = code.function("call", pointer)
        self._wake = [Semaphore(0) for _ in range(1, threads)]
        work = code.function("work", pointer, integer)
        for number, wake in enumerate(self._wake, start=1):
            self._shared.cells[driver.thread_cells(number)[0] // 8] = 1
            member = Thread(target=_member, args=(work, self._shared, number, wake), daemon=True)
            try:
                member.start()
            except RuntimeError:
                _dismiss(self._shared, self._wake)
                raise Refused(f"the system starts {number} threads, and not {threads}") from None
        finalize(self, _dismiss, self._shared, self._wake)

    def run(self, steps: int, count: int, clock: int) -> None:
        """Carry out `count` steps at an address. Ticks at the beginning and after each step go
        into the table of 64-bit integers at `clock`."""
        shared = self._shared
        shared["steps"], shared["count"], shared["clock"] = steps, count, clock
        if self._wake:
            self._call(shared.address)
            for number, wake in enumerate(self._wake, start=1):
                if shared.cells[driver.thread_cells(number)[0] // 8]:
                    wake.release()
        self._run(shared.address, 0)


class _Shared:
    """The state that threads share, by the names of its cells."""

    def __init__(self, cells: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        self.cells = cells
        self.address: int = cells.ctypes.data

    def __setitem__(self, name: str, value: int) -> None:
        self.cells[driver.cell(name) // 8] = value

    def __getitem__(self, name: str) -> int:
        return int(self.cells[driver.cell(name) // 8])


def _member(work: object, shared: _Shared, number: int, wake: Semaphore) -> None:
    """What a thread of the crew does all its life."""
    _stay(number, shared["threads"])
    while True:
        wake.acquire()
        if shared["leave"]:
            return
        work(shared.address, number)  # type: ignore[operator]


def _dismiss(shared: _Shared, wake: list[Semaphore]) -> None:
    shared["leave"] = 1
    for semaphore in wake:
        semaphore.release()


def _stay(number: int, threads: int) -> None:
    """Keep this thread on a core of its own where there are enough: moving costs milliseconds. The
    cores taken lie apart, since neighbours may be two halves of one.
    """
    if hasattr(os, "sched_setaffinity"):
        # Where that is forbidden it works all the same; a thread that ended would be waited for.
        with suppress(OSError):
            cores = sorted(os.sched_getaffinity(0))
            if threads <= len(cores):
                os.sched_setaffinity(0, {cores[number * len(cores) // threads]})


def _rest() -> int:
    """The address of the system's function that lets others have the processor."""
    if sys.platform == "win32":
        function = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return address
