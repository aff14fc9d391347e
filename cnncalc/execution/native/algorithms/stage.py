"""What can be one stage of several that are done band by band: entries for values anywhere."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from cnncalc.execution.native.kernels.records import Record
from cnncalc.execution.native.making import Making, finish
from cnncalc.execution.native.schedule.fusing import Job
from cnncalc.execution.native.schedule.layout import Offsets, Packed


class Stage:
    """An operation with its learned arrays packed, for an input and an output of given channels."""

    making: Making
    macs_each: int
    """Multiply-accumulates for a position."""

    @abstractmethod
    def starts(self, value: Packed, spatial: Sequence[int]) -> Offsets:
        """Where each position of an output of these axes begins to read in the input's planes."""

    @abstractmethod
    def entries(self, value: Packed, output: Packed, other: Packed | None = None) -> list[Record]:
        """Entries that make the output from the input, and from what is added to it."""


def finished(
    making: Making, job: Job, output: Packed, other: Packed | None
) -> dict[str, int | float]:
    """The fields of a step that say where results go and what becomes of them there."""
    fields: dict[str, int | float] = {
        "output_offsets": making.tables.words(output.positions),
        "output_plane": output.grid.plane_bytes,
        "other_last": int(job.other_last),
        **finish(making, job.function)._asdict(),
    }
    if other is not None:
        fields["other_offsets"] = making.tables.words(other.positions)
        fields["other_plane"] = other.grid.plane_bytes
    return fields


def in_sequence(making: Making, parts: Sequence[tuple[int, int]]) -> int:
    """The record for the driver's `parts` of functions and their records, done one after the other
    by a thread; 0 where there are none."""
    return making.tables.keep(np.array([*parts, (0, 0)], np.int64)) if parts else 0
