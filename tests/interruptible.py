"""Processes that tests interrupt as Ctrl-C does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

LONGEST_WAIT = 300
"""Seconds on the clock until a process is taken to hang, be the machine as busy as it may."""


@contextmanager
def started(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`cnncalc` with its standard error in a pipe, in a session of its own; gone afterwards.

    Who starts the tests in the background of a shell has them ignore the signal of Ctrl-C, and
    that is inherited: so it is heard anew here.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "cnncalc", *command],
        cwd=folder,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
