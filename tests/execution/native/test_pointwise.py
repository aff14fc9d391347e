"""Kernels of positions against numpy: exact, since the numbers are small whole ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cnncalc.execution.native.kernels.shapes import after_name
from cnncalc.execution.operations import Function
from tests.execution.native.driving import LANES, Floats, aligned, bytes_of, drive, of

POSITIONS = 300
ROOM = 350
"""Positions of a plane; the kernels see some of them, in no order."""
PLANES = 2

pytestmark = pytest.mark.parametrize("lanes", LANES)


class Volumes:
    """x, z and a place for results, each with positions of its own, and a vector of weights and
    of biases for each plane."""

    def __init__(self, lanes: int, special: bool = True) -> None:
        rng = np.random.default_rng(3)
        self.lanes = lanes
        shape = (PLANES, ROOM, lanes)
        self.x, self.z, self.y = (aligned(rng.integers(-9, 10, shape)) for _ in range(3))
        if special:
            for array in (self.x, self.z):
                places = rng.random(shape) < 0.05
                array[places] = rng.choice([np.nan, np.inf, -np.inf, -0.0], places.sum())
        self.weights, self.bias = (aligned(rng.integers(-3, 4, (PLANES, lanes))) for _ in range(2))
        self.places = [rng.permutation(ROOM)[:POSITIONS] for _ in range(3)]

    @property
    def operands(self) -> tuple[Floats, Floats]:
        """x and z as the kernels see them."""
        return self.x[:, self.places[0]], self.z[:, self.places[1]]

    def run(self, kernel: str, weights: Any = None, **step: Any) -> Floats:
        """What a kernel makes of them. Nothing else may have changed."""
        entries = [
            {"input": self.x[p], "other": self.z[p], "output": self.y[p], "bias": self.bias[p],
             "weights": self.weights[p] if weights is None else weights}
            for p in range(PLANES)
        ]  # fmt: skip
        before = self.y.copy()
        offsets = [bytes_of(places, self.lanes) for places in self.places]
        names = ("input_offsets", "other_offsets", "output_offsets")
        drive(self.lanes, kernel, POSITIONS, entries, **dict(zip(names, offsets, strict=True)),
              **step)  # fmt: skip
        made = self.y[:, self.places[2]].copy()
        before[:, self.places[2]] = made
        np.testing.assert_array_equal(self.y, before)
        return made


SIMPLE: dict[str, Callable[[Floats, Floats, Floats, Floats], Any]] = {
    "copy": lambda x, z, w, b: x,
    "affine": lambda x, z, w, b: x * w + b,
    "slope": lambda x, z, w, b: np.where(x > 0, x, x * w),
    "add": lambda x, z, w, b: x + z,
    "subtract": lambda x, z, w, b: x - z,
    "multiply": lambda x, z, w, b: x * z,
    "maximum": lambda x, z, w, b: np.maximum(x, z),
}


@pytest.mark.parametrize("kernel", SIMPLE)
def test_of_one_or_two_numbers(kernel: str, lanes: int) -> None:
    v = Volumes(lanes)
    with np.errstate(all="ignore"):
        expected = SIMPLE[kernel](*v.operands, v.weights[:, None], v.bias[:, None])
    np.testing.assert_array_equal(v.run(kernel), expected)


@pytest.mark.parametrize("branches", [2, 3, 7])
def test_average(branches: int, lanes: int) -> None:
    v = Volumes(lanes)
    x, z = v.operands
    with np.errstate(all="ignore"):
        expected = (x + z) / np.float32(branches)
    found = v.run("average", weights=np.array([branches], np.float32))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_blend(count: int, lanes: int) -> None:
    v = Volumes(lanes)
    rng = np.random.default_rng(6)
    taps = rng.integers(0, ROOM, (POSITIONS, count))
    shares = rng.integers(0, 5, (POSITIONS, count)).astype(np.float32) / 4
    entries = [
        {"input": v.x[p], "output": v.y[p], "reads": bytes_of(taps, lanes), "weights": shares,
         "count": count}
        for p in range(PLANES)
    ]  # fmt: skip
    drive(lanes, "blend", POSITIONS, entries, output_offsets=bytes_of(v.places[2], lanes))
    with np.errstate(all="ignore"):
        expected = (v.x[:, taps] * shares[..., None]).sum(2)
    np.testing.assert_array_equal(v.y[:, v.places[2]], expected)


def test_an_operand_of_one_position(lanes: int) -> None:
    v = Volumes(lanes)
    v.places[1] = np.repeat([5, 9, 2], POSITIONS // 3)
    x, z = v.operands
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(v.run("multiply"), x * z)


@pytest.mark.parametrize("kernel", SIMPLE)
@pytest.mark.parametrize("onto", ["x", "z"])
def test_in_place(kernel: str, onto: str, lanes: int) -> None:
    v = Volumes(lanes)
    with np.errstate(all="ignore"):
        expected = SIMPLE[kernel](*v.operands, v.weights[:, None], v.bias[:, None])
    v.y, v.places[2] = (v.x, v.places[0]) if onto == "x" else (v.z, v.places[1])
    np.testing.assert_array_equal(v.run(kernel), expected)


@pytest.mark.parametrize("kernel", ["copy", "add"])
def test_bounds_then_a_function(kernel: str, lanes: int) -> None:
    v = Volumes(lanes)
    with np.errstate(all="ignore"):
        sums = SIMPLE[kernel](*v.operands, v.weights, v.bias)
        held = np.minimum(np.maximum(sums, -4), 7)
    np.testing.assert_array_equal(v.run(kernel, lower=-4.0, upper=7.0), held)
    after = of(lanes).address("functions", after_name(Function.LEAKY_RELU))
    found = v.run(kernel, lower=-4.0, upper=7.0, after=after, after_parameter=0.5)
    np.testing.assert_array_equal(found, np.where(held > 0, held, held / 2))


class Windows:
    """For each of some positions the places it reads, and the tables that say so."""

    def __init__(self, v: Volumes, sizes: list[int]) -> None:
        rng = np.random.default_rng(5)
        self.taps = [rng.integers(0, ROOM, size) for size in sizes]
        self.reads = bytes_of(np.concatenate(self.taps), v.lanes)
        self.starts = np.cumsum([0, *sizes], dtype=np.int64)
        self.divisors = rng.integers(1, 10, len(sizes)).astype(np.float32)
        self.output = bytes_of(v.places[2][: len(sizes)], v.lanes)

    def run(self, v: Volumes, kernel: str) -> Floats:
        entries = [
            {"input": v.x[p], "output": v.y[p], "reads": self.reads, "weights": self.divisors}
            for p in range(PLANES)
        ]
        drive(v.lanes, kernel, len(self.taps), entries, tables=self.starts,
              output_offsets=self.output)  # fmt: skip
        return v.y[:, v.places[2][: len(self.taps)]]


SIZES = [*range(1, 20), 49, 255, 256, 257, 600]


def test_pools(lanes: int) -> None:
    v = Volumes(lanes, special=False)
    w = Windows(v, SIZES)
    seen = [v.x[:, taps] for taps in w.taps]
    largest = np.stack([part.max(1) for part in seen], 1)
    np.testing.assert_array_equal(w.run(v, "pool_max"), largest)
    sums = np.stack([part.sum(1) / d for part, d in zip(seen, w.divisors, strict=True)], 1)
    np.testing.assert_array_equal(w.run(v, "pool_sum"), sums)


def test_pools_of_infinities_and_what_is_no_number(lanes: int) -> None:
    v = Volumes(lanes)
    v.x[0] = -np.inf
    v.x[0, ::40, 0] = np.nan
    w = Windows(v, SIZES)
    seen = [v.x[:, taps] for taps in w.taps]
    with np.errstate(all="ignore"):
        largest = np.stack([part.max(1) for part in seen], 1)
        sums = np.stack([part.sum(1) / d for part, d in zip(seen, w.divisors, strict=True)], 1)
    np.testing.assert_array_equal(w.run(v, "pool_max"), largest)
    np.testing.assert_array_equal(w.run(v, "pool_sum"), sums)


@pytest.mark.parametrize("size", range(1, 10))
def test_one_nan_among_so_many(size: int, lanes: int) -> None:
    """Wherever in the window it is read, the largest number is a NaN."""
    v = Volumes(lanes, special=False)
    v.x[:, 0] = np.nan
    w = Windows(v, [size] * size)
    for number, taps in enumerate(w.taps):
        taps[:] = range(1, size + 1)
        taps[number] = 0
    w.reads = bytes_of(np.concatenate(w.taps), lanes)
    assert np.isnan(w.run(v, "pool_max")).all()


def test_a_long_sum_is_precise(lanes: int) -> None:
    x = aligned(np.random.default_rng(2).random((100_000, lanes)))
    y = aligned(np.zeros((1, lanes)))
    entry = {"input": x, "output": y, "reads": bytes_of(range(len(x)), lanes),
             "weights": np.array([len(x)], np.float32)}  # fmt: skip
    starts, output = np.array([0, len(x)]), bytes_of([0], lanes)
    drive(lanes, "pool_sum", 1, [entry], tables=starts, output_offsets=output)
    np.testing.assert_allclose(y[0], x.mean(0, np.float64), rtol=1e-6)


def test_gather(lanes: int) -> None:
    """Lanes from anywhere: each position reads the same places, from where it lies itself."""
    v = Volumes(lanes)
    rng = np.random.default_rng(4)
    numbers = v.x.reshape(-1)
    reads = rng.integers(0, PLANES * ROOM * lanes // 2, lanes)
    places = rng.integers(0, numbers.size // 2, POSITIONS)
    entry = {"input": v.x, "output": v.y[0], "reads": 4 * reads}
    drive(lanes, "gather", POSITIONS, [entry], input_offsets=4 * places,
          output_offsets=bytes_of(v.places[2], lanes))  # fmt: skip
    expected = numbers[places[:, None] + reads]
    np.testing.assert_array_equal(v.y[0, v.places[2]], expected)


def test_elements(lanes: int) -> None:
    v = Volumes(lanes)
    numbers = v.x.reshape(-1)
    reads = np.random.default_rng(4).integers(-1, numbers.size, (POSITIONS, lanes))
    reads[::7, ::3] = -1
    entry = {"input": v.x, "output": v.y[0], "reads": np.where(reads < 0, -1, 4 * reads)}
    drive(lanes, "elements", POSITIONS, [entry], output_offsets=bytes_of(v.places[2], lanes))
    expected = np.where(reads < 0, 0, numbers[reads])
    np.testing.assert_array_equal(v.y[0, v.places[2]], expected)
