"""Transposed convolutions: for each remainder of positions a convolution with the taps that reach
them, so that nothing is added up on a canvas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms import grouped, products
from cnncalc.execution.native.algorithms.grouped import Grouped
from cnncalc.execution.native.algorithms.products import Products
from cnncalc.execution.native.algorithms.reads import Stamps
from cnncalc.execution.native.algorithms.stage import in_sequence
from cnncalc.execution.native.making import Made, Making, NativeStep
from cnncalc.execution.native.schedule.layout import Packed
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.native.stamps import Residue, residues
from cnncalc.execution.weights import Array


def convolution(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    """Threads share the positions or the filters of every remainder, and wait for no other."""
    assert task.job is not None
    o = task.job.step.operation
    assert isinstance(o, op.TransposedConvolution)
    steps, macs = [], 0
    for found in _combinations(o, task.output):
        part = _only(task, found)
        taps = np.ix_(*(residue.taps for residue in found))
        own = {**arrays, "weight": _taps_first(arrays["weight"][taps])}
        step, each = _made(making, part, Stamps(found, o.groups), own)
        steps.append(step)
        macs += each * len(part.output.positions)
    each_thread = [
        [(step.function, step.records[thread]) for step in steps if step.records[thread]]
        for thread in range(making.threads)
    ]
    records = tuple(in_sequence(making, parts) for parts in each_thread)
    whole = NativeStep(making.library.address("driver", "parts"), records)
    return Made([whole], "transposed", macs, f"{len(steps)} sets of taps", literal=False)


def _combinations(o: op.TransposedConvolution, output: Packed) -> Iterator[tuple[Residue, ...]]:
    axes = zip(o.windows, output.spatial, strict=True)
    return product(*(list(residues(w, n)) for w, n in axes))


def _only(task: Task, found: Sequence[Residue]) -> Task:
    """The task for some positions of its output."""
    output = _at(task.output, found)
    other = None if task.other is None else _at(task.other, found)
    return task._replace(output=output, other=other)


def _at(value: Packed, found: Sequence[Residue]) -> Packed:
    every = value.positions.reshape(value.grid.batch, *value.spatial)
    chosen = np.ix_(range(value.grid.batch), *(residue.positions for residue in found))
    return value._replace(positions=every[chosen].reshape(-1))


def _taps_first(weight: Array) -> Array:
    return weight.reshape(prod(weight.shape[:-2]), *weight.shape[-2:])


def _made(
    making: Making, task: Task, reads: Stamps, arrays: dict[str, Array]
) -> tuple[NativeStep, int]:
    """A step for the positions of a task, and the multiply-accumulates for each of them."""
    assert task.job is not None
    (value,), output = task.inputs, task.output
    there = len(arrays["weight"]) > 0
    channels = value.channels, output.channels
    if there and grouped.applies(task.job.step.operation, *channels, making.lanes):
        narrow = Grouped(making, reads, output, arrays)
        return grouped.by_plane(making, task, narrow), narrow.macs_each
    stage = Products(making, reads, value, output, arrays, len(output.positions))
    step, _ = products.split(making, task, stage)
    return step, stage.macs_each
