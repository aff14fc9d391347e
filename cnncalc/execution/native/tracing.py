"""Steps with the time before and after each thread's part of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnncalc.execution.native.crew import Crew
from cnncalc.execution.native.library import Library
from cnncalc.execution.native.making import NativeStep, listed
from cnncalc.execution.native.schedule.layout import Offsets
from cnncalc.execution.native.tables import Tables


def stamped(library: Library, crew: Crew, steps: Sequence[NativeStep]) -> tuple[Offsets, Offsets]:
    """Ticks of a run of some steps: at its beginning and after each step, and for each step and
    thread at the beginning and the end of what it does; both 0 where that is nothing."""
    tables, threads = Tables(), crew.threads
    ticks = np.zeros((len(steps), threads, 2), np.int64)
    stamp, parts = (library.address("driver", name) for name in ("stamp", "parts"))
    traced = []
    for step, places in zip(steps, ticks, strict=True):
        records = []
        for record, place in zip(step.records, places, strict=True):
            begin = place.ctypes.data
            own = [stamp, begin, step.function, record, stamp, begin + place.itemsize, 0, 0]
            records.append(tables.keep(np.array(own, np.int64)) if record else 0)
        traced.append(NativeStep(parts, tuple(records)))
    clock = np.zeros(len(steps) + 1, np.int64)
    crew.run(tables.words(listed(traced)), len(steps), clock.ctypes.data)
    return clock, ticks
