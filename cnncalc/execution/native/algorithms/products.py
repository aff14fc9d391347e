"""Convolutions and dense layers as tiles of a matrix product, read where the numbers lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms import reads
from cnncalc.execution.native.algorithms.reads import Reads
from cnncalc.execution.native.algorithms.stage import Stage, finished
from cnncalc.execution.native.kernels import shapes
from cnncalc.execution.native.kernels.records import ENTRY, Record, record
from cnncalc.execution.native.making import Floats, Made, Making, NativeStep, shares
from cnncalc.execution.native.schedule.layout import Offsets, Packed
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.native.tables import aligned
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.weights import Array

TILE = shapes.LARGEST_TILE
BLOCK_BYTES = 384 << 10
"""What a block of positions reads, at most: it stays in a core's own cache for all filters."""

AHEAD_BYTES = 32 << 10
"""Weights from which on the next ones are fetched while others are in use."""


class _Columns(NamedTuple):
    """Filters that read the same channels: planes first … first + planes − 1 of the output, and
    their weights (taps, channels, filters)."""

    first: int
    planes: int
    channels: slice
    weight: Floats


class _Part(NamedTuple):
    """Some planes of the output that a tile makes together, with the address of their weights."""

    plane: int
    vectors: int
    columns: _Columns
    order: Offsets
    weights: int


class Products(Stage):
    """A weight for each thing that a position reads and each filter, packed for tiles of
    `positions` at most. Of `arrays`, `weight` goes (taps, channels of a group, filters)."""

    def __init__(
        self,
        making: Making,
        reads: Reads,
        value: Packed,
        output: Packed,
        arrays: dict[str, Array],
        positions: int,
    ) -> None:
        self.making = making
        self.reads = reads
        lanes, filters = making.lanes, output.channels
        taps = len(reads.taps(value))
        flat = np.asarray(arrays["weight"], np.float32)
        flat = flat.reshape(taps, value.channels // reads.groups, filters)
        self.macs_each = prod(flat.shape)
        self.bytes = 0
        biases, self._bias = making.tables.floats(len(output.planes) * lanes)
        if "bias" in arrays:
            biases[:filters] = arrays["bias"]
        self._parts: list[_Part] = []
        for columns in _columns(reads.groups, flat, lanes):
            self._pack(columns, value, taps, positions)

    def starts(self, value: Packed, spatial: Sequence[int]) -> Offsets:
        return self.reads.starts(value, spatial)

    def entries(self, value: Packed, output: Packed, other: Packed | None = None) -> list[Record]:
        """An entry for each group of planes."""
        making = self.making
        outputs = making.planes(output)
        others = [0] * len(outputs) if other is None else making.planes(other)
        kernels = kernel_tables(making)
        largest = shapes.products(making.lanes)
        taps, channels = self.reads.taps(value), making.channels(value)
        found = []
        following = [*self._parts[1:], self._parts[-1]]
        for part, after in zip(self._parts, following, strict=True):
            read = (taps[:, None] + channels[part.columns.channels]).reshape(-1)[part.order]
            found.append(
                record(
                    ENTRY,
                    kernels=kernels[part.vectors],
                    largest=largest[part.vectors],
                    input=making.base,
                    weights=part.weights,
                    bias=self._bias + part.plane * making.vector_bytes,
                    other=others[part.plane],
                    output=outputs[part.plane],
                    reads=making.tables.words(read),
                    count=len(read),
                    ahead=after.weights,
                )
            )
        return found

    def tile(self, positions: int) -> str:
        """The usual tile, for people: positions x filters."""
        vectors = max(part.vectors for part in self._parts)
        most = min(shapes.products(self.making.lanes)[vectors], positions)
        return f"{most}x{vectors * self.making.lanes}"

    def _pack(self, columns: _Columns, value: Packed, taps: int, positions: int) -> None:
        """Weights [reads][vectors·lanes], in an order that reads plane by plane, tap by tap."""
        making = self.making
        plane_of = np.tile(value.plane_of[columns.channels], taps)
        order = np.arange(len(plane_of))
        if taps > 1 and self.reads.slides:
            order = np.argsort(plane_of, kind="stable")
        matrix = columns.weight.reshape(len(order), columns.weight.shape[-1])
        for first, vectors in making.tiling.planes(columns.planes, positions, len(order)):
            wide = vectors * making.lanes
            packed = in_order(matrix[:, first * making.lanes :][:, :wide], order, wide)
            self.bytes += packed.nbytes
            address = making.tables.keep(packed)
            self._parts.append(_Part(columns.first + first, vectors, columns, even(order), address))


def even(order: Offsets) -> Offsets:
    """An order of reads, of which there must be an even number: the last may come twice."""
    return order if len(order) % 2 == 0 else np.append(order, order[-1])


def in_order(weights: Floats, order: Offsets, wide: int) -> Floats:
    """Weights (…, reads, filters) as (…, even reads, wide) in an order. Of an odd number of reads
    the last is done twice with half its weight, which changes no sum."""
    *outer, _, filters = weights.shape
    shape = (*outer, len(order) + len(order) % 2, wide)
    found = aligned(FLOAT_BYTES * prod(shape)).view(np.float32).reshape(shape)
    found[..., : len(order), :filters] = weights[..., order, :]
    if len(order) % 2:
        found[..., -2:, :] = found[..., -2:-1, :] / 2
    return found


def _columns(groups: int, weight: Floats, lanes: int) -> Iterator[_Columns]:
    """The filters with their weights, with zeros for what a vector reads of other groups."""
    taps, each, filters = weight.shape
    own = filters // groups
    for mine, read in _together(groups, each, filters, lanes):
        planes = -(-(mine.stop - mine.start) // lanes)
        if groups == 1:
            yield _Columns(0, planes, read, weight)
            return
        part = np.zeros((taps, read.stop - read.start, mine.stop - mine.start), np.float32)
        for group in range(read.start // each, read.stop // each):
            some = slice(max(group * own, mine.start), min((group + 1) * own, mine.stop))
            rows = slice(group * each - read.start, (group + 1) * each - read.start)
            part[:, rows, some.start - mine.start : some.stop - mine.start] = weight[:, :, some]
        yield _Columns(mine.start // lanes, planes, read, part)


def _together(groups: int, each: int, filters: int, lanes: int) -> Iterator[tuple[slice, slice]]:
    """Filters that read the same channels, and those channels: group by group where groups fill
    vectors of output channels, and otherwise vector by vector, of all groups it has filters of."""
    own = filters // groups
    step = filters if groups == 1 else own if own % lanes == 0 else lanes
    for start in range(0, filters, step):
        stop = min(start + step, filters)
        yield slice(start, stop), slice(start // own * each, -(-stop // own) * each)


def packed_floats(taps: int, channels: int, groups: int, filters: int, lanes: int) -> int:
    """Packed weights of all filters: an even number of reads, whole vectors."""
    found = 0
    for mine, read in _together(groups, channels // groups, filters, lanes):
        reads = taps * (read.stop - read.start)
        found += (reads + reads % 2) * -(-(mine.stop - mine.start) // lanes) * lanes
    return found


def kernel_tables(making: Making) -> dict[int, int]:
    """For each G the address of a table of kernels by the number of positions."""
    found = {}
    for vectors, largest in shapes.products(making.lanes).items():
        names = (shapes.product_name(p, vectors) for p in range(1, largest + 1))
        found[vectors] = making.library.tiles("contraction", names)
    return found


def contracted(making: Making, task: Task, arrays: dict[str, Array]) -> Made:
    """A convolution or a dense layer over all positions, with weights for all channels."""
    assert task.job is not None
    o = task.job.step.operation
    assert isinstance(o, op.Convolution | op.TableConvolution | op.Product)
    (value,), output = task.inputs, task.output
    positions = len(output.positions)
    stage = Products(making, reads.of(o), value, output, arrays, positions)
    step, shared = split(making, task, stage)
    how = f"tiles of {stage.tile(positions)}"
    if making.threads > 1:
        how += f", threads share {shared}"
    name = "dense" if isinstance(o, op.Product) else "direct"
    return Made([step], name, stage.macs_each * positions, how)


def split(making: Making, task: Task, stage: Products) -> tuple[NativeStep, str]:
    """Threads share positions or, where weights outweigh what they are applied to, filters."""
    assert task.job is not None
    (value,), output, threads = task.inputs, task.output, making.threads
    entries = stage.entries(value, output, task.other)
    common = finished(making, task.job, output, task.other) | {
        "entries": making.tables.records(entries),
        "input_offsets": making.tables.words(stage.starts(value, output.spatial)),
    }
    positions, weights = len(output.positions), stage.bytes
    read_bytes = len(value.positions) * value.channels * FLOAT_BYTES
    by_entry = positions < threads * TILE or (weights > read_bytes and len(entries) >= threads)
    turns: Sequence[tuple[int, int]] = [(0, len(entries))] * threads
    places: Sequence[tuple[int, int]] = [(0, positions)] * threads
    if by_entry:
        turns = list(shares(len(entries), threads))
    else:
        places = list(shares(positions, threads, TILE))
    records = []
    for (start, stop), (first, last) in zip(places, turns, strict=True):
        block, ahead = max(stop - start, 1), 0
        if weights < read_bytes:
            block = max(BLOCK_BYTES * positions // read_bytes // TILE, 2) * TILE
        if weights > AHEAD_BYTES and block >= stop - start > 0:
            ahead = weights // len(entries) // (stop - start) // 64 * 64
        span = {"start": start, "stop": stop, "block": block, "ahead": ahead}
        records.append(making.step(**common, **span, entry_start=first, entry_stop=last))
    step = NativeStep(making.library.address("driver", "drive"), tuple(records))
    return step, "filters" if by_entry else "positions"
