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

from cnncalc.execution.native.kernels import state
from cnncalc.execution.native.library import Library
from cnncalc.execution.native.tables import aligned
from cnncalc.execution.refusals import Refused


class Crew:
    """So many threads: the caller's own and others that belong to the crew."""

    def __init__(self, library: Library, threads: int) -> None:
        """Raises `Refused` where the system starts no more threads."""
        self.threads = threads
        cells = aligned((state.PARKED + 2 * threads) * state.CELL)
        self._shared = _Shared(cells.view(np.int64))
        self._shared["threads"] = threads
        self._shared["rest"] = _rest()
        pointer, integer = ctypes.c_void_p, ctypes.c_int64
        code = library.code("driver")
        self._run = code.function("run", pointer, integer)
        self._call = code.function("call", pointer)
        self._cores = _Cores(threads)
        self._wake = [Semaphore(0) for _ in range(1, threads)]
        work = code.function("work", pointer, integer)
        for number, wake in enumerate(self._wake, start=1):
            self._shared.cells[state.thread_cells(number)[0] // 8] = 1
            own = (work, self._shared, number, wake, self._cores)
            member = Thread(target=_member, args=own, daemon=True)
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
                if shared.cells[state.thread_cells(number)[0] // 8]:
                    wake.release()
        self._cores.keep(0)
        try:
            self._run(shared.address, 0)
        finally:
            self._cores.release()


class _Shared:
    """The state that threads share, by the names of its cells."""

    def __init__(self, cells: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        self.cells = cells
        self.address: int = cells.ctypes.data

    def __setitem__(self, name: str, value: int) -> None:
        self.cells[state.cell(name) // 8] = value

    def __getitem__(self, name: str) -> int:
        return int(self.cells[state.cell(name) // 8])


def _member(work: object, shared: _Shared, number: int, wake: Semaphore, cores: _Cores) -> None:
    """What a thread of the crew does all its life."""
    cores.keep(number)
    while True:
        wake.acquire()
        if shared["leave"]:
            return
        work(shared.address, number)  # type: ignore[operator]


def _dismiss(shared: _Shared, wake: list[Semaphore]) -> None:
    shared["leave"] = 1
    for semaphore in wake:
        semaphore.release()


class _Cores:
    """A core for each thread, where there are as many threads as cores. Left to themselves two of
    them can share one for long: a thread that waits keeps its core busy, and one that is kept
    waiting there is not moved. With fewer threads the system finds room for all."""

    def __init__(self, threads: int) -> None:
        known = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
        self._all = known
        self._own = sorted(known) if 1 < threads == len(known) else []

    def keep(self, number: int) -> None:
        """Keep the thread that asks on its core."""
        if self._own:
            self._allow({self._own[number]})

    def release(self) -> None:
        """Let it go anywhere again."""
        if self._own:
            self._allow(self._all)

    def _allow(self, cores: set[int]) -> None:
        # Where that is forbidden it works all the same; a thread that ended would be waited for.
        with suppress(OSError):
            os.sched_setaffinity(0, cores)


def _rest() -> int:
    """The address of the system's function that lets others have the processor."""
    if sys.platform == "win32":
        function = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return address
