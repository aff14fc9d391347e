"""Single layers against PyTorch and Keras, which built and ran them: see reference/README.md."""

from __future__ import annotations

from typing import Any

from tests.networks import row
from tests.references import reference
from tests.together import together

Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    table: list[Case] = reference(name)["cases"]
    return table


def reported(case: Case) -> Case:
    answer = row(case["input"], case["layer"], rounding=case["rounding"])
    return {
        "output": list(answer.output_shape),
        "weights": answer.weights,
        "biases": answer.biases,
        "state": answer.state,
        "macs": answer.macs,
    }


def given(case: Case) -> Case:
    return {key: case[key] for key in ("output", "weights", "biases", "state", "macs")}


@together("case", cases("torch_layers"))
def test_pytorch(case: Case) -> None:
    assert reported(case) == given(case)


@together("case", cases("keras_layers"))
def test_keras(case: Case) -> None:
    """Keras computes an `activation` inside the layer: the row before is the layer's own."""
    layer = case["layer"]
    if "activation" in str(layer):
        ((kind, options),) = layer.items()
        layer = {kind: {k: v for k, v in options.items() if k != "activation"}}
    assert reported({**case, "layer": layer}) == given(case)


def test_the_tables_are_whole() -> None:
    assert (len(cases("torch_layers")), len(cases("keras_layers"))) == (157, 94)
