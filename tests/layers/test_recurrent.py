"""Recurrent layers: parameters as PyTorch and Keras state them, and a walk over steps and gates.

What they compute is held to PyTorch and Keras in tests/execution/test_kinds.py."""

from __future__ import annotations

from itertools import product

import pytest

import cnncalc
from tests.networks import error, row, written
from tests.together import together

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
BESIDE = {
    "lstm": ["i", "f", "g", "o", "f·c", "i·g", "their sum", "tanh of it", "o·tanh"],
    "gru": ["r", "z", "n", "r·state", "sum in n", "state − n", "z·", "n +"],
    "rnn": ["tanh"],
}
"""Operations for each unit and step, beside products and biases."""


@together("kind", GATES)
def test_a_walk_over_steps(kind: str) -> None:
    steps, channels, units = 5, 6, 4
    for layers, ways, biases in product((1, 2), (1, 2), (0, 1, 2)):
        macs = others = 0
        weights: set[object] = set()
        learned: set[object] = set()
        for layer, way in product(range(layers), range(ways)):
            read = channels if layer == 0 else units * ways
            for _, gate, unit in product(range(steps), range(GATES[kind]), range(units)):
                for side, number in (("input", read), ("state", units)):
                    for n in range(number):
                        weights.add((layer, way, gate, unit, side, n))
                        macs += 1
                for vector in range(biases):
                    learned.add((layer, way, gate, unit, vector))
                    others += 1
            others += sum(len(BESIDE[kind]) for _ in product(range(steps), range(units)))
        options: dict[str, object] = {
            "units": units, "layers": layers, "direction": "both" if ways == 2 else "backward",
            "bias": biases > 0, "sequence": True,
        }  # fmt: skip
        if biases:
            options["biases"] = biases
        told = row([steps, channels], {kind: options})
        assert told.output_shape == (steps, units * ways)
        assert (told.weights, told.biases) == (len(weights), len(learned))
        assert (told.macs, told.flops) == (macs, 2 * macs + others)


@together(
    ("item", "features", "params"),
    [
        # keras.layers.LSTM(256), GRU(32) and SimpleRNN(32): count_params().
        ({"LSTM": {"units": 256}}, 4096, 4_457_472),
        ({"lstm": 256}, 4096, 4_457_472),
        ({"GRU": {"units": 32}}, 32, 6_336),
        ({"GRU": {"units": 32, "reset_after": False}}, 32, 6_240),
        ({"SimpleRNN": {"units": 32}}, 16, 1_568),
        # torch.nn.LSTM(4096, 256), and two layers of both directions; GRU(32, 32), RNN(16, 32).
        ({"LSTM": {"hidden_size": 256}}, 4096, 4_458_496),
        ({"LSTM": {"hidden_size": 256, "num_layers": 2, "bidirectional": True}}, 4096, 10_493_952),
        ({"GRU": {"hidden_size": 32}}, 32, 6_336),
        ({"RNN": {"hidden_size": 32}}, 16, 1_600),
    ],
)
def test_parameters_as_frameworks_state_them(item: object, features: int, params: int) -> None:
    assert row([10, features], item).params == params


def test_each_spelling_gives_what_it_gives_there() -> None:
    """Keras' layers the last output, PyTorch's all."""
    assert row([10, 6], {"lstm": {"units": 4}}).output_shape == (4,)
    assert row([10, 6], {"lstm": {"units": 4, "return_sequences": True}}).output_shape == (10, 4)
    assert row([10, 6], {"lstm": {"hidden_size": 4}}).output_shape == (10, 4)
    last = {"hidden_size": 4, "sequence": False, "bidirectional": True}
    assert row([10, 6], {"lstm": last}).output_shape == (8,)


@pytest.mark.parametrize("kind", GATES)
def test_refused(kind: str) -> None:
    for volume, options, code in (
        ([6], {"units": 4}, "rank-mismatch"),
        ([5, 5, 6], {"units": 4}, "rank-mismatch"),
        ([5, 6], {}, "missing-option"),
        ([5, 6], {"units": 4, "hidden_size": 4}, "bad-value"),
        ([5, 6], {"units": 4, "biases": 3}, "bad-value"),
        ([5, 6], {"units": 4, "direction": "up"}, "bad-value"),
        ([5, 6], {"units": 4, "layers": 2**62}, "bad-value"),
        ([5, 6], {"units": 4, "bias": False, "biases": 2}, "bad-value"),
        ([5, 6], {"units": 4, "direction": "backward", "bidirectional": True}, "bad-value"),
    ):
        assert error(volume, {kind: options}) == code


@together(
    ("volume", "help"),
    [
        ([6], "a single step is 1x6"),
        ([1, 26, 512], "`reshape: [-1, 512]` before it makes one of them"),
    ],
)
def test_how_to_make_a_sequence(volume: list[int], help: str) -> None:
    (found,) = cnncalc.loads(written(volume, {"lstm": 4})).diagnostics
    assert found.help == (help,)
