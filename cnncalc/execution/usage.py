"""What this process has used so far, by clocks that tell it from what others do meanwhile."""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import NamedTuple

if sys.platform != "win32":
    import resource

STATUS = Path("/proc/self/status")


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
    """The memory that this process takes more than it did at first; `peak` is the most of it while
    it was watched, None where the system tells nothing of it. Where the process had more before,
    what was taken and given back meanwhile is not seen."""

    def __init__(self) -> None:
        self._grown = 0
        self.peak: int | None = 0

    def __enter__(self) -> Memory:
        """Watch until the end of the block; what grows between two blocks is not counted."""
        self._before = _resident()
        return self

    def __exit__(self, *_: object) -> None:
        now = _resident()
        if self.peak is None or self._before is None or now is None:
            self.peak = None
            return
        (low, most_before), (high, most) = self._before, now
        reached = most if most > most_before else high
        self.peak = max(self.peak, self._grown + reached - low)
        self._grown += high - low


def _resident() -> tuple[int, int] | None:
    """Bytes now, and at most since the process began, as Linux tells them."""
    try:
        lines = STATUS.read_text("ascii").splitlines()
        told = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
        return int(told["VmRSS"][0]) * 1024, int(told["VmHWM"][0]) * 1024
    except (OSError, ValueError, LookupError):
        return None
