"""Small networks run in tests, with arrays that the tests choose."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from cnncalc.execution.folding import folded
from cnncalc.execution.plan import ArrayName, Plan, plan
from cnncalc.execution.reference.backend import Reference
from cnncalc.execution.weights import Array, Weights
from cnncalc.graph.builder import build
from cnncalc.graph.graph import Graph
from cnncalc.language.inheritance import parse_file
from cnncalc.yaml.source import Source
from tests.networks import Item, written


def graph(text: str) -> Graph:
    """The graph of a network without faults."""
    document, findings = parse_file(Source("<test>", text), None)
    assert document is not None, findings
    made = build(document)
    assert made.complete, [(f.diagnostic.code, f.diagnostic.message) for f in made.faults]
    return made


class Chosen(Weights):
    """Arrays by layer and name; those that are not given are small whole numbers, variances
    positive."""

    def __init__(self, graph: Graph, given: Mapping[tuple[str, str], Array] | None = None) -> None:
        super().__init__(graph)
        self.given = given or {}

    def array(self, name: ArrayName) -> Array:
        node = self.graph.nodes[name.node]
        (shape,) = (t.shape for t in node.inferred.tensors if t.name == name.name)
        given = self.given.get((node.name, name.name))
        if given is not None:
            assert given.shape == shape
            return given
        return whole(f"{node.name} {name.name}", shape, least=1 if "var" in name.name else -3)


def whole(seed: str, shape: tuple[int, ...], least: int = -3) -> Array:
    """Whole numbers up to 3, float64, the same for the same seed."""
    random = np.random.default_rng(list(seed.encode()))
    return random.integers(least, 4, shape).astype(np.float64)


def computed(
    planned: Plan, weights: Weights, inputs: Mapping[str, Array], *, exact: bool = True
) -> dict[str, Array]:
    """The outputs by the reference backend, in double precision unless `exact` is false."""
    backend = Reference(np.float64 if exact else np.float32)
    batch = len(next(iter(inputs.values())))
    program = backend.bind(backend.schedule(planned, batch, 1), weights, lambda _: None)
    outputs = program.run(inputs)
    shapes = [seen.shape for seen in program.observed()]
    assert shapes == [(batch, *planned.values[step.output]) for step in planned.steps]
    return outputs


def one(volume: object, item: Item, x: Array, arrays: Mapping[str, Array], **head: object) -> Array:
    """What a network of one layer makes of x (N, *volume) with these arrays."""
    made = graph(written(volume, item, **head))
    (node,) = made.nodes
    weights = Chosen(made, {(node.name, name): array for name, array in arrays.items()})
    (y,) = computed(plan(made), weights, {"input": x}).values()
    return y


def run(text: str, x: Array, *, fold: bool = False) -> dict[str, Array]:
    """The outputs of a file of one input, with whole numbers for all arrays."""
    made = graph(text)
    planned = folded(plan(made)) if fold else plan(made)
    return computed(planned, Chosen(made), {"input": x})


def layers(*items: Item) -> str:
    return json.dumps(items)
