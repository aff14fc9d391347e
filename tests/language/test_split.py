"""`split`: parts of the channels by name; and `custom` with several inputs."""

from __future__ import annotations

import numpy as np

import cnncalc
from cnncalc.edit.formatted import formatted
from cnncalc.network import Network
from cnncalc.yaml.source import Source
from tests.execution.networks import run
from tests.together import together


def rows(split: str, channels: int = 12) -> list[tuple[str, tuple[int, ...], tuple[str, ...]]]:
    report = cnncalc.loads(
        f"input: 2x2x{channels}\nvars: {{c: 4, w: [2, 10]}}\nlayers: [relu, {split}, tanh]\n"
    )
    assert report.ok, report.diagnostics
    return [(row.name, row.output_shape, row.inputs) for row in report.rows]


@together(
    ("split", "parts"),
    [
        ("split: [q]", {"q": 12}),
        ("split: [q, k, v]", {"q": 4, "k": 4, "v": 4}),
        ("split: {a: 2, b: 10}", {"a": 2, "b": 10}),
        ("split: {a: $c, b: $(in.channels - c)}", {"a": 4, "b": 8}),
        ("split: {a: '$(w[0])', b: '$(w[1])'}", {"a": 2, "b": 10}),
        ("{name: s, split: [p$c, q]}", {"p4": 6, "q": 6}),
        ("{when: c > 4, split: [a, b]}", {}),
    ],
)
def test_each_part_is_a_layer_and_what_comes_in_goes_on(split: str, parts: dict[str, int]) -> None:
    made = [(name, (2, 2, channels), ("relu1",)) for name, channels in parts.items()]
    expected = [("relu1", (2, 2, 12), ("input",)), *made, ("tanh1", (2, 2, 12), ("relu1",))]
    assert rows(split if split.startswith("{") else f"{{{split}}}") == expected


def test_parts_are_read_by_name_in_their_scope() -> None:
    report = cnncalc.loads(
        "input: 2x2x6\n"
        "blocks: {b: {layers: [{split: {left: 2, right: 4}}, {name: c, concat: [right, left]}]}}\n"
        "layers: [b, b, {concat: [b1.left, b2.right, b2.c]}]\n"
    )
    assert report.ok
    assert not report.diagnostics
    reads = {row.name: row.inputs for row in report.rows}
    assert reads["b2.c"] == ("b2.right", "b2.left")
    assert reads["concat1"] == ("b1.left", "b2.right", "b2.c")


@together(
    ("split", "codes"),
    [
        ("split: [a, b, c, d, e]", ["shape-mismatch"]),
        ("split: {a: 2, b: 9}", ["shape-mismatch"]),
        ("split: {a: 13}", ["shape-mismatch"]),
        ("split: {a: 0, b: 12}", ["bad-value"]),
        ("split: {a: 2.5, b: 9.5}", ["bad-value"] * 2),
        ("split: {a: x, b: 12}", ["wrong-type"]),
        ("split: {a: ~, b: 12}", ["wrong-type"]),
        ("split: [a, a]", ["duplicate-name"]),
        ("split: {a: 6, $(b): 6}", ["unknown-variable"]),
        ("split: [a b, c]", ["bad-value"]),
        ("split: []", ["wrong-type"]),
        ("split: {}", ["wrong-type"]),
        ("split: ", ["wrong-type"]),
        ("split: 2", ["wrong-type"]),
        ("split: [[a], b]", ["wrong-type"]),
        ("repeat: 2, split: [a, b]", ["duplicate-name", "duplicate-name"]),
    ],
)
def test_what_does_not_split(split: str, codes: list[str]) -> None:
    report = cnncalc.loads(f"input: 2x2x12\nlayers: [{{{split}}}, {{dense: 3}}]\n")
    assert [d.code for d in report.diagnostics if d.is_error] == codes


def test_the_sum_is_told() -> None:
    report = cnncalc.loads("input: 2x2x12\nlayers: [{split: {a: 2, b: 9}}, {dense: 3}]\n")
    assert report.diagnostics[0].message == "the parts have 2 + 9 = 11 channels, and 12 come in"
    report = cnncalc.loads("input: 2x2x12\nlayers: [{split: [a, b, c, d, e]}, {dense: 3}]\n")
    assert report.diagnostics[0].message == "5 parts do not divide the 12 channels"


def test_a_part_that_is_not_read_is_told() -> None:
    report = cnncalc.loads("input: 2x2x12\nlayers: [{split: [a, b, c]}, {add: [a, c]}]\n")
    assert [(d.code, d.layer) for d in report.diagnostics] == [("unused-layer", "b")]


def test_parts_are_computed() -> None:
    text = (
        "input: 4x6x5\n"
        "layers:\n"
        "  - split: {a: 2, b: 3}\n"
        "  - {name: even, from: b, slice: {height: [1], width: [~, ~, 2], channels: [~, ~, 2]}}\n"
        "  - {name: last, from: b, slice: [-1]}\n"
        "outputs: [a, even, last]\n"
    )
    x = np.arange(2 * 4 * 6 * 5, dtype=np.float64).reshape(2, 4, 6, 5)
    made = run(text, x)
    np.testing.assert_array_equal(made["a"], x[..., :2])
    np.testing.assert_array_equal(made["even"], x[:, 1:, ::2, 2::2])
    np.testing.assert_array_equal(made["last"], x[..., 4:])


@together(
    ("custom", "inputs", "output"),
    [
        ("{macs: 3}", ("b",), (2, 2, 3)),
        ("{branches: [a, b], macs: 3}", ("a", "b"), (2, 2, 2)),
        ("{branches: [a, [relu]], output: $(in.channels)}", ("a", "relu1"), (3,)),
        ("7", ("b",), (7,)),
        ("{branches: [b], output: 2x5}", ("b",), (2, 5)),
    ],
)
def test_custom_has_inputs_and_its_first_ones_volume(
    custom: str, inputs: tuple[str, ...], output: tuple[int, ...]
) -> None:
    text = (
        "input: 2x2x1\nlayers:\n  - {name: a, conv: {filters: 2, kernel: 1}}\n"
        f"  - {{name: b, conv: {{filters: 3, kernel: 1}}}}\n  - {{name: c, custom: {custom}}}\n"
    )
    report = cnncalc.loads(text)
    assert report.ok, report.diagnostics
    row = report.rows[-1]
    assert (row.inputs, row.output_shape, row.declared) == (inputs, output, True)


def test_layout() -> None:
    text = (
        "input: 2x2x4\nlayers:\n  - {split: [a, b], name: s}\n"
        "  - Custom: {macs: 3, branches: [a, [ReLU], b]}\n  - split: {c: 1, d: 3}\n"
    )
    done = formatted(Network.parsed(Source("t", text)))
    assert done.findings == ()
    assert "  - {name: s, split: [a, b]}\n" in done.text
    assert "  - {custom: {macs: 3, branches: [a, [relu], b]}}\n" in done.text
    assert "  - {split: {c: 1, d: 3}}\n" in done.text
