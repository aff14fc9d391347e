"""`norm`, `activation` and `order`: layers of their own, as if they were items of the list."""

from __future__ import annotations

from typing import Any

import cnncalc
from tests.together import together

HEAD = "input: 8x8x4\ndefaults: {conv: {filters: 4, kernel: 1, bias: false}}\nlayers:\n"


@together(
    ("short", "long"),
    [
        ("{conv: {norm: batch_norm}}", ["conv", "batch_norm"]),
        ("{conv: {norm: batch_norm, activation: relu}}", ["conv", "batch_norm", "relu"]),
        ("{conv: {activation: relu, norm: batch_norm}}", ["conv", "batch_norm", "relu"]),
        (
            "{conv: {norm: BatchNorm2d, activation: ReLU, order: [norm, activation, layer]}}",
            ["batch_norm", "relu", "conv"],
        ),
        (
            "{conv: {norm: batch_norm, activation: relu, order: [activation, layer, norm]}}",
            ["relu", "conv", "batch_norm"],
        ),
        (
            "{conv: {norm: batch_norm, activation: relu, order: [layer, activation, norm]}}",
            ["conv", "relu", "batch_norm"],
        ),
        ("{conv: {norm: {group_norm: 2}}}", ["conv", "{group_norm: 2}"]),
        ("{conv: {norm: {group_norm: {groups: 2}}}}", ["conv", "{group_norm: 2}"]),
        ("{conv: {norm: ~, order: [norm, layer, activation]}}", ["conv"]),
        ("{dense: {units: 3, norm: batch_norm}}", ["dense: 3", "batch_norm"]),
        (
            "{depthwise_conv: {kernel: 3, norm: layer_norm, activation: gelu}}",
            ["depthwise_conv: 3", "layer_norm", "gelu"],
        ),
    ],
)
def test_is_what_its_items_are(short: str, long: list[str]) -> None:
    one = cnncalc.loads(f"{HEAD}  - {short}\n  - relu6\n")
    other = cnncalc.loads(HEAD + "".join(f"  - {item}\n" for item in [*long, "relu6"]))
    assert one.complete
    assert other.complete
    # A layer is its options as well, and one of them is the order.
    same: dict[str, Any] = {"line": 0, "column": 0, "layer": None}
    assert [r._replace(**same) for r in one.rows] == [r._replace(**same) for r in other.rows]
    assert one.totals == other.totals


def test_as_a_default_and_taken_back() -> None:
    report = cnncalc.loads(
        "input: 8x8x4\ndefaults: {conv: {kernel: 1, bias: false, norm: batch_norm}}\n"
        "layers: [{conv: 4}, {conv: {filters: 4, norm: ~}}, {conv: {filters: 4, norm: none}}]\n"
    )
    assert [row.kind for row in report.rows] == ["conv", "batch_norm", "conv", "conv"]


def test_the_name_means_the_end_and_the_row_the_layer() -> None:
    report = cnncalc.loads(
        f"{HEAD}  - {{name: a, conv: {{norm: batch_norm, activation: relu}}}}\n"
        "  - {name: b, conv: {norm: batch_norm, order: [norm, layer, activation]}}\n"
        "  - add: [a, b]\n"
        "expect: {layers: {a: {params: 16}, b: {params: 16}}}\n"
    )
    assert report.diagnostics == ()
    assert report.rows[-1].inputs == ("relu1", "b")


def test_sharing_is_of_the_layer_alone() -> None:
    report = cnncalc.loads(
        f"{HEAD}  - {{name: a, conv: {{norm: batch_norm, order: [norm, layer, activation]}}}}\n"
        "  - {share: a, conv: {norm: batch_norm, order: [norm, layer, activation]}}\n"
    )
    assert [row.shares for row in report.rows] == [None, None, None, "a"]


@together(
    ("options", "code"),
    [
        ("norm: relu", "bad-value"),
        ("activation: batch_norm", "bad-value"),
        ("norm: batchnrm", "bad-value"),
        ("norm: {group_norm: 3}", "groups-misfit"),
        ("norm: {batch_norm: {x: 1}}", "unknown-key"),
        ("order: [norm, activation]", "wrong-type"),
        ("order: [norm, norm, layer]", "wrong-type"),
        ("order: norm", "wrong-type"),
    ],
)
def test_refused(options: str, code: str) -> None:
    report = cnncalc.loads(f"{HEAD}  - {{conv: {{{options}}}}}\n")
    assert [d.code for d in report.diagnostics] == [code]
