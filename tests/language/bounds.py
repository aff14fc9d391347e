"""Running a hostile input in a process of its own, so that a hang or a flood is a failed test."""

from __future__ import annotations

import os
import pickle
import select
import signal
import time
from collections.abc import Callable
from typing import NamedTuple

import pytest

import cnncalc
from cnncalc.analysis.report import Report

resource = pytest.importorskip("resource")

LONGEST_WAIT = 300
"""Seconds on the clock until a process is given up, be the machine as busy as it may; the bounds
proper are in processor time."""


class Outcome(NamedTuple):
    """What came of it: the errors by their codes, and the lines and words of each. `megabytes` is
    what memory grew by at most."""

    codes: list[str]
    errors: list[tuple[int, str]]
    complete: bool
    rows: int
    longest_message: int
    raised: str
    seconds: float
    megabytes: int


def loads(text: str, **arguments: object) -> Outcome:
    """`cnncalc.loads` in a process of its own. Fails the test where it hangs or is killed."""
    return run(lambda: cnncalc.loads(text, **arguments))  # type: ignore[arg-type]


def run(ask: Callable[[], Report], seconds: int = 100, gigabytes: int = 6) -> Outcome:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (gigabytes << 30, gigabytes << 30))
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(_outcome(ask), pipe)
        os._exit(0)
    os.close(writing)
    try:
        return _received(reading)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _outcome(ask: Callable[[], Report]) -> Outcome:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        report = ask()
    except BaseException as error:  # the parent tells it
        raised = f"{type(error).__name__}: {error}"[:200]
        return Outcome([], [], False, 0, 0, raised, time.process_time() - start, 0)
    taken = time.process_time() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    found = report.diagnostics
    texts = [len(text) for d in found for text in (d.message, *d.notes, *d.help)]
    codes = [d.code for d in found if d.is_error]
    errors = [(d.span.line, d.message) for d in found if d.is_error]
    longest = max(texts, default=0)
    return Outcome(codes, errors, report.complete, len(report.rows), longest, "", taken, grown)


def _received(reading: int) -> Outcome:
    received = b""
    give_up = time.monotonic() + LONGEST_WAIT
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while True:
            if not select.select([pipe], [], [], max(give_up - time.monotonic(), 0))[0]:
                pytest.fail(f"no answer in {LONGEST_WAIT} s")
            piece = pipe.read(1 << 16)
            if not piece:
                break
            received += piece
    if not received:
        pytest.fail("killed: out of processor time or memory")
    outcome: Outcome = pickle.loads(received)
    return outcome
