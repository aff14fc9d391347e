"""Derivations against hand arithmetic, and against the layers' own numbers for every kind."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.errors import UsageError
from cnncalc.explain import formulas
from cnncalc.explain.derivation.explanation import Explanation
from cnncalc.explain.derivation.formulas import (
    Largest,
    Quantity,
    Ratio,
    Rounded,
    Sum,
    Term,
    Value,
    minus,
    plus,
    times,
    value,
    worked,
)
from cnncalc.explain.layer import explain
from cnncalc.explain.rendering import latex_lines
from cnncalc.layers import manual, registry
from cnncalc.network import Network
from tests.networks import VARIED, written
from tests.together import together

Lines = dict[str, tuple[str, Value]]


def lines(explained: Explanation) -> Lines:
    """The numbers form and the value of every step, by its results."""
    return {
        " = ".join(step.results): (
            "" if step.formula is None else formulas.text(step.formula, symbols=False),
            step.value,
        )
        for step in explained.steps
    }


def test_alexnet_conv2_as_on_the_slides() -> None:
    """27x27x96, 256 filters 5x5 at stride 1, pad 2. CS231n: (27 - 5 + 4)/1 + 1 = 27.

    5·5·96 = 2,400 and the bias: 2,401; 256·2,401 = 614,656. 27·27·614,400 = 447,897,600.
    pool1 sees 19 pixels, 8 apart: 19 + 4·8 = 51. The first are 0 to 18, with 9 in the middle; five
    of them from two in front of it to two after it have the same middle.
    """
    assert lines(cnncalc.explain("alexnet", "conv2")) == {
        "W_2 = H_2": ("(27 − 5 + 2·2)/1 + 1", 27),
        "C_2": ("256", 256),
        "each filter": ("5·5·96 + 1", 2401),
        "all filters": ("2,401·256", 614_656),
        "weights": ("5·5·96·256", 614_400),
        "biases": ("256", 256),
        "MACs": ("27·27·614,400", 447_897_600),
        "FLOPs": ("2·447,897,600 + 186,624", 895_981_824),
        "r": ("19 + (5 − 1)·8", 51),
        "j": ("8·1", 8),
        "c": ("9 + ((5 − 1)/2 − 2)·8", 9),
    }


STEPS: list[tuple[str, object, str, str, Value]] = [
    # A floor: (112 - 3 + 2)/2 = 55.5, 55 + 1 = 56.
    (
        "112x112x64",
        {"max_pool": {"kernel": 3, "stride": 2, "padding": 1, "rounding": "floor"}},
        "W_2 = H_2",
        "⌊(112 − 3 + 2·1)/2⌋ + 1",
        56,
    ),
    ("6x6x1", {"max_pool": {"kernel": 3, "stride": 2, "rounding": "ceil"}}, "W_2 = H_2",
     "⌈(6 − 3 + 2·0)/2⌉ + 1", 3),
    # Windows start at -1, 3, 7 and 11; the padded axis ends at 10, so the last one is dropped.
    ("10x10x1", {"max_pool": {"kernel": 2, "stride": 4, "padding": 1, "rounding": "ceil"}},
     "W_2 = H_2", "⌈(10 − 2 + 2·1)/4⌉ + 1 − 1", 3),
    # same: ceil(28/2) = 14, (14 - 1)·2 + 3 - 28 = 1.
    ("28x28x4", {"conv": {"filters": 3, "kernel": 3, "stride": 2, "padding": "same"}},
     "W_2 = H_2", "⌈28/2⌉", 14),
    ("28x28x4", {"conv": {"filters": 3, "kernel": 3, "stride": 2, "padding": "same"}},
     "padding", "max((14 − 1)·2 + 3 − 28, 0)", 1),
    ("8x8x3", {"conv": {"filters": 1, "kernel": 1, "stride": 2, "padding": "same"}},
     "padding", "max((4 − 1)·2 + 1 − 8, 0)", 0),
    ("9x9x1", {"conv": {"filters": 1, "kernel": 3, "dilation": 2}}, "E", "2·(3 − 1) + 1", 5),
    ("9x9x1", {"conv": {"filters": 1, "kernel": 3, "dilation": 2}}, "W_2 = H_2",
     "(9 − 5 + 2·0)/1 + 1", 5),
    ("9x9x1", {"conv": {"filters": 1, "kernel": 4, "padding": [[1, 2], [1, 2]]}}, "W_2 = H_2",
     "(9 − 4 + 1 + 2)/1 + 1", 9),
    ("9x7x1", {"conv": {"filters": 1, "kernel": 3}}, "H_2", "(9 − 3 + 2·0)/1 + 1", 7),
    ("9x7x1", {"conv": {"filters": 1, "kernel": 3}}, "W_2", "(7 − 3 + 2·0)/1 + 1", 5),
    ("16000x1", {"conv": {"filters": 4, "kernel": 80, "stride": 4}}, "W_2",
     "(16,000 − 80 + 2·0)/4 + 1", 3981),
    ("16x112x112x3", {"conv": {"filters": 2, "kernel": [3, 7, 7], "padding": [1, 3, 3]}}, "Z_2",
     "(16 − 3 + 2·1)/1 + 1", 16),
    # Grouped: every filter sees 96/2 channels, 5·5·48 + 1 = 1,201.
    ("27x27x96", {"conv": {"filters": 256, "kernel": 5, "groups": 2}}, "each filter",
     "5·5·(96/2) + 1", 1201),
    ("8x8x32", {"depthwise_conv": {"kernel": 3, "bias": False}}, "each filter", "3·3·(32/32)", 9),
    # (28 - 1)·2 + 2 = 56; with output padding (7 - 1)·2 - 2 + 3 + 1 = 14.
    ("28x28x128", {"conv_transpose": {"filters": 64, "kernel": 2, "stride": 2}}, "W_2 = H_2",
     "(28 − 1)·2 − 2·0 + 2", 56),
    ("7x7x2", {"conv_transpose": {"filters": 3, "kernel": 3, "stride": 2, "padding": 1,
                                  "output_padding": 1}}, "W_2 = H_2",
     "(7 − 1)·2 − 2·1 + 3 + 1", 14),
    ("28x28x128", {"conv_transpose": {"filters": 64, "kernel": 2, "stride": 2}}, "MACs",
     "28·28·32,768", 25_690_112),
    ("6x6x256", {"dense": 4096}, "n", "6·6·256", 9216),
    ("6x6x256", {"dense": 4096}, "all outputs", "9,217·4,096", 37_752_832),
    ("63x63x16", {"locally_connected": {"filters": 16, "kernel": 9}}, "MACs", "62,726,400",
     62_726_400),
    # LeNet-5's C3 counts pairs: 5·5·3 = 75.
    ("14x14x3", {"conv": {"filters": 2, "kernel": 5, "connections": [[0, 1], [2]]}}, "weight",
     "5·5·3", 75),
    ("10x10x4", {"separable_conv": {"filters": 8, "kernel": 3}}, "MACs", "8·8·68", 4352),
    ("8x8x5", "batch_norm", "together", "5 + 5", 10),
]  # fmt: skip


@together(("volume", "item", "result", "numbers", "known"), STEPS)
def test_steps(volume: str, item: object, result: str, numbers: str, known: Value) -> None:
    explained = one(written(volume, item))
    assert lines(explained)[result] == (numbers, known)


def one(text: str) -> Explanation:
    """The only layer of a file."""
    (only,) = all_of(text)
    return only


def all_of(text: str) -> list[Explanation]:
    network = Network.loads(text)
    return [explain(network, row.name) for row in network.report.rows]


def test_concat_adds_channels() -> None:
    branches = [[{"conv": {"filters": 2, "kernel": 1}}], []]
    *_, last = all_of(written("4x4x3", {"concat": branches}))
    assert lines(last)["C"] == ("2 + 3", 5)


def test_field_is_reported_without_a_formula_where_none_holds() -> None:
    deconv = {"conv_transpose": {"filters": 1, "kernel": 2, "stride": 2}}
    found = lines(one(written("4x4x1", deconv)))
    assert (found["r"], found["j"]) == (("", 1), ("", Fraction(1, 2)))
    # Outputs 0 and 1 are both of pixel 0, which is centred between them.
    assert found["c"] == ("", Fraction(-1, 4))


def sound(explained: Explanation) -> None:
    """The formulas come to the values, the values are the row's, and LaTeX closes what it opens."""
    row = explained.row
    assert row is not None
    for step in explained.steps:
        if step.formula is not None:
            assert value(step.formula) == step.value
            formulas.text(step.formula, symbols=True)
    steps = {step.results[0]: step.value for step in explained.steps}
    if row.shares is None:
        sums = [steps[name] for name in ("all filters", "all outputs", "together") if name in steps]
        assert sums in ([], [row.params])
    assert steps.get("MACs", 0) == row.macs
    assert steps.get("FLOPs", 0) == row.flops
    latex = "\n".join(latex_lines(explained))
    assert latex.count("{") == latex.count("}")
    assert len(re.findall(r"\\left\b", latex)) == len(re.findall(r"\\right\b", latex))
    assert latex.isascii()


@together("kind", registry.KINDS)
def test_every_kind(kind: str) -> None:
    for example in manual.page(kind).examples:
        if registry.KINDS[kind].merges:
            continue
        sound(one(f"input: {example.input}\nlayers: [{example.item}]\n"))


@together("name", VARIED)
@pytest.mark.slow
def test_every_layer_of_the_zoo(name: str) -> None:
    network = Network.load(name)
    for row in network.report.rows:
        sound(explain(network, row.name))


class TestNames:
    TEXT = written(
        "8x8x3",
        {"name": "left", "conv": {"filters": 3, "kernel": 3, "activation": "relu"}},
        {"name": "twice", "repeat": 2, "conv": {"filters": 3, "kernel": 1}},
        {"name": "gone", "when": "1 > 2", "sequential": ["relu"]},
    )

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("lefft", "there is no layer `lefft`; did you mean `left`?"),
            ("zzz", "there is no layer `zzz`; there are left, relu1, twice.0, twice.1"),
            ("input", "`input` is an input: [8x8x3]"),
            ("twice", "`twice` is a group of 2 layers; say one of them: twice.0, twice.1"),
            ("gone", "`gone` is left out of this network: it has no layers here"),
        ],
    )
    def test_misuse(self, name: str, message: str, tmp_path: Path) -> None:
        path = tmp_path / "a.yaml"
        path.write_text(self.TEXT, "utf-8")
        with pytest.raises(UsageError, match=re.escape(message) + "$"):
            cnncalc.explain(path, name)

    def test_an_activation_has_a_name_of_its_own(self, tmp_path: Path) -> None:
        path = tmp_path / "a.yaml"
        path.write_text(self.TEXT, "utf-8")
        assert cnncalc.explain(path, "left").kind == "conv"
        assert cnncalc.explain(path, "relu1").kind == "relu"


class TestFaults:
    def test_a_layer_that_does_not_fit(self) -> None:
        explained = cnncalc.explain("alexnet", "conv1", input="224x224x3")
        assert (explained.output, explained.steps, explained.ok) == (None, (), False)
        assert [d.code for d in explained.diagnostics] == ["stride-misfit"]

    def test_a_layer_after_it(self) -> None:
        explained = cnncalc.explain("alexnet", "fc8", input="224x224x3")
        assert [d.layer for d in explained.diagnostics] == ["conv1"]

    def test_no_file(self) -> None:
        explained = cnncalc.explain("no-such-file.yaml", "conv1")
        assert [d.code for d in explained.diagnostics] == ["file-unreadable"]

    def test_rounded_down(self) -> None:
        explained = cnncalc.explain("alexnet", "conv1", input="224x224x3", rounding="floor")
        assert explained.notes == (
            "no window reaches the last pixel of the input's height and width",
        )


class TestOneLayer:
    def test_names_of_other_frameworks(self) -> None:
        explained = cnncalc.layer("Conv2d", (32, 32, 3), out_channels=10, kernel_size=5, padding=2)
        assert explained.row is not None
        assert (explained.row.params, explained.row.output_shape) == (760, (32, 32, 10))

    def test_no_channels(self) -> None:
        explained = cnncalc.layer("conv", 7, filters=4, kernel=3)
        assert not explained.channels_known
        assert explained.row is None
        assert explained.output == (5, 5, 4)
        assert lines(explained)["weights"] == ("3·3·4", 36)
        assert lines(explained)["MACs"] == ("5·5·36", 900)
        assert "all filters" not in lines(explained)
        assert "FLOPs" not in lines(explained)

    @pytest.mark.parametrize(
        ("kind", "input", "options", "message"),
        [
            ("cnv", 7, {}, "there is no kind `cnv`; did you mean `conv`?"),
            ("add", 7, {}, "add joins several volumes: it is not a layer with one input"),
            ("conv", "seven", {}, "input: `seven` is not a volume such as 227x227x3"),
            ("conv", 0, {}, "input: an axis of 0; every axis of a volume is 1 or more"),
            (
                "depthwise_conv",
                7,
                {"kernel": 3},
                "every channel has weights of its own, so say how",
            ),
            ("conv", 7, {"connections": [[0, 1]]}, "connections share out the channels"),
            ("conv", 7, {"groups": 2}, "groups share out the channels, so say how many: 7x7xC"),
            ("conv", 7, {"kernel": "$(1 + 1)"}, "kernel: `$(1 + 1)` is an expression"),
            ("conv", 7, {"kernel": object}, "kernel: <class 'object'> is not a value of an option"),
        ],
    )
    def test_misuse(
        self, kind: str, input: str | int, options: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(ValueError, match="^" + re.escape(message)):
            cnncalc.layer(kind, input, **options)


W, F, P, S = (Quantity(name, n) for name, n in [("W_1", 27), ("F", 5), ("P", 2), ("S", 2)])
RULE_A = plus(Ratio(Sum(((1, W), (-1, F), (1, times(2, P)))), S), 1)


@pytest.mark.parametrize(
    ("term", "symbols", "numbers", "latex"),
    [
        (RULE_A, "(W₁ − F + 2P)/S + 1", "(27 − 5 + 2·2)/2 + 1",
         r"\frac{W_{1} - F + 2P}{S} + 1"),
        (Rounded(Ratio(W, S), up=False), "⌊W₁/S⌋", "⌊27/2⌋",
         r"\left\lfloor \frac{W_{1}}{S} \right\rfloor"),
        (times(minus(W, 1), S), "(W₁ − 1)·S", "(27 − 1)·2", r"\left(W_{1} - 1\right) \cdot S"),
        (times(worked(plus(times(F, F), 1)), S), "(F·F + 1)·S", "26·2",
         r"\left(F \cdot F + 1\right) \cdot S"),
        (Largest((minus(F, W), 0)), "max(F − W₁, 0)", "max(5 − 27, 0)",
         r"\max\left(F - W_{1}, 0\right)"),
        (times(2, Quantity("MACs", 1000)), "2·MACs", "2·1,000", r"2 \cdot \text{MACs}"),
    ],
)  # fmt: skip
def test_formulas(term: Term, symbols: str, numbers: str, latex: str) -> None:
    assert formulas.text(term, symbols=True) == symbols
    assert formulas.text(term, symbols=False) == numbers
    assert formulas.latex(term, symbols=True) == latex
