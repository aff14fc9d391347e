"""Convolutions by Winograd's method: transforms of tiles and products between them.

There are three stages, each a step of the driver: into the values at the points (an entry for each
plane of the input), products (one for each pair of points and group of output planes), and back
(one for each plane of the output). Their positions are the tiles of a block.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms.products import kernel_tables
from cnncalc.execution.native.algorithms.tiles import Layer, blocks, packed, scratch
from cnncalc.execution.native.kernels import shapes
from cnncalc.execution.native.kernels.interpolation import FORMS, Form
from cnncalc.execution.native.kernels.records import ENTRY, STEP, WORD, Record, record
from cnncalc.execution.native.making import Made, Making, NativeStep, finish, shares
from cnncalc.execution.native.schedule.layout import Packed
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.native.tables import aligned
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.weights import Array


def forms(task: Task) -> tuple[Form, ...]:
    """The forms in which a task can be carried out: none where it is no convolution of one group
    with a square window of 3 or 5 that slides by 1 over an input in vectors with halo enough."""
    if task.job is None or task.job.before:
        return ()
    o = task.job.step.operation
    if not isinstance(o, op.Convolution) or o.groups != 1 or len(o.windows) != 2:
        return ()
    (value,), output = task.inputs, task.output
    in_vectors = value.spatial == value.grid.spatial and value.grid.lanes == output.grid.lanes
    if not in_vectors or any((w.stride, w.dilation) != (1, 1) for w in o.windows):
        return ()
    own = (form for form in FORMS if all(w.kernel == form.taps for w in o.windows))
    return tuple(form for form in own if _in_reach(layer(task, form), value, o))


FEW_CHANNELS = 16
"""Of the input: with fewer, transforms outweigh what is saved."""
LARGE_MAP = 7
"""Pixels along an axis of the output from which on tiles of 4x4 waste little."""
HEAVY_BYTES, FEW_TILES = 24 << 20, 40
"""Weights that for so few tiles take longer to be read than to be used."""


def usual(task: Task) -> Form | None:
    """The form that is the fastest on most processors; None where that is no form at all."""
    known = {form.outputs: form for form in forms(task)}
    if not known or task.inputs[0].channels < FEW_CHANNELS or min(task.output.spatial) < 3:
        return None
    if 4 not in known or min(task.output.spatial) < LARGE_MAP:
        return known.get(2)
    cut = layer(task, known[4])
    heavy = cut.weight_bytes > HEAVY_BYTES and cut.tiles < FEW_TILES
    return known.get(2, known[4]) if heavy else known[4]


def _in_reach(cut: Layer, value: Packed, o: op.Convolution) -> bool:
    """Whether all that tiles read lies in the halo of the value."""
    axes = zip(cut.out, cut.overhang, o.windows, value.grid.spatial, value.grid.halo, strict=True)
    return all(
        before >= w.before and behind >= n + over + w.kernel - 1 - w.before - width
        for n, over, w, width, (before, behind) in axes
    )


def layer(task: Task, form: Form) -> Layer:
    """What a task is as a convolution by tiles."""
    (value,), output = task.inputs, task.output
    height, width = output.grid.spatial
    return Layer(
        form,
        output.grid.lanes,
        output.grid.batch,
        (height, width),
        value.channels,
        len(value.planes),
        output.channels,
    )


def convolution(making: Making, task: Task, arrays: dict[str, Array], form: Form) -> Made:
    """A convolution in one of its forms, with the room that its way says."""
    cut = layer(task, form)
    weights = aligned(cut.weight_bytes).view(np.float32)
    packed(cut, blocks(cut, making.threads).groups, arrays["weight"], weights)
    address = making.tables.keep(weights)
    biases, bias = making.tables.floats(cut.output_planes * cut.lanes)
    if "bias" in arrays:
        biases[: cut.filters] = arrays["bias"]
    steps = _Steps(making, task, cut, address, bias, making.room)
    macs = cut.tiles * form.products * cut.channels * cut.filters
    return Made(steps.all(), f"winograd {form}", macs, steps.blocks.told, literal=False)


class _Stage(NamedTuple):
    """A stage that works on one scratch memory: its entries, and the fields of its steps. Those in
    `by_tile` are tables with a word for each of the layer's tiles."""

    entries: int
    number: int
    fields: dict[str, int | float]
    by_tile: dict[str, int]


class _Steps:
    def __init__(
        self, making: Making, task: Task, cut: Layer, weights: int, bias: int, room: int
    ) -> None:
        self.making, self.task, self.layer = making, task, cut
        self.tables, self.threads = making.tables, making.threads
        self.weights, self.bias, self.room = weights, bias, room
        self.blocks = blocks(cut, making.threads)
        self.scratch = scratch(cut, self.blocks)
        self.places = self.tables.words(np.arange(self.blocks.tiles) * cut.vector_bytes)
        self.drive = making.library.address("driver", "drive")

    def all(self) -> list[NativeStep]:
        """What threads do, step by step with a barrier after each."""
        cut = list(shares(self.layer.tiles, self.blocks.number))
        if not self.blocks.together:
            own = [
                self._alone(thread, cut[slice(*turns)])
                for thread, turns in enumerate(shares(len(cut), self.threads))
            ]
            return [NativeStep(self.making.library.address("driver", "parts"), tuple(own))]
        stages = self._stages(0)
        return [
            NativeStep(self.drive, tuple(self._shared(stage, *tiles)))
            for tiles in cut
            for stage in stages
        ]

    def _alone(self, thread: int, cut: list[tuple[int, int]]) -> int:
        """All stages of a thread's own blocks, one after the other."""
        stages = self._stages(thread) if cut else ()
        words = [
            word
            for start, stop in cut
            for stage in stages
            for word in (
                self.drive,
                self._record(stage, start, (0, stage.number), (0, stop - start)),
            )
        ]
        return self.tables.words([*words, 0, 0]) if words else 0

    def _shared(self, stage: _Stage, start: int, stop: int) -> list[int]:
        """A stage divided among all threads, by entries or, where that is fairer, by tiles."""
        by_entry = -(-stage.number // self.threads) * (stop - start)
        by_tile = -(-(stop - start) // self.threads) * stage.number
        turns, tiles = [(0, stage.number)] * self.threads, [(0, stop - start)] * self.threads
        if by_entry <= by_tile:
            turns = list(shares(stage.number, self.threads))
        else:
            tiles = list(shares(stop - start, self.threads))
        return [
            self._record(stage, start, *both) if all(low < high for low, high in both) else 0
            for both in zip(turns, tiles, strict=True)
        ]

    def _record(
        self, stage: _Stage, start: int, turns: tuple[int, int], tiles: tuple[int, int]
    ) -> int:
        step = record(
            STEP,
            **stage.fields,
            **{name: table + WORD * start for name, table in stage.by_tile.items()},
            entries=stage.entries,
            entry_start=turns[0],
            entry_stop=turns[1],
            start=tiles[0],
            stop=tiles[1],
            block=tiles[1] - tiles[0],
        )
        return self.tables.records([step])

    # Stages

    def _stages(self, number: int) -> tuple[_Stage, _Stage, _Stage]:
        """Those that use the scratch memory with this number."""
        values = self.room + number * self.scratch.size
        results = values + self.scratch.output
        return self._into(values), self._products(values, results), self._back(results)

    def _stage(self, entries: list[Record], by_tile: dict[str, int], **fields: float) -> _Stage:
        return _Stage(self.tables.records(entries), len(entries), fields, by_tile)

    def _into(self, values: int) -> _Stage:
        (source,) = self.task.inputs
        kernel = self.making.library.address("winograd", shapes.winograd_input(self.layer.form))
        entries = [
            record(ENTRY, kernels=kernel, input=plane, output=values + number * self.scratch.plane)
            for number, plane in enumerate(self.making.planes(source))
        ]
        return self._stage(
            entries,
            {"input_offsets": self._corners(source, self._before)},
            output_offsets=self.places,
            input_row=source.grid.strides[0],
            spread=self.scratch.input_spread,
        )

    def _products(self, values: int, results: int) -> _Stage:
        cut, size, (source,) = self.layer, self.scratch, self.task.inputs
        channels = source.plane_of * size.plane + source.within
        reads = self.tables.words(np.resize(channels, cut.reads))
        _, zeros = self.tables.floats(self.blocks.groups[0].planes * cut.lanes)
        kernels, largest = kernel_tables(self.making), shapes.products(cut.lanes)
        pairs = [(xi, group) for xi in range(cut.form.products) for group in self.blocks.groups]
        weights = [
            self.weights + (xi * cut.weights + group.first * cut.lanes * cut.reads) * FLOAT_BYTES
            for xi, group in pairs
        ]
        entries = [
            record(
                ENTRY,
                kernels=kernels[group.planes],
                largest=largest[group.planes],
                input=values + xi * size.input_spread,
                weights=own,
                bias=zeros,
                output=results + xi * size.output_spread + group.first * size.plane,
                reads=reads,
                count=cut.reads,
                ahead=following,
            )
            for (xi, group), own, following in zip(
                pairs, weights, weights[1:] + weights[:1], strict=True
            )
        ]
        return self._stage(
            entries,
            {},
            input_offsets=self.places,
            output_offsets=self.places,
            output_plane=size.plane,
            lower=-inf,
            upper=inf,
            ahead=self.blocks.ahead,
        )

    def _back(self, results: int) -> _Stage:
        output, other, job = self.task.output, self.task.other, self.task.job
        assert job is not None
        kernel = self.making.library.address("winograd", shapes.winograd_output(self.layer.form))
        planes = self.making.planes(output)
        others = [0] * len(planes) if other is None else self.making.planes(other)
        entries = [
            record(
                ENTRY,
                kernels=kernel,
                input=results + number * self.scratch.plane,
                bias=self.bias + number * self.layer.vector_bytes,
                other=beside,
                output=plane,
            )
            for number, (plane, beside) in enumerate(zip(planes, others, strict=True))
        ]
        beside = output if other is None else other
        return self._stage(
            entries,
            {
                "output_offsets": self._corners(output),
                "other_offsets": self._corners(beside),
                "tables": self._parts(),
            },
            input_offsets=self.places,
            output_row=output.grid.strides[0],
            other_row=beside.grid.strides[0],
            other_last=job.other_last,
            spread=self.scratch.output_spread,
            **finish(self.making, job.function)._asdict(),
        )

    # Tiles

    @property
    def _before(self) -> tuple[int, int]:
        """The padding above and at the left."""
        assert self.task.job is not None
        o = self.task.job.step.operation
        assert isinstance(o, op.Convolution)
        above, left = o.windows
        return above.before, left.before

    def _corners(self, value: Packed, before: tuple[int, int] = (0, 0)) -> int:
        """A table of where tiles begin in the planes of a value."""
        outputs = self.layer.form.outputs
        axes = zip(self.layer.tile_grid, before, strict=True)
        return self.tables.words(value.grid.places([np.arange(n) * outputs - b for n, b in axes]))

    def _parts(self) -> int:
        """A table of the pixels there are of each tile."""
        m = self.layer.form.outputs
        row, pixel = self.task.output.grid.strides
        known = np.zeros((m + 1, m + 1), np.int64)
        rows, columns = (
            np.minimum(width - np.arange(n) * m, m)
            for width, n in zip(self.layer.out, self.layer.tile_grid, strict=True)
        )
        for height in set(rows.tolist()):
            for width in set(columns.tolist()):
                offsets = np.add.outer(np.arange(height) * row, np.arange(width) * pixel)
                known[height, width] = self.tables.words([height, width, *offsets.flat])
        image = known[rows[:, None], columns]
        return self.tables.words(np.tile(image.reshape(-1), self.layer.batch))
