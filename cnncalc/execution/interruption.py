"""Work that Ctrl-C ends at once, though Python hears nothing of it while native code runs.

The work goes on in a thread of its own and the caller waits in Python, where it is woken. A thread
cannot be ended from outside: it asks at places where it may stop, between two runs.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

Result = TypeVar("Result")

GRACE = 0.3
"""Seconds that interrupted work may take to come to a place where it can stop."""

_STACK = 16 << 20
"""Bytes: compilers want more than some systems give to threads."""

_busy: list[threading.Thread] = []
"""Threads that nobody waits for any more."""


def interruptibly(work: Callable[[Callable[[], None]], Result]) -> Result:
    """What the work gives or raises. It is handed a function to call wherever it may stop.

    A `KeyboardInterrupt` is raised at once; the thread then ends at the next such place.
    """
    if threading.current_thread() is not threading.main_thread():
        return work(lambda: None)
    aside = _Aside(work)
    thread = threading.Thread(target=aside.run, name="cnncalc run", daemon=True)
    try:
        _start(thread)
        # Only waiting with a limit is interrupted on Windows.
        while not aside.over.wait(0.1 if sys.platform == "win32" else None):
            pass
    except KeyboardInterrupt:
        aside.stop.set()
        _busy.append(thread)
        aside.over.wait(GRACE)
        raise
    return aside.result()


def end_if_busy(code: int) -> None:
    """End the process where interrupted work still goes on: it would hold up an orderly end."""
    if any(thread.is_alive() for thread in _busy):
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


class _Aside(Generic[Result]):
    """Work in another thread: whether it is over, and what came of it."""

    def __init__(self, work: Callable[[Callable[[], None]], Result]) -> None:
        self.over = threading.Event()
        self.stop = threading.Event()
        self._work = work
        self._results: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._results.append(self._work(self._may_stop))
        except BaseException as error:
            self._error = error
        finally:
            self.over.set()

    def result(self) -> Result:
        if self._error is not None:
            try:
                raise self._error
            finally:
                # The error's frames know this object: without this they would keep one another.
                self._error = None
        return self._results.pop()

    def _may_stop(self) -> None:
        if self.stop.is_set():
            raise KeyboardInterrupt


def _start(thread: threading.Thread) -> None:
    before = None
    with suppress(ValueError, RuntimeError):  # not every system lets a stack be chosen
        before = threading.stack_size(_STACK)
    try:
        thread.start()
    finally:
        if before is not None:
            threading.stack_size(before)
