"""`expect:`: what a file may be held to."""

from __future__ import annotations

import pytest

from tests.together import together

from .texts import errors, good, layers

HEAD = "input: 8x8x6\nvars: {n: 3}\n"
ITEMS = (
    "{name: c, conv: {filters: 4, kernel: 3}}",  # 6x6x4, 216 weights and 4 biases, 7,776 MACs
    "{name: p, max_pool: 2}",  # 3x3x4, receptive field 4
    "{name: g, repeat: 2, sequential: [{dense: 10}, relu]}",  # 360 + 10, then 100 + 10
)


def file(expect: str) -> str:
    return layers(*ITEMS, head=HEAD) + f"expect: {{{expect}}}\n"


def test_the_figures_used_here() -> None:
    totals = good(file("")).totals
    assert (totals.weights, totals.biases, totals.params, totals.macs) == (676, 24, 700, 8236)


HOLDS = [
    "output: 10", "output: [10]", "output: $(n + 7)", "output: '10'", "output: {g: 10}",
    "output: ~",
    "params: 700", "params: 700.0", "params: '700'", "params: '== 700'", "params: 0.7k",
    "params: 7E2", "params: $(n * 200 + 100)", "params: $(7)00",
    "params: <= 700", "params: <=700", "params: '>= 700'", "params: < 701", "params: '> 699'",
    "params: 699..701", "params: 700 .. 700", "params: 0.7k..1K",
    "params: <= 0.0007M", "params: < 1G", "params: < 1T", "params: <= 700$x".replace("$x", ""),
    "params: < $(n)k", "params: ~",
    "weights: 676", "biases: 24", "macs: 8.236k", "flops: '> 16k'", "memory: <= 5kB",
    "memory: < 1MiB", "memory: 1 B..1GiB",
    "layers: {c: {output: 6x6x4, params: 220, macs: 7776, receptive_field: 3}}",
    "layers: {c: {output: [6, 6, 4], receptive_field: 3x3}}",
    "layers: {p: {output: 3x3x4, params: 0, receptive_field: [4, 4]}}",
    "layers: {g: {output: 10, params: 480, receptive_field: ~}}",
    "layers: {g.0: {params: 370}, g.1: {params: 110}, g.1.dense1: {params: 110, macs: 100}}",
    "layers: {g.1.relu1: {params: 0, output: 10}}",
    "layers: {}", "layers: {c: {}}", "layers: ~",
]  # fmt: skip


@together("expect", HOLDS)
def test_holds(expect: str) -> None:
    assert errors(file(expect)) == []


FAILS = [
    "output: 11", "output: 1x10", "output: {g: 1x10}", "params: 701", "params: 699",
    "params: 0.69k", "params: < 700", "params: '> 700'", "params: <= 699", "params: '>= 701'",
    "params: 1..699", "params: 701..1M", "weights: 0", "biases: 700", "macs: 1", "flops: 0",
    "memory: 1", "memory: 1KiB",
    "layers: {c: {output: 8x8x4}}", "layers: {c: {receptive_field: ~}}",
    "layers: {c: {receptive_field: [3, 4]}}", "layers: {g: {receptive_field: 8}}",
    "layers: {g: {params: 110}}", "layers: {g.0: {params: 480}}",
]  # fmt: skip


@together("expect", FAILS)
def test_fails(expect: str) -> None:
    assert errors(file(expect)) == ["expectation-failed"]


UNREADABLE = [
    ("params: lots", "bad-value"), ("params: 1q", "bad-value"), ("params: '<> 3'", "bad-value"),
    ("params: 5..3", "bad-value"), ("params: 3..", "bad-value"),
    ("params: -1", "expectation-failed"), ("params: <= -1", "bad-value"),
    ("params: true", "bad-value"), ("params: [700]", "bad-value"), ("params: 700.5", "bad-value"),
    ("params: {a: 1}", "wrong-type"), ("params: $nope", "unknown-variable"),
    ("params: $(1 / 0)", "bad-expression"), ("params: $(1 +)", "bad-expression"),
    ("output: wide", "bad-value"), ("output: 0", "bad-value"), ("output: 1.5", "bad-value"),
    ("output: {x: 1}", "unknown-layer"), ("outputs: 10", "unknown-key"),
    ("layers: [c]", "wrong-type"), ("layers: {c: 3}", "wrong-type"),
    ("layers: {x: {params: 0}}", "unknown-layer"), ("layers: {c: {weights: 0}}", "unknown-key"),
    ("layers: {c: {params: x}}", "bad-value"), ("layers: {c: {output: x}}", "bad-value"),
    ("layers: {c: {receptive_field: x}}", "bad-value"),
    ("layers: {c: {receptive_field: 1.5}}", "bad-value"),
    ("layers: {input: {params: 0}}", "unknown-layer"), ("params: " + "9" * 30, "bad-value"),
    ("params: '" + "9" * 30 + "'", "bad-value"),
]  # fmt: skip


@together(("expect", "code"), UNREADABLE)
def test_cannot_be_read(expect: str, code: str) -> None:
    assert errors(file(expect)) == [code]


def test_all_that_fails_is_reported_at_once() -> None:
    found = errors(
        file("output: 1, params: 1, macs: 1, colour: red, layers: {c: {params: 1, macs: x}, d: {}}")
    )
    assert sorted(found) == [
        "bad-value",
        "expectation-failed",
        "expectation-failed",
        "expectation-failed",
        "expectation-failed",
        "unknown-key",
        "unknown-layer",
    ]


def test_of_several_outputs() -> None:
    head = "input: 8x8x6\noutputs: [a, b]\n"
    items = ("{name: a, dense: 3}", "{name: b, from: input, dense: 4}")
    assert errors(layers(*items, head=head + "expect: {output: {a: 3, b: 4}}\n")) == []
    assert errors(layers(*items, head=head + "expect: {output: {b: 4}}\n")) == []
    assert (
        errors(layers(*items, head=head + "expect: {output: {a: 4, b: 3}}\n"))
        == ["expectation-failed"] * 2
    )
    assert errors(layers(*items, head=head + "expect: {output: 3}\n")) == ["wrong-type"]


@pytest.mark.parametrize(
    "variant",
    [{"set": {"n": 4}}, {"input": "9x9x6", "rounding": "floor"}, {"set": {"c.filters": 5}}],
)
def test_variants_are_held_to_nothing(variant: dict[str, object]) -> None:
    assert errors(file("output: 1, params: 1"), **variant) == []


@pytest.mark.parametrize("way", [{"batch": 2}, {"dtype": "float16"}, {"batch": 7, "dtype": "int8"}])
def test_they_are_for_one_image_of_float32(way: dict[str, object]) -> None:
    held = "macs: 8236, memory: 800 B..1kB, layers: {c: {macs: 7776}}"
    assert errors(file(held)) == errors(file(held), **way) == []
