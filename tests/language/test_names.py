"""What layers are called, and what a name means where it stands."""

from __future__ import annotations

import pytest

from tests.together import together

from .texts import errors, good, layers, names

HEAD = """\
input: 8x8x6
vars: {act: tanh}
blocks:
  unit: {layers: [{conv: {filters: 6, kernel: 1}}, relu]}
  pair: {layers: [unit, {name: second, unit: }]}
  skip: {layers: [{add: [[unit], []]}, relu]}
"""

NAMES: list[tuple[list[str], str]] = [
    (["relu", "dense: 3", "relu"], "relu1 dense1 relu2"),
    (["{name: a, relu: }", "relu"], "a relu1"),
    (["ReLU", "Linear: 3", "fc: 3"], "relu1 dense1 dense2"),
    (["$act", "tanh"], "tanh1 tanh2"),
    # Running numbers keep clear of names given before and behind.
    (["relu", "{name: relu1, tanh: }", "{name: relu3, tanh: }", "relu"], "relu2 relu1 relu3 relu4"),
    (["{dense: {units: 3, activation: relu}}", "relu"], "dense1 relu1 relu2"),
    (["{name: 7, relu: }"], "7"),
    # A block's instance opens a scope.
    (["unit", "unit"], "unit1.conv1 unit1.relu1 unit2.conv1 unit2.relu1"),
    (["{name: stem, unit: }", "relu"], "stem.conv1 stem.relu1 relu1"),
    (["pair"], "pair1.unit1.conv1 pair1.unit1.relu1 pair1.second.conv1 pair1.second.relu1"),
    # Branches open none, and a merge is numbered behind them.
    (["{add: [[relu], [relu]]}", "relu"], "relu1 relu2 add1 relu3"),
    (["{name: sum, add: [[relu], []]}"], "relu1 sum"),
    (["{add: [[{add: [[relu], []]}], []]}"], "relu1 add1 add2"),
    (["skip"], "skip1.unit1.conv1 skip1.unit1.relu1 skip1.add1 skip1.relu1"),
    # A sequential opens one if it has a name.
    (["relu", "{sequential: [relu, unit]}", "relu"], "relu1 relu2 unit1.conv1 unit1.relu1 relu3"),
    (["relu", "{name: g, sequential: [relu, unit]}"], "relu1 g.relu1 g.unit1.conv1 g.unit1.relu1"),
    (["{name: g, sequential: [{sequential: [relu]}, relu]}"], "g.relu1 g.relu2"),
    (["{name: g, sequential: [{name: h, sequential: [relu]}]}"], "g.h.relu1"),
    # Copies are numbered from 0 under one name.
    (["{relu: , repeat: 2}", "relu"], "relu1.0 relu1.1 relu2"),
    (["{name: r, relu: , repeat: 2}"], "r.0 r.1"),
    (["{name: reindex, relu: , repeat: 2}"], "reindex.0 reindex.1"),
    (["{name: r, relu: , repeat: 1}"], "r.0"),
    (["{unit: , repeat: 2}"], "unit1.0.conv1 unit1.0.relu1 unit1.1.conv1 unit1.1.relu1"),
    (["{name: g, sequential: [relu], repeat: 2}"], "g.0.relu1 g.1.relu1"),
    (["{sequential: [relu], repeat: 2}", "{sequential: [relu], repeat: 1}"], "relu1 relu2 relu3"),
    (["{name: g, repeat: 2, sequential: [{elu: , repeat: 1}]}"], "g.0.elu1.0 g.1.elu1.0"),
    (["{name: r$index, relu: , repeat: 2}"], "r0 r1"),
    (["{name: r$(index + 1)x, unit: , repeat: 2}"], "r1x.conv1 r1x.relu1 r2x.conv1 r2x.relu1"),
    (["{name: c$(in.channels), relu: }"], "c6"),
    # What is left out leaves its number out, or not: but no name twice.
    (["{when: false, name: a, relu: }", "{name: b, relu: }"], "b"),
]  # fmt: skip


@together(("items", "expected"), NAMES)
def test_names(items: list[str], expected: str) -> None:
    assert names(*items, head=HEAD) == expected.split()


READS: list[tuple[list[str], str]] = [
    (["{name: a, relu: }", "tanh", "{from: a, elu: }"], "a"),
    (["relu", "tanh", "{from: relu1, elu: }"], "relu1"),
    (["tanh", "{from: input, elu: }"], "input"),
    # A block's name means its output; dots lead inside.
    (["{name: u, unit: }", "tanh", "{from: u, elu: }"], "u.relu1"),
    (["unit", "tanh", "{from: unit1, elu: }"], "unit1.relu1"),
    (["{name: u, unit: }", "tanh", "{from: u.conv1, elu: }"], "u.conv1"),
    (["pair", "tanh", "{from: pair1.second.conv1, elu: }"], "pair1.second.conv1"),
    (["{name: g, sequential: [{name: h, sequential: [elu]}]}", "tanh", "{from: g, elu: }"],
     "g.h.elu1"),
    (["{name: r, unit: , repeat: 3}", "tanh", "{from: r.1, elu: }"], "r.1.relu1"),
    (["{name: r, unit: , repeat: 3}", "tanh", "{from: r, elu: }"], "r.2.relu1"),
    (["{name: sum, add: [[relu], []]}", "tanh", "{from: sum, elu: }"], "sum"),
    (["{add: [[{name: inner, relu: }], []]}", "tanh", "{from: inner, elu: }"], "inner"),
    # With its activation a layer is one thing.
    (["{name: d, dense: {units: 3, activation: relu}}", "tanh", "{from: d, elu: }"], "relu1"),
    # The own scope goes before the enclosing ones.
    (["{name: a, relu: }", "tanh", "{name: g, sequential: [{from: a, elu: }]}"], "a"),
    (["{name: a, relu: }", "{name: g, sequential: [{name: a, tanh: }, {from: a, elu: }]}"], "g.a"),
    (["{name: a, elu: }", "{name: g, sequential: [{name: h, sequential: [{from: a, elu: }]}]}"],
     "a"),
    (["{name: g, sequential: [{name: a, elu: }, {name: h, sequential: [{from: a, elu: }]}]}"],
     "g.a"),
    (["{name: g, sequential: [{name: a, relu: }, tanh, {from: g.a, elu: }]}"], "g.a"),
    (["{name: g, repeat: 2, sequential: [{name: a, relu: }, tanh, {from: a, elu: }]}"], "g.1.a"),
    (["{name: a, relu: }", "tanh", "{name: outer, peek: }"], "a"),
    (["{name: a, relu: }", "tanh", "{from: $first, elu: }"], "a"),
]  # fmt: skip


@together(("items", "expected"), READS)
def test_from_looks_outward(items: list[str], expected: str) -> None:
    head = HEAD.replace("blocks:\n", "blocks:\n  peek: {layers: [{from: a, elu: }]}\n")
    rows = good(layers(*items, head=head.replace("act: tanh", "act: tanh, first: a"))).rows
    assert rows[-1].inputs == (expected,)


@pytest.mark.parametrize(
    ("branches", "inputs"),
    [
        ("[[], a]", ("tanh1", "a")),
        ("[a, a]", ("a", "a")),
        ("[[relu], [{from: a, elu: }]]", ("relu1", "elu1")),
        ("[[], []]", ("tanh1", "tanh1")),
        ("[[{from: a, sequential: []}], u]", ("a", "u.relu1")),
        ("[$who]", ("u.relu1",)),
    ],
)
def test_branches(branches: str, inputs: tuple[str, ...]) -> None:
    head = HEAD.replace("act: tanh", "who: u")
    items = ["{name: a, selu: }", "{name: u, unit: }", "tanh", f"concat: {branches}"]
    assert good(layers(*items, head=head)).rows[-1].inputs == inputs


@pytest.mark.parametrize(
    "items",
    [
        ["{from: later, relu: }", "{name: later, relu: }"],
        ["{name: g, sequential: [{name: a, relu: }]}", "{from: a, relu: }"],
        [
            "{name: g, sequential: [{name: a, relu: }]}",
            "{name: h, sequential: [{from: a, relu: }]}",
        ],
        ["{add: [[{name: a, relu: }], []]}", "{from: add1.a, relu: }"],
        ["{name: r, relu: , repeat: 2}", "{from: r.2, relu: }"],
    ],
)
def test_names_that_cannot_be_seen(items: list[str]) -> None:
    assert errors(layers(*items)) == ["unknown-layer"]
