"""Convolutions and dense layers as tiles of a matrix product, read where the numbers lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.kernels import contraction
from cnncalc.execution.native.kernels.records import ENTRY, STEP
from cnncalc.execution.native.layout import FLOAT_BYTES, Offsets, Packed
from cnncalc.execution.native.making import (
    Finish,
    Floats,
    Made,
    Making,
    NativeStep,
    finish,
    shares,
)
from cnncalc.execution.native.placing import Task
from cnncalc.execution.weights import Array

TILE = contraction.LARGEST_TILE
BLOCK_BYTES = 384 << 10
"""What a block of positions reads, at most: it stays in a core's own cache for all filters."""
AHEAD_BYTES = 256 << 10
"""Weights from which on the next ones are fetched while others are in use."""


class Columns(NamedTuple):
    """Filters that read the same numbers: planes first … first + planes − 1 of the output, and a
    matrix (reads, planes·lanes)."""

    first: int
    planes: int
    reads: Offsets
    matrix: Floats


def convolution(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    """Windows over the grid of the input, whatever their rank, stride, dilation and groups."""
    assert task.job is not None
    o = task.job.step.operation
    assert isinstance(o, op.Convolution)
    (value,) = task.inputs
    starts = value.positions
    if value.spatial == value.grid.spatial:
        starts = window_starts(value, task.output, o)
    weight = arrays["weight"]
    columns = list(_columns(making, value, task.output, o, weight))
    macs = len(starts) * prod(weight.shape)
    return _made(making, task, starts, columns, arrays.get("bias"), "direct", macs)


def dense(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    """One position for each image, which reads all numbers of the volume."""
    (value,) = task.inputs
    images = value.grid.batch
    each = len(value.positions) // images
    first = value.positions[:each] - value.positions[0]
    reads = (first[:, None] + making.channels(value)).reshape(-1)
    weight = np.asarray(arrays["weight"], np.float32)
    columns = [Columns(0, len(task.output.planes), *_ordered(reads, weight))]
    starts = value.positions.reshape(images, each)[:, 0]
    return _made(making, task, starts, columns, arrays.get("bias"), "dense", images * weight.size)


def window_starts(value: Packed, output: Packed, o: op.Convolution) -> Offsets:
    """Where the window of each output position begins in the input's planes, halo included."""
    windows = zip(o.windows, output.grid.spatial, strict=True)
    return value.grid.places([np.arange(n) * w.stride - w.before for w, n in windows])


def tap_offsets(value: Packed, o: op.Convolution) -> Offsets:
    """Where each tap of a window lies, from its first."""
    strides = value.grid.strides
    taps = product(*(range(w.kernel) for w in o.windows))
    steps = [w.dilation * stride for w, stride in zip(o.windows, strides, strict=True)]
    return np.array([sum(t * s for t, s in zip(tap, steps, strict=True)) for tap in taps], np.int64)


def _columns(
    making: Making, value: Packed, output: Packed, o: op.Convolution, weight: Array
) -> Iterator[Columns]:
    """Group by group where groups fill vectors of output channels, and otherwise vector by
    vector: then a vector reads all groups it has filters of, with zeros for what is not theirs."""
    lanes, filters = making.lanes, weight.shape[-1]
    taps = tap_offsets(value, o)
    channels = making.channels(value)
    flat = np.asarray(weight, np.float32).reshape(len(taps), -1, filters)
    each, own = flat.shape[1], filters // o.groups
    if o.groups == 1:
        yield Columns(0, len(output.planes), *_laid_out(value, taps, channels, flat))
        return
    step = own if own % lanes == 0 else lanes
    for start in range(0, filters, step):
        stop = min(start + step, filters)
        low, high = start // own, -(-stop // own)
        matrix = np.zeros((len(taps), (high - low) * each, stop - start), np.float32)
        for group in range(low, high):
            mine = slice(max(group * own, start), min((group + 1) * own, stop))
            rows = slice((group - low) * each, (group - low + 1) * each)
            matrix[:, rows, mine.start - start : mine.stop - start] = flat[:, :, mine]
        read = slice(low * each, high * each)
        planes = -(-(stop - start) // lanes)
        part = value._replace(plane_of=value.plane_of[read])
        yield Columns(start // lanes, planes, *_laid_out(part, taps, channels[read], matrix))


def _laid_out(
    value: Packed, taps: Offsets, channels: Offsets, weight: Floats
) -> tuple[Offsets, Floats]:
    """Reads plane by plane, tap by tap, lane by lane, and the rows of weight (taps, channels,
    filters) in the same order."""
    reads = taps[:, None] + channels
    planes = np.broadcast_to(value.plane_of, reads.shape)
    order = np.arange(reads.size)
    if len(taps) > 1 or (np.diff(value.plane_of) < 0).any():
        order = np.argsort(planes, axis=None, kind="stable")
    return _ordered(reads.reshape(-1)[order], weight.reshape(reads.size, -1)[order])


def _ordered(reads: Offsets, matrix: Floats) -> tuple[Offsets, Floats]:
    """An even number of reads: of an odd one the last is read twice, with half its weight, which
    changes no sum."""
    if len(reads) % 2 == 0:
        return reads, matrix
    half = matrix[-1:] / 2
    return np.append(reads, reads[-1]), np.concatenate([matrix[:-1], half, half])


def _made(
    making: Making,
    task: Task,
    starts: Offsets,
    columns: Sequence[Columns],
    bias: Array | None,
    algorithm: str,
    macs: int,
) -> Made:
    assert task.job is not None
    output, tables = task.output, making.tables
    biases, bias_address = tables.floats(len(output.planes) * making.lanes)
    if bias is not None:
        biases[: len(bias)] = bias
    entries = list(_entries(making, task, columns, bias_address, len(starts)))
    finishing = finish(making, task.job.function)
    weights = sum(c.matrix.nbytes for c in columns)
    read_bytes = starts_bytes(task.inputs[0])
    address = tables.records(entries)
    common = {
        "entries": address,
        "input_offsets": tables.words(starts),
        "output_offsets": tables.words(output.positions),
        "output_plane": output.grid.plane_bytes,
        "other_last": int(task.job.other_last),
        **finishing._asdict(),
    }
    if task.other is not None:
        common["other_offsets"] = tables.words(task.other.positions)
        common["other_plane"] = task.other.grid.plane_bytes
    records = []
    by_entry = weights > read_bytes and len(entries) >= making.threads
    by_entry = by_entry or len(starts) < making.threads * TILE
    everything = [(0, len(starts))] * making.threads, [(0, len(entries))] * making.threads
    positions, turns = everything
    if by_entry:
        turns = list(shares(len(entries), making.threads))
    else:
        positions = list(shares(len(starts), making.threads, TILE))
    for (start, stop), (entry_start, entry_stop) in zip(positions, turns, strict=True):
        if stop == start or entry_start == entry_stop:
            records.append(0)
            continue
        block = stop - start
        if weights < read_bytes:
            block = max(BLOCK_BYTES * len(starts) // read_bytes // TILE, 2) * TILE
        ahead = 0
        if weights > AHEAD_BYTES and block >= stop - start:
            ahead = weights // len(entries) // (stop - start) // 64 * 64
        step = STEP.words(
            **common,
            entry_start=entry_start,
            entry_stop=entry_stop,
            start=start,
            stop=stop,
            block=block,
            ahead=ahead,
        )
        records.append(tables.records([step]))
    drive = making.library.address("driver", "drive")
    return Made([NativeStep(drive, tuple(records))], algorithm, macs)


def starts_bytes(value: Packed) -> int:
    """Bytes of a value's numbers."""
    return len(value.positions) * value.channels * FLOAT_BYTES


def _entries(
    making: Making, task: Task, columns: Sequence[Columns], bias: int, positions: int
) -> Iterator[list[int]]:
    """An entry for each group of vectors that a tile takes, with its weights packed."""
    outputs = making.planes(task.output)
    others = None if task.other is None else making.planes(task.other)
    kernels = kernel_tables(making)
    per_thread = -(-positions // making.threads)
    plan = [
        (column, first, vectors)
        for column in columns
        for first, vectors in _vectors(making.lanes, column.planes, per_thread)
    ]
    addresses = [
        making.tables.keep(_packed(column.matrix, first, vectors, making.lanes))
        for column, first, vectors in plan
    ]
    largest = contraction.shapes(making.lanes)
    for (column, first, vectors), weights, ahead in zip(
        plan, addresses, [*addresses[1:], addresses[-1]], strict=True
    ):
        plane = column.first + first
        yield ENTRY.words(
            kernels=kernels[vectors],
            largest=largest[vectors],
            input=making.base,
            weights=weights,
            bias=bias + plane * making.vector_bytes,
            other=0 if others is None else others[plane],
            output=outputs[plane],
            reads=making.tables.words(column.reads),
            count=len(column.reads),
            ahead=ahead,
        )


def kernel_tables(making: Making) -> dict[int, int]:
    """For each G the address of a table of kernels by the number of positions."""
    found = {}
    for vectors, largest in contraction.shapes(making.lanes).items():
        names = (contraction.name(p, vectors) for p in range(1, largest + 1))
        addresses = [making.library.address("contraction", name) for name in names]
        found[vectors] = making.tables.words([0, *addresses])
    return found


def _vectors(lanes: int, planes: int, positions: int) -> Iterator[tuple[int, int]]:
    """How planes are put together: (first, how many). As many as have a kernel for all positions
    at once where these are few, and otherwise what makes the largest tiles."""
    shapes = contraction.shapes(lanes)
    best = max((p * g, p, g) for g, p in shapes.items() if p >= min(positions, 4))[2]
    if positions < 7:
        best = max(g for g, p in shapes.items() if p >= min(positions, shapes[2]))
    first = 0
    while first < planes:
        left = planes - first
        size = best if left >= best else max(g for g in shapes if g <= left)
        if best == 2 and left == 3 and shapes.get(3, 0) * 3 >= 2 * shapes[2] - 4:
            size = 3
        yield first, size
        first += size


def _packed(matrix: Floats, first: int, vectors: int, lanes: int) -> Floats:
    """Columns of a matrix for some vectors, [reads][vectors·lanes], zero behind the last filter."""
    part = matrix[:, first * lanes : (first + vectors) * lanes]
    if part.shape[1] == vectors * lanes:
        return np.ascontiguousarray(part)
    whole = np.zeros((len(matrix), vectors * lanes), np.float32)
    whole[:, : part.shape[1]] = part
    return whole


__all__ = ["Finish", "convolution", "dense", "tap_offsets", "window_starts"]
