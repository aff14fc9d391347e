"""Kinds whose arrays have several parts against PyTorch's and Keras' numbers and counts: see
reference/README.md. Every case ends in the layer `k`."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from cnncalc.execution.plan import plan
from cnncalc.execution.weights import Array
from cnncalc.layers.base import Role
from tests.execution.networks import Chosen, computed, graph
from tests.references import reference
from tests.together import together

Case = dict[str, Any]
TORCH: list[Case] = reference("torch_kinds")["cases"]
KERAS: list[Case] = reference("keras_kinds")["cases"]


def array(given: Case) -> Array:
    return np.array(given["values"], np.float64).reshape(given["shape"])


def check(case: Case) -> None:
    made = graph(json.dumps({"input": case["input"], "layers": case["layers"]}))
    arrays = {("k", name): array(given) for name, given in case["arrays"].items()}
    x, expected = array(case["x"]), array(case["y"])
    (y,) = computed(plan(made), Chosen(made, arrays), {"input": x}).values()
    assert y.shape == expected.shape
    np.testing.assert_allclose(y, expected, rtol=2e-6, atol=1e-6)
    told = next(node.inferred for node in made.nodes if node.name == "k")
    assert (list(told.output), told.count(Role.WEIGHTS), told.count(Role.BIASES)) == (
        case["output"], case["weights"], case["biases"],
    )  # fmt: skip
    if case["macs"] is not None:
        assert told.macs == case["macs"]


@together("case", TORCH)
def test_pytorch(case: Case) -> None:
    check(case)


@together("case", KERAS)
def test_keras(case: Case) -> None:
    check(case)


def test_the_tables_are_whole() -> None:
    assert (len(TORCH), len(KERAS)) == (74, 14)
