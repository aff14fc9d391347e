"""Zeros: the rows around a volume where a band of it reaches beyond its edge."""

from __future__ import annotations

from cnncalc.execution.native.kernels.builder import KERNEL_TYPES, Function, Module
from cnncalc.execution.native.kernels.records import ENTRY, STEP, WORD


def write(module: Module) -> None:
    """`clear`: zero vectors at `output + output_offsets[position]`, any number of positions."""
    f = Function(module, "clear", *KERNEL_TYPES)
    entry, step, first, count = f.arguments
    output = f.address(entry, ENTRY, "output")
    offsets = f.at(f.address(step, STEP, "output_offsets"), f.mul(first, WORD))
    with f.loop(0, count) as position:
        f.store(f.constant(0.0), f.at(output, f.word(offsets, position)))
    f.finish()
