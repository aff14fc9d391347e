"""How busy the machine is, as Linux tells it: processor seconds, of everyone and stolen ones too.

Elsewhere nothing is known, and nobody waits.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

PAUSE = 0.05
"""Seconds that are looked at. Threads that wait for work spin for a while before they sleep."""

QUIET = 0.1
"""Cores that may be busy."""

_STAT = Path("/proc/stat")
_IDLE = (3, 4)
_COUNTED = 8
"""user, nice, system, idle, iowait, irq, softirq, steal"""


def busy() -> float | None:
    """Processor seconds since the machine started; None where the system does not tell."""
    if not _STAT.exists():
        return None
    fields = [int(field) for field in _STAT.read_text().split("\n", 1)[0].split()[1:]]
    ticks = sum(n for number, n in enumerate(fields[:_COUNTED]) if number not in _IDLE)
    return ticks / os.sysconf("SC_CLK_TCK")


def wait(seconds: float) -> None:
    """Until the machine is quiet, but at most so many seconds; at least for a pause."""
    end = time.perf_counter() + seconds
    while True:
        before = busy()
        time.sleep(PAUSE)
        after = busy()
        if before is None or after is None or after - before <= QUIET * PAUSE:
            return
        if time.perf_counter() >= end:
            return
