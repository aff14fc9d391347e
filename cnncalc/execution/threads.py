"""How many threads there are, and the bound on those that NumPy's BLAS starts by itself."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from math import ceil

from threadpoolctl import threadpool_limits

from cnncalc.execution import cgroups
from cnncalc.execution.cgroups import Cgroup

SIBLINGS = "sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
"""Which processors of the system are one core, below the root."""


def cores() -> int:
    """Processors that this process may run on, and no more than its control groups let it use at a
    time."""
    there = len(affinity()) or os.cpu_count() or 1
    allowed = [share for share in map(_allowed, cgroups.own()) if share is not None]
    return min([there, *(max(ceil(share), 1) for share in allowed)])


def usual() -> int:
    """How many threads are the fastest: one for each physical core. Those that share one share what
    multiplies."""
    files = (cgroups.ROOT / SIBLINGS.format(processor) for processor in affinity())
    shared = {tuple(cgroups.words(file)) or file for file in files}
    return min(len(shared) or cores(), cores())


def affinity() -> set[int]:
    """The processors that the caller's thread may run on, none where the system does not say."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def _allowed(group: Cgroup) -> float | None:
    """How many cores' time a control group may take, None where it has no quota."""
    if group.controllers == cgroups.UNIFIED:
        words = cgroups.words(group.folder / "cpu.max")
    elif "cpu" in group.controllers:
        names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        words = [word for name in names for word in cgroups.words(group.folder / name)]
    else:
        return None
    try:
        quota, period = map(int, words)
    except ValueError:  # `max`: as much as there is
        return None
    return quota / period if quota > 0 and period > 0 else None


def bounded(threads: int) -> AbstractContextManager[object]:
    """Within it, BLAS and OpenMP use at most so many threads."""
    bound: AbstractContextManager[object] = threadpool_limits(limits=threads)
    return bound
