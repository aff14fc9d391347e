"""The bundled networks that other frameworks build too: the same graphs, layer for layer.

The tables come from keras.applications, and from PyTorch modules put together as the papers say.
Both networks are walked from the outputs, every layer after all that it reads and in the order in
which it reads them. So the walk does not depend on where a file puts its branches, only on how they
are wired: two walks are equal where the two graphs are.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.report.report import Report, Row
from tests.together import together
from tests.zoo.reports import loaded

FOLDER = Path(__file__).parents[1] / "reference" / "zoo"
TABLES = {
    path.stem: path for of in ("keras", "papers") for path in sorted((FOLDER / of).glob("*.json"))
}
NETWORKS = list(TABLES)

LOOKED_THROUGH = {"pad", "crop", "dropout", "flatten", "reshape"}
"""What the tables leave out: its reader reads what is before it."""

Walk = list[tuple[list[Any], list[int]]]
"""A layer's kind and numbers, and the places in the walk of what it reads; −1 is the input."""


@cache
def table(name: str) -> dict[str, Any]:
    model: dict[str, Any] = json.loads(TABLES[name].read_text(encoding="utf-8"))
    return model


def walk_of_table(name: str) -> Walk:
    model = table(name)
    return [(model["layers"][number], reads) for number, *reads in model["graph"]]


def compared(row: Row) -> list[Any]:
    output = list(row.output_shape)
    return [row.kind, output, row.weights, row.biases, row.state, row.macs]


def walk_of(reported: Report) -> Walk:
    assert reported.complete
    rows = {row.name: row for row in reported.rows}
    walk: Walk = []
    places = dict.fromkeys(reported.inputs, -1)
    waiting = [*reported.outputs][::-1]  # the first output on top
    while waiting:
        row = rows[waiting[-1]]
        ahead = [name for name in row.inputs if name not in places]
        if ahead:
            waiting.append(ahead[0])
            continue
        waiting.pop()
        if row.kind in LOOKED_THROUGH:
            places[row.name] = places[row.inputs[0]]
        elif row.name not in places:
            places[row.name] = len(walk)
            walk.append((compared(row), [places[name] for name in row.inputs]))
    return walk


@together("name", NETWORKS)
def test_the_same_graph(name: str) -> None:
    reported = loaded(name)
    assert list(reported.inputs.values()) == [tuple(table(name)["input"])]
    assert walk_of(reported) == walk_of_table(name)


@together("name", NETWORKS)
def test_every_layer_is_on_the_way_to_the_output(name: str) -> None:
    """The walk reaches all that is counted, so it leaves nothing uncompared."""
    reported = loaded(name)
    counted = [row for row in reported.rows if row.kind not in LOOKED_THROUGH]
    assert len(walk_of(reported)) == len(counted)


@together("name", NETWORKS)
def test_in_total(name: str) -> None:
    """Keras counts the state of batch normalisation among the parameters, and so do the tables."""
    totals, model = loaded(name).totals, table(name)
    assert totals.params + totals.state == model["params_with_state"]
    assert totals.trainable == model["trainable"]


class TestTheWalkItself:
    """A comparison that cannot fail proves nothing."""

    def walked(self, *layers: str) -> Walk:
        text = "input: 8x8x4\ndefaults: {conv: {kernel: 1}}\nlayers:\n"
        return walk_of(cnncalc.loads(text + "".join(f"  - {layer}\n" for layer in layers)))

    def test_the_order_in_the_file_does_not_matter(self) -> None:
        inside = self.walked("add: [[{conv: 4}, relu], [{conv: {filters: 4, bias: false}}]]")
        apart = self.walked(
            "{name: b, conv: {filters: 4, bias: false}}",
            "{name: a, from: input, conv: 4}",
            "{name: r, relu: {}}",
            "{add: [r, b]}",
        )
        assert inside == apart
        assert [reads for _, reads in inside] == [[-1], [0], [-1], [1, 2]]

    @pytest.mark.parametrize(
        "other",
        [
            "add: [[{conv: {filters: 4, bias: false}}], [{conv: 4}, relu]]",
            "add: [[{conv: 4}], [{conv: {filters: 4, bias: false}}, relu]]",
            "maximum: [[{conv: 4}, relu], [{conv: {filters: 4, bias: false}}]]",
            "add: [[{conv: 4}, relu], []]",
        ],
    )
    def test_the_wiring_does(self, other: str) -> None:
        walk = self.walked("add: [[{conv: 4}, relu], [{conv: {filters: 4, bias: false}}]]")
        assert self.walked(other) != walk

    def test_another_width_is_another_walk(self) -> None:
        narrow = cnncalc.load("mobilenet", set={"width": 0.5})
        assert walk_of(narrow) != walk_of_table("mobilenet")


def test_the_tables_are_there() -> None:
    """An empty folder would make every test above pass."""
    assert {"nasnet_large", "inception_resnet_v2", "yolov3", "resnet110-cifar"} <= set(NETWORKS)
