"""Which networks can be told to the peers at all: told to nobody, with no numbers in their weights.

Needs none of the peers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from cnncalc.execution.plan import ArrayName, Step
from cnncalc.execution.weights import Array, Weights
from cnncalc.graph.graph import Graph
from peers.preparing import told_plan
from peers.translation import Unsayable, translate


class Nobody:
    """A dialect that takes every word and notes how often: `words`."""

    def __init__(self) -> None:
        self.words: Counter[str] = Counter()

    def __getattr__(self, word: str) -> Any:
        def said(*given: Any, **_: Any) -> Any:
            self.words[word] += 1
            return [word] * len(given[1]) if word == "split" else word

        return said


class NoNumbers(Weights):
    """Arrays of the right shapes, all of one zero that takes no memory."""

    def array(self, name: ArrayName) -> Array:
        tensors = self.graph.nodes[name.node].inferred.tensors
        shape = next(tensor.shape for tensor in tensors if tensor.name == name.name)
        return np.broadcast_to(np.zeros((), np.float32), shape)

    def of(self, step: Step) -> dict[str, Array]:
        return {role: self.array(name) for role, name in step.arrays.items()}


def words(graph: Graph) -> Counter[str]:
    """How often each word is needed. Raises `Unsayable`."""
    dialect = Nobody()
    translate(told_plan(graph), NoNumbers(graph), 1, dialect)
    return dialect.words


def listing(networks: Iterable[tuple[str, Graph]]) -> Iterator[str]:
    """A line for each: how much there is to be said, or what cannot be."""
    for name, graph in networks:
        try:
            yield f"{name}: {sum(words(graph).values())} words"
        except Unsayable as fault:
            yield f"{name}: cannot be told: {fault}"
