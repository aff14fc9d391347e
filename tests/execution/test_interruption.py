"""Work aside: what it gives, what it raises, and that Ctrl-C does not wait for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from cnncalc.execution import interruption
from cnncalc.execution.interruption import interruptibly
from tests.interruptible import LONGEST_WAIT


def test_what_work_gives_or_raises() -> None:
    assert interruptibly(lambda _: threading.current_thread().name) == "cnncalc run"
    with pytest.raises(ZeroDivisionError):
        interruptibly(lambda _: 1 / 0)


def test_in_another_thread_it_is_done_there() -> None:
    names: list[str] = []
    thread = threading.Thread(
        target=lambda: names.append(interruptibly(lambda _: threading.current_thread().name)),
        name="own",
    )
    thread.start()
    thread.join()
    assert names == ["own"]


def test_interrupted_work_stops_where_it_may() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    stopped = threading.Event()

    def work(may_stop: Callable[[], None]) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        try:
            while True:
                time.sleep(0.001)
                may_stop()
        finally:
            stopped.set()

    try:
        with pytest.raises(KeyboardInterrupt):
            interruptibly(work)
    finally:
        signal.signal(signal.SIGINT, before)
    assert stopped.wait(10)
    interruption.end_if_busy(1)


def test_work_that_hears_nothing_does_not_keep_the_process() -> None:
    """As native code does, from which there is no way back into Python."""
    code = """
import os, signal, time

signal.signal(signal.SIGINT, signal.default_int_handler)
from cnncalc.execution.interruption import end_if_busy, interruptibly

def deaf(_):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(10_000)

try:
    interruptibly(deaf)
except KeyboardInterrupt:
    print("interrupted")
    end_if_busy(130)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, check=False, capture_output=True, encoding="utf-8", timeout=LONGEST_WAIT
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "interrupted\n", "")
