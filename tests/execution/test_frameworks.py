"""Layers against PyTorch's numbers: see reference/README.md."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncalc.execution.weights import Array
from tests.execution.networks import one
from tests.references import reference
from tests.together import together

CASES: list[dict[str, Any]] = reference("torch_values")["cases"]


def array(given: dict[str, Any]) -> Array:
    return np.array(given["values"], np.float64).reshape(given["shape"])


@together("case", CASES)
def test_pytorch(case: dict[str, Any]) -> None:
    arrays = {name: array(given) for name, given in case["arrays"].items()}
    y = one(case["input"], case["layer"], array(case["x"]), arrays, rounding=case["rounding"])
    expected = array(case["y"])
    assert y.shape == expected.shape
    np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-7)


def test_the_table_is_whole() -> None:
    assert len(CASES) == 71
