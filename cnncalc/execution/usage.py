"""What this process has used so far, by clocks that tell it from what others do meanwhile."""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import NamedTuple

if sys.platform != "win32":
    import resource

STATUS, REFERENCES = Path("/proc/self/status"), Path("/proc/self/clear_refs")
FORGET_PEAK = "5"


class Usage(NamedTuple):
    """Seconds by the clock, of a processor for all threads, and for the thread that asks; how often
    a thread had to leave its core to others, None where the system does not count that."""

    clock: float
    processor: float
    own: float
    preemptions: int | None

    def since(self, before: Usage) -> Usage:
        """What was used between the two."""
        times = None
        if self.preemptions is not None and before.preemptions is not None:
            times = self.preemptions - before.preemptions
        return Usage(
            max(self.clock - before.clock, 1e-9),
            self.processor - before.processor,
            self.own - before.own,
            times,
        )


def now() -> Usage:
    times = None
    if sys.platform != "win32":
        times = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
    return Usage(perf_counter(), process_time(), thread_time(), times)


class Memory:
    """The memory that this process takes more than it did at first; `peak` is the most of it up to
    the last `look`, None where the system tells nothing of it."""

    def __init__(self) -> None:
        self._grown = 0
        self.peak: int | None = 0

    def __enter__(self) -> Memory:
        """Watch until the end of the block; what grows between two blocks is not counted."""
        try:
            REFERENCES.write_text(FORGET_PEAK, "ascii")
        except OSError:  # the peak is then that of all times, which tells nothing
            self.peak = None
        self._before = _resident("VmRSS:")
        return self

    def __exit__(self, *_: object) -> None:
        now, most = _resident("VmRSS:"), _resident("VmHWM:")
        if self.peak is None or self._before is None or now is None or most is None:
            self.peak = None
            return
        self.peak = max(self.peak, self._grown + most - self._before)
        self._grown += now - self._before


def _resident(name: str) -> int | None:
    """Bytes by a line of what Linux tells of a process."""
    try:
        lines = STATUS.read_text("ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
    except (OSError, ValueError, StopIteration):
        return None
