"""Zeros: the rows around a volume where a band of it reaches beyond its edge."""

from __future__ import annotations

from cnncalc.execution.native.kernels.compiler import Exported, kernel
from cnncalc.execution.native.kernels.memory import store, word
from cnncalc.execution.native.kernels.signatures import Fields, exported
from cnncalc.execution.native.kernels.vectors import vector


@kernel
def clear(entry: Fields, step: Fields, first: int, count: int) -> None:
    """Zero vectors at `output + output_offsets[position]`, any number of positions."""
    for position in range(first, first + count):
        store(vector(0.0), entry.output + word(step.output_offsets, position))


def kernels(lanes: int) -> dict[str, Exported]:
    return exported({"clear": clear})
