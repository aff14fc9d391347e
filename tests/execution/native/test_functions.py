"""Functions of vectors against the same ones of numpy and the reference in double precision."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
import pytest
from numba import types

from cnncalc.execution.native.code import Code, compiled, machine
from cnncalc.execution.native.host import host, narrowed
from cnncalc.execution.native.kernels import functions, vector_math
from cnncalc.execution.native.kernels.compiler import Compiler, Exported, Kernel, kernel
from cnncalc.execution.native.kernels.memory import load, store, vector_bytes
from cnncalc.execution.native.kernels.records import STEP
from cnncalc.execution.native.kernels.shapes import after_name
from cnncalc.execution.native.kernels.vectors import vector
from cnncalc.execution.operations import Function
from cnncalc.execution.reference.functions import FUNCTIONS
from tests.execution.native.driving import LANES, Floats, aligned, bytes_of, of, record, table
from tests.together import together

PARAMETERS = {Function.LEAKY_RELU: 0.1, Function.ELU: 1.3}

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 3e38, -3e38, 1e-38, -1e-38, 88.7, 88.8, -87.4, 1e-45]

TINY = 2e-36
"""Where results are as good as zero: less than 2⁻¹²⁶ counts as that, times what is multiplied."""


def numbers(lanes: int) -> Floats:
    """Special ones, and others of all sizes in an order that no lane sees alike."""
    rng = np.random.default_rng(7)
    usual = [rng.standard_normal(4000) * size for size in (1e-6, 0.1, 1, 4, 40)]
    wide = np.geomspace(1e-37, 3e38, 2000) * rng.choice([-1, 1], 2000)
    found = np.concatenate([np.repeat(SPECIAL, lanes), *usual, wide])
    return found[: len(found) // lanes * lanes].astype(np.float32).reshape(-1, lanes)


def applied(function: Function, x: Floats, positions: Any, planes: int, plane: int) -> Floats:
    """A function in place, at some positions of each plane, `plane` positions apart."""
    lanes = x.shape[1]
    types = [ctypes.c_void_p] * 2 + [ctypes.c_int64] * 3 + [ctypes.c_void_p]
    call = of(lanes).code("functions", name := after_name(function)).function(name, *types)
    step = table([record(STEP, {"after_parameter": PARAMETERS.get(function, 0.0)})])
    place, offsets = aligned(x), bytes_of(positions, lanes)
    size = plane * lanes * 4
    call(place.ctypes.data, offsets.ctypes.data, len(offsets), planes, size, step.ctypes.data)
    return place


@pytest.mark.parametrize("lanes", LANES)
@together("function", functions.FUNCTIONS)
def test_every_function_is_the_references(function: Function, lanes: int) -> None:
    x = numbers(lanes)
    found = applied(function, x, range(len(x)), 1, 0)
    parameter = float(np.float32(PARAMETERS.get(function, 0.0)))
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[function](x.astype(np.float64), parameter)
        rounded = expected.astype(np.float32)
    relative, near_zero = 6e-7, TINY
    if function is Function.GELU:
        # A power of two whose exponent reaches 26, rounded; and its tail is not followed further.
        relative, near_zero = 4e-6, 1e-12
    finite = np.isfinite(rounded)
    np.testing.assert_array_equal(found[~finite], rounded[~finite])
    np.testing.assert_allclose(found[finite], expected[finite], rtol=relative, atol=near_zero)


@pytest.mark.parametrize("lanes", LANES)
def test_a_function_goes_over_what_it_is_told_and_nothing_else(lanes: int) -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(-9, 10, (3 * 20, lanes)).astype(np.float32)
    chosen = [7, 2, 3, 19, 11]
    found = applied(Function.HARD_SIGMOID, x, chosen, planes=2, plane=20)
    expected = x.copy()
    for position in chosen:
        for plane in (0, 20):
            expected[plane + position] = np.clip((x[plane + position] + 3) / 6, 0, 1)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


POWERS = (-0.75, -1.0, -0.1, -2.0)


def to_power(exponent: float) -> Kernel:
    @kernel
    def raised(x: Any) -> Any:
        return vector_math.power(x, vector(exponent))

    return raised


LOGARITHMS: dict[str, Kernel] = {
    "logarithm": vector_math.logarithm,
    **{f"power {exponent}": to_power(exponent) for exponent in POWERS},
}


def over_vectors(function: Kernel) -> Exported:
    """What goes over so many vectors at an address."""

    @kernel
    def go(place: int, count: int) -> None:
        for _ in range(count):
            store(function(load(place)), place)
            place += vector_bytes()

    return Exported(go, (types.intp, types.intp))


@cache
def written(lanes: int) -> Code:
    at = narrowed(host(), lanes)
    all_of_them = {f"f{n}": over_vectors(made) for n, made in enumerate(LOGARITHMS.values())}
    return compiled(Compiler(lanes, at.triple, machine(at)).text(all_of_them), at)


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("name", LOGARITHMS)
def test_logarithms_and_powers(name: str, lanes: int) -> None:
    x = np.abs(numbers(lanes))
    x[x < 1.2e-38] = 0
    place = aligned(x)
    function = f"f{list(LOGARITHMS).index(name)}"
    call = written(lanes).function(function, ctypes.c_void_p, ctypes.c_int64)
    call(place.ctypes.data, len(x))
    with np.errstate(all="ignore"):
        exact = x.astype(np.float64)
        expected = np.log(exact) if name == "logarithm" else exact ** float(name.split()[1])
        rounded = expected.astype(np.float32)
    finite = np.isfinite(rounded)
    np.testing.assert_array_equal(place[~finite], rounded[~finite])
    # The exponent is rounded to 24 bits, of which seven stand before the point at worst.
    relative = 6e-7 if name == "logarithm" else 6e-6
    near = (x > 0.05) & (x < 20) & finite
    np.testing.assert_allclose(place[near], expected[near], rtol=6e-7)
    np.testing.assert_allclose(place[finite], expected[finite], rtol=relative, atol=TINY)


@pytest.mark.parametrize("lanes", LANES)
def test_below_zero_there_is_no_logarithm(lanes: int) -> None:
    for number in range(len(LOGARITHMS)):
        place = aligned(np.repeat([-1.0, -np.inf, -1e-45, np.nan], lanes))
        call = written(lanes).function(f"f{number}", ctypes.c_void_p, ctypes.c_int64)
        call(place.ctypes.data, 4)
        assert np.isnan(place).all()
