"""The bundled networks that come from keras.applications: the same graphs, layer for layer.

Both networks are walked from the output, every layer after all that it reads and in the order in
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
from cnncalc.analysis.report import Report, Row

FOLDER = Path(__file__).parents[1] / "reference" / "zoo" / "keras"
NETWORKS = sorted(path.stem for path in FOLDER.glob("*.json"))

LOOKED_THROUGH = {"pad", "crop", "dropout", "flatten", "reshape"}
"""What the tables leave out: its reader reads what is before it."""

Walk = list[tuple[list[Any], list[int]]]
"""A layer's kind and numbers, and the places in the walk of what it reads; −1 is the input."""


@cache
def table(name: str) -> dict[str, Any]:
    model: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return model


def walk_of_keras(name: str) -> Walk:
    model = table(name)
    return [(model["layers"][number], reads) for number, *reads in model["graph"]]


def compared(row: Row) -> list[Any]:
    output = list(row.output_shape)
    return [row.kind, output, row.weights, row.biases, row.state, row.macs]


def walk_of(told: Report) -> Walk:
    assert told.complete
    rows = {row.name: row for row in told.rows}
    walk: Walk = []
    places = dict.fromkeys(told.inputs, -1)
    waiting = list(told.outputs)
    while waiting:
        row = rows[waiting[-1]]
        ahead = [name for name in row.inputs if name not in places]
        if ahead:
            waiting.append(ahead[0])
            continue
        if row.kind in LOOKED_THROUGH:
            places[row.name] = places[row.inputs[0]]
        else:
            places[row.name] = len(walk)
            walk.append((compared(row), [places[name] for name in row.inputs]))
        waiting.pop()
    return walk


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_graph_as_in_keras(name: str) -> None:
    told = cnncalc.load(name)
    assert list(told.inputs.values()) == [tuple(table(name)["input"])]
    assert walk_of(told) == walk_of_keras(name)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_is_on_the_way_to_the_output(name: str) -> None:
    """The walk reaches all that is counted, so it leaves nothing uncompared."""
    told = cnncalc.load(name)
    counted = [row for row in told.rows if row.kind not in LOOKED_THROUGH]
    assert len(walk_of(told)) == len(counted)


@pytest.mark.parametrize("name", NETWORKS)
def test_in_total_as_keras_counts(name: str) -> None:
    """Keras counts the state of batch normalisation among the parameters."""
    totals, model = cnncalc.load(name).totals, table(name)
    assert totals.params + totals.state == model["params_with_state"]
    assert totals.trainable == model["trainable"]
