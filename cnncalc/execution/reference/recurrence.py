"""Recurrent layers, one step after the other. Volumes are (N, T, C)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.operations import Cell, Function
from cnncalc.execution.reference.contractions import Tally
from cnncalc.execution.reference.functions import FUNCTIONS
from cnncalc.execution.weights import Array


def recurrence(o: op.Recurrence, x: Array, arrays: dict[str, Array], tally: Tally) -> Array:
    last: list[Array] = []
    for layer in range(o.layers):
        found = [_along(o.cell, x, _of(arrays, f"_l{layer}{way}"), way, tally) for way in o.ways]
        last = [y[:, 0 if way else -1] for y, way in zip(found, o.ways, strict=True)]
        x = np.concatenate(found, -1)
    return np.concatenate(last, -1) if o.last else x


def _of(arrays: dict[str, Array], end: str) -> dict[str, Array]:
    """The arrays of one layer and way, their names without its ending."""
    return {name.removesuffix(end): array for name, array in arrays.items() if name.endswith(end)}


def _along(cell: Cell, x: Array, arrays: dict[str, Array], way: str, tally: Tally) -> Array:
    """The outputs of all steps, in the order of the input."""
    given = tally.product(x, arrays["weight_ih"]) + arrays.get("bias_ih", x.dtype.type(0))
    size = len(arrays["weight_hh"])
    state = memory = np.zeros((len(x), size), x.dtype)
    found = np.empty((*x.shape[:2], size), x.dtype)
    order = range(x.shape[1])
    for t in reversed(order) if way else order:
        state, memory = _STEPS[cell](given[:, t], state, memory, arrays, tally)
        found[:, t] = state
    return found


Step = Callable[[Array, Array, Array, dict[str, Array], Tally], tuple[Array, Array]]


def _sigmoid(x: Array) -> Array:
    return FUNCTIONS[Function.SIGMOID](x, 0.0)


def _recalled(state: Array, arrays: dict[str, Array], tally: Tally) -> Array:
    bias = arrays.get("bias_hh", state.dtype.type(0))
    result: Array = tally.product(state, arrays["weight_hh"]) + bias
    return result


def _lstm(
    given: Array, state: Array, memory: Array, arrays: dict[str, Array], tally: Tally
) -> tuple[Array, Array]:
    i, f, g, o = np.split(given + _recalled(state, arrays, tally), 4, -1)
    memory = _sigmoid(f) * memory + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(memory), memory


def _gru(
    given: Array, state: Array, memory: Array, arrays: dict[str, Array], tally: Tally
) -> tuple[Array, Array]:
    r, z, n = np.split(given, 3, -1)
    own_r, own_z, own_n = np.split(_recalled(state, arrays, tally), 3, -1)
    reset, update = _sigmoid(r + own_r), _sigmoid(z + own_z)
    new = np.tanh(n + reset * own_n)
    return new + update * (state - new), memory


def _gru_reset_before(
    given: Array, state: Array, memory: Array, arrays: dict[str, Array], tally: Tally
) -> tuple[Array, Array]:
    size = state.shape[-1]
    gates = {name: array[..., : 2 * size] for name, array in arrays.items()}
    rest = {name: array[..., 2 * size :] for name, array in arrays.items()}
    reset, update = np.split(
        _sigmoid(given[:, : 2 * size] + _recalled(state, gates, tally)), 2, -1
    )  # fmt: skip
    new = np.tanh(given[:, 2 * size :] + _recalled(reset * state, rest, tally))
    return new + update * (state - new), memory


def _plain(function: Callable[[Array], Array]) -> Step:
    def step(
        given: Array, state: Array, memory: Array, arrays: dict[str, Array], tally: Tally
    ) -> tuple[Array, Array]:
        return function(given + _recalled(state, arrays, tally)), memory

    return step


_STEPS: dict[Cell, Step] = {
    Cell.LSTM: _lstm,
    Cell.GRU: _gru,
    Cell.GRU_RESET_BEFORE: _gru_reset_before,
    Cell.TANH: _plain(np.tanh),
    Cell.RELU: _plain(lambda x: np.maximum(x, 0)),
}
