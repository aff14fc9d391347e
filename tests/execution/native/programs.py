"""Networks run by native programs and held to the reference in double precision."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cnncalc.execution.checking import check
from cnncalc.execution.folding import folded
from cnncalc.execution.native.program import NativeProgram as NativeProgram
from cnncalc.execution.native.schedule.schedule import schedule
from cnncalc.execution.plan import Plan, plan
from cnncalc.execution.weights import Array, Weights
from tests.execution.native.driving import OWN as OWN
from tests.execution.native.driving import of as of
from tests.execution.networks import Chosen, computed, graph, whole


def planned(text: str, *, fold: bool = False) -> tuple[Plan, Weights]:
    """The plan of a file, and whole numbers for its arrays."""
    made = graph(text)
    return (folded(plan(made)) if fold else plan(made)), Chosen(made)


def inputs(of: Plan, batch: int, seed: str = "x") -> dict[str, Array]:
    """Whole numbers for all inputs, float32."""
    return {
        name: whole(f"{seed} {name}", (batch, *of.values[value])).astype(np.float32)
        for name, value in of.inputs.items()
    }


def made(of: Plan, weights: Weights, lanes: int, batch: int, threads: int) -> NativeProgram:
    library = library_of(lanes)
    own = schedule(of, batch, library.lanes, threads)
    return NativeProgram(own, weights, library, lambda _: None)


library_of = of


def outputs(program: NativeProgram, given: Mapping[str, Array]) -> dict[str, Array]:
    """What a program makes of inputs, with volumes that were inferred and a time for each piece."""
    found = program.run(given)
    seconds = program.seconds()
    assert len(seconds) == len(program.pieces)
    assert np.isfinite(seconds).all()
    assert (seconds >= 0).all()
    batch = len(next(iter(given.values())))
    check(program.schedule.plan, program.pieces, program.observed(), batch)
    return found


def hold(
    text: str, lanes: int, batch: int = 2, threads: int = 2, *, error: float = 0, fold: bool = False
) -> NativeProgram:
    """Run a file natively, twice with other inputs, and compare all outputs: they are equal, or
    differ by so much of the largest number. The program is given back."""
    todo, weights = planned(text, fold=fold)
    program = made(todo, weights, lanes, batch, threads)
    for seed in ("x", "z"):
        given = inputs(todo, batch, seed)
        found, expected = outputs(program, given), computed(todo, weights, given)
        assert found.keys() == expected.keys()
        for name, y in found.items():
            assert y.dtype == np.float32
            same(y, expected[name], error)
    return program


def same(found: Array, expected: Array, error: float) -> None:
    """Equal, or within so much of the largest number."""
    if not error:
        np.testing.assert_array_equal(found, expected)
        return
    most = np.abs(expected).max(initial=0)
    np.testing.assert_allclose(found, expected, rtol=0, atol=error * max(most, 1e-30))


def algorithms(program: NativeProgram) -> list[str]:
    return [piece.algorithm for piece in program.pieces]
