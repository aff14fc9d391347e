"""How many threads there are, and the bound on those that NumPy's BLAS starts by itself."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits


def cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def bounded(threads: int) -> AbstractContextManager[object]:
    """Within it, BLAS and OpenMP use at most so many threads."""
    bound: AbstractContextManager[object] = threadpool_limits(limits=threads)
    return bound
