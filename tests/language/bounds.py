"""Running a hostile input in a process of its own, so that a hang or a flood is a failed test."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from cProfile import Profile
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple

import pytest

import cnncalc
from cnncalc.report.report import Report

resource = pytest.importorskip("resource")

LONGEST_WAIT = 600
"""Seconds on the clock until a process is given up, be the machine as busy as it may."""

PROCESSOR_SECONDS = 200
"""Until a process is killed for a hang: forty times what the slowest takes."""

GIGABYTES = 6

# Processes are forked from a small one, which has neither threads nor thousands of tests in it.
_context = get_context("forkserver")
_context.set_forkserver_preload(["cnncalc.network", "cnncalc.layers.registry", "pytest"])


class Outcome(NamedTuple):
    """What came of it: the errors by their codes, and the lines and words of each. `calls` is how
    many functions were called, where they were counted; `megabytes` what memory grew by at most."""

    codes: list[str]
    errors: list[tuple[int, str]]
    complete: bool
    rows: int
    longest_message: int
    raised: str
    calls: int
    megabytes: int


def loads(text: str, *, counted: bool = False, **arguments: object) -> Outcome:
    """`cnncalc.loads` in a process of its own. Fails the test where it hangs or is killed."""
    return run(partial(cnncalc.loads, text, **arguments), counted=counted)  # type: ignore[arg-type]


def run(ask: Callable[[], Report], *, counted: bool = False) -> Outcome:
    receiving, sending = _context.Pipe(duplex=False)
    child = _context.Process(target=_answer, args=(sending, ask, counted), daemon=True)
    child.start()
    sending.close()
    try:
        if not receiving.poll(LONGEST_WAIT):
            pytest.fail(f"no answer in {LONGEST_WAIT} s")
        outcome: Outcome = receiving.recv()
    except EOFError:
        pytest.fail("killed: out of processor time or memory")
    finally:
        child.kill()
        child.join()
        child.close()
        receiving.close()
    return outcome


def _answer(sending: Connection, ask: Callable[[], Report], counted: bool) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (GIGABYTES << 30, GIGABYTES << 30))
    sending.send(_outcome(ask, counted))


def _outcome(ask: Callable[[], Report], counted: bool) -> Outcome:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    profile = Profile(subcalls=False)
    try:
        with profile if counted else nullcontext():
            report = ask()
    except BaseException as error:  # the parent tells it
        raised = f"{type(error).__name__}: {error}"[:200]
        return Outcome([], [], False, 0, 0, raised, 0, 0)
    calls = sum(entry.callcount for entry in profile.getstats())
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    found = report.diagnostics
    texts = [len(text) for d in found for text in (d.message, *d.notes, *d.help)]
    codes = [d.code for d in found if d.is_error]
    errors = [(d.span.line, d.message) for d in found if d.is_error]
    longest = max(texts, default=0)
    return Outcome(codes, errors, report.complete, len(report.rows), longest, "", calls, grown)
