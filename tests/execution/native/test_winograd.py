"""Winograd's convolutions against the reference, in the memory around them as well."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import count, cycle, product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms import tiles, winograd
from cnncalc.execution.native.crew import Crew
from cnncalc.execution.native.fusing import Job
from cnncalc.execution.native.host import host, narrowed
from cnncalc.execution.native.kernels.interpolation import (
    FORMS,
    Form,
    for_input,
    for_output,
    for_weights,
)
from cnncalc.execution.native.layout import Grid, Packed, fresh, joined, selected
from cnncalc.execution.native.library import library
from cnncalc.execution.native.making import Making, NativeStep
from cnncalc.execution.native.placing import Task
from cnncalc.execution.native.tables import Tables, aligned
from cnncalc.execution.operations import Elementwise, Function
from cnncalc.execution.plan import Step
from cnncalc.execution.reference import contractions
from cnncalc.geometry import Window
from cnncalc.volume import Volume
from tests.execution.native.driving import LANES, OWN
from tests.together import together

EXACT = Form(2, 3)
"""The form whose points are whole: exact for small whole numbers."""
TOLERANCE = 5e-6
"""Of the others, relative to the largest number."""

LEAKY = Elementwise(Function.LEAKY_RELU, -2.0)
RELU6 = Elementwise(Function.RELU6)


class Ending(NamedTuple):
    other: bool = False
    function: Elementwise | None = None
    other_last: bool = False


ENDINGS = [
    Ending(),
    Ending(other=True),
    Ending(function=RELU6),
    Ending(other=True, function=RELU6),
    Ending(function=LEAKY),
    Ending(other=True, function=LEAKY),
    Ending(other=True, function=RELU6, other_last=True),
    Ending(other=True, function=LEAKY, other_last=True),
]


class Case(NamedTuple):
    form: Form
    batch: int
    spatial: tuple[int, int]
    padding: tuple[tuple[int, int], tuple[int, int]]
    channels: int
    filters: int
    ending: Ending = ENDINGS[0]

    @property
    def windows(self) -> tuple[Window, ...]:
        return tuple(Window(self.form.taps, 1, *ends) for ends in self.padding)

    @property
    def out(self) -> tuple[int, ...]:
        axes = zip(self.spatial, self.padding, strict=True)
        return tuple(width + sum(ends) - self.form.taps + 1 for width, ends in axes)


@cache
def crew(lanes: int, threads: int) -> Crew:
    return Crew(library(narrowed(host(), lanes)), threads)


class Memory:
    """A convolution's values in memory that is full of numbers, but for the zeros around the
    input."""

    def __init__(self, case: Case, lanes: int, threads: int, value: Packed | None = None) -> None:
        self.case = case
        rng = np.random.default_rng(7)
        # Rows and columns behind the padding, which tiles read and which must have no influence.
        behind = [(a, b + case.form.outputs - 1) for a, b in case.padding]
        read = Grid(case.batch, case.spatial, tuple(behind), lanes)
        grid = Grid(case.batch, case.out, ((1, 2), (0, 1)), lanes)
        self.x = value or fresh(read, 0, case.channels)
        self.y = fresh(grid, 1, case.filters)
        self.other = fresh(grid._replace(halo=((0, 1), (2, 0))), 2, case.filters)
        planes = [1 + max(plane.number for plane in v.planes) for v in (self.x, self.y, self.other)]
        sizes = [v.grid.plane_bytes for v in (self.x, self.y, self.other)]
        starts = np.cumsum([0, *(n * size for n, size in zip(planes, sizes, strict=True))])
        self.arena = aligned(int(starts[-1])).view(np.float32)
        self.arena[:] = rng.integers(-9, 10, self.arena.size)
        job = Job(
            Step(op.Convolution(case.windows), (0,), 1, (0,), {}), 1, (0,),
            other=2 if case.ending.other else None,
            function=case.ending.function, other_last=case.ending.other_last,
        )  # fmt: skip
        self.task = Task(job, (self.x,), self.y, self.other if case.ending.other else None)
        self.room = aligned(winograd.room(self.task, threads))
        self.making = Making(
            library(narrowed(host(), lanes)), Tables(), self.arena, threads,
            list(zip(starts[:-1].tolist(), sizes, strict=True)), self.room.ctypes.data,
        )  # fmt: skip
        width = case.form.taps - 1
        self.weight = rng.integers(-9, 10, (width + 1, width + 1, case.channels, case.filters))
        self.bias = rng.integers(-9, 10, case.filters)
        self._put(rng.integers(-9, 10, (case.batch, *case.spatial, case.channels)))

    def _put(self, numbers: npt.NDArray[np.int64]) -> None:
        """The input, and zeros where it is padded."""
        axes = zip(self.case.spatial, self.case.padding, strict=True)
        padded = [np.arange(-before, width + after) for width, (before, after) in axes]
        around = self.x.grid.places(padded)
        self.arena[self._places(self.x, around)] = 0
        self.arena[self._places(self.x)] = numbers.reshape(-1, self.case.channels)

    def _places(self, value: Packed, positions: Any = None) -> npt.NDArray[np.int64]:
        """Indices into the arena, (positions, channels)."""
        at = value.positions if positions is None else positions
        found: npt.NDArray[np.int64] = (at[:, None] + self.making.channels(value)) // 4
        return found

    def taken(self, value: Packed) -> npt.NDArray[np.float64]:
        numbers = self.arena[self._places(value)].astype(np.float64)
        return numbers.reshape(self.case.batch, *value.spatial, -1)

    def expected(self) -> tuple[npt.NDArray[np.float64], float]:
        """What should come out, and the largest number before the ending."""
        o = op.Convolution(self.case.windows)
        arrays = {"weight": self.weight.astype(float), "bias": self.bias.astype(float)}
        volume = Volume((*self.case.out, self.case.filters))
        y = contractions.convolution(o, self.taken(self.x), arrays, volume, contractions.Tally())
        largest = float(np.abs(y).max())
        other, function, last = self.case.ending
        if other and not last:
            y = y + self.taken(self.other)
        if function is RELU6:
            y = np.clip(y, 0, 6)
        if function is LEAKY:
            y = np.where(y > 0, y, LEAKY.parameter * y)
        if last:
            y = y + self.taken(self.other)
        return np.asarray(y, np.float64), largest

    def run(self) -> npt.NDArray[np.float64]:
        """What comes out. Nothing but the output's vectors may have changed."""
        arrays = {"weight": self.weight.astype(float), "bias": self.bias.astype(float)}
        made = winograd.convolution(self.making, self.task, arrays, self.case.form)
        self.making.complete()
        words = [
            word
            for step in made.steps
            if isinstance(step, NativeStep)
            for word in (step.function, *step.records)
        ]
        before = self.arena.copy()
        table, clock = np.array(words, np.int64), np.zeros(len(made.steps) + 1, np.int64)
        crew(self.making.lanes, self.making.threads).run(
            table.ctypes.data, len(made.steps), clock.ctypes.data
        )
        vectors = np.array(self.making.planes(self.y)) - self.making.base
        lanes = np.add.outer(vectors, np.arange(self.making.lanes) * 4).reshape(-1)
        own = np.add.outer(self.y.positions, lanes) // 4
        before[own] = self.arena[own]
        np.testing.assert_array_equal(self.arena, before)
        return self.taken(self.y)


def check(memory: Memory) -> None:
    (expected, largest), made = memory.expected(), memory.run()
    if memory.case.form == EXACT:
        np.testing.assert_array_equal(made, expected)
    else:
        assert np.abs(made - expected).max() <= TOLERANCE * largest


PADDINGS = [
    ((1, 1), (1, 1)),
    ((0, 0), (0, 0)),
    ((2, 0), (0, 1)),
    ((2, 2), (2, 2)),
    ((0, 2), (2, 4)),
    ((4, 2), (3, 1)),
]


def cases(form: Form, lanes: int) -> Iterator[tuple[Case, int]]:
    """All small sizes; the rest takes turns, in cycles of different lengths."""
    channels = cycle((1, 3, lanes, lanes + 1, 2 * lanes + 3))
    filters = cycle((lanes, 1, 2 * lanes + 3, lanes + 1))
    batch, endings = cycle((1, 2, 1)), cycle(ENDINGS[1:])
    threads, turn = cycle((1, 2, 3, 1, 2, 2, 3, 1, 1, 2, 3)), count()
    for height, width in product(range(1, 10), repeat=2):
        all_of_them = [Case(form, 1, (height, width), padding, 1, 1) for padding in PADDINGS]
        fitting = [case.padding for case in all_of_them if min(case.out) > 0]
        padding = fitting[next(turn) % len(fitting)]
        case = Case(
            form, next(batch), (height, width), padding, next(channels), next(filters),
            next(endings),
        )  # fmt: skip
        yield case, next(threads)


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("form", FORMS, ids=str)
class TestConvolution:
    def test_small_sizes(self, form: Form, lanes: int) -> None:
        for case, threads in cases(form, lanes):
            check(Memory(case, lanes, threads))

    @pytest.mark.parametrize("threads", [1, 2, 3])
    def test_many_tiles(self, form: Form, lanes: int, threads: int) -> None:
        """In several blocks for each thread, or in one for all."""
        for size in (29, 41):
            case = Case(form, 1, (size, size), PADDINGS[0], 5, 6 * lanes - 1, ENDINGS[3])
            check(Memory(case, lanes, threads))

    def test_endings(self, form: Form, lanes: int) -> None:
        for ending in ENDINGS:
            check(Memory(Case(form, 1, (6, 7), PADDINGS[0], 3, lanes + 1, ending), lanes, 1))

    def test_channels_of_several_buffers(self, form: Form, lanes: int) -> None:
        """A concatenation of parts of a value, in another order than they lie."""
        halo = ((1, 1 + form.outputs), (1, 1 + form.outputs))
        whole = fresh(Grid(1, (6, 5), halo, lanes), 0, 3 * lanes)
        value = joined([selected(whole, range(2 * lanes + 1, 3 * lanes)), selected(whole, [2, 0])])
        case = Case(form, 1, (6, 5), PADDINGS[0], value.channels, lanes)
        check(Memory(case, lanes, 2, value))


class TestForms:
    def test_for_whom(self) -> None:
        case = Case(FORMS[1], 1, (9, 9), ((9, 9), (9, 9)), 4, 4)
        task = Memory(case, OWN, 1).task

        def found(*windows: Window, groups: int = 1) -> list[str]:
            step = Step(op.Convolution(windows, groups), (0,), 1, (0,), {})
            return [str(form) for form in winograd.forms(task._replace(job=Job(step, 1, (0,))))]

        three, five = Window(3, 1, 9, 9), Window(5, 1, 9, 9)
        assert found(three, three) == ["F(2x2,3x3)", "F(4x4,3x3)"]
        assert found(five, five) == ["F(2x2,5x5)"]
        assert found(three, three, groups=2) == []
        for others in [(three,), (three, five), (three,) * 3, (Window(7), Window(7))]:
            assert found(*others) == []
        for other in [three._replace(stride=2), three._replace(dilation=2)]:
            assert found(other, three) == found(three, other) == []

    def test_not_beyond_the_halo(self) -> None:
        """Ten outputs are three tiles of four, which hang over by two."""
        memory = Memory(Case(FORMS[1], 1, (10, 10), PADDINGS[0], 4, 4), OWN, 1)
        for halo, forms in [((1, 3), FORMS[:2]), ((1, 2), FORMS[:1]), ((0, 3), ())]:
            for both in [(halo, (9, 9)), ((9, 9), halo)]:
                value = memory.x._replace(grid=memory.x.grid._replace(halo=both))
                assert winograd.forms(memory.task._replace(inputs=(value,))) == forms

    @pytest.mark.parametrize("form", FORMS, ids=str)
    def test_matrices(self, form: Form) -> None:
        """In exact arithmetic they are the convolution: for every tap and every pixel, by
        themselves, since all is linear."""
        given, taps, back = for_input(form.reads), for_weights(form), for_output(form)
        for tap, pixel in product(range(form.taps), range(form.reads)):
            made = [
                sum(row[i] * taps[i][tap] * given[i][pixel] for i in range(form.reads))
                for row in back
            ]
            assert made == [Fraction(i + tap == pixel) for i in range(form.outputs)]


class TestBlocks:
    @together("threads", [1, 2, 3, 64])
    @together("lanes", [4, 8, 16])
    def test_all_planes_in_groups(self, lanes: int, threads: int) -> None:
        for size, filters in product((1, 4, 7, 9, 14, 28, 200), range(1, 13 * lanes, lanes)):
            layer = tiles.Layer(FORMS[1], lanes, 1, (size, size), 5, 2, filters)
            cut = tiles.blocks(layer, threads)
            made = [g.first + n for g in cut.groups for n in range(g.planes)]
            assert made == list(range(layer.output_planes))
            assert 0 < cut.tiles <= layer.tiles <= cut.number * cut.tiles
            assert cut.together or cut.number >= threads
