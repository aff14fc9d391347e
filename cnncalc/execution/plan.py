"""The plan of a run: steps in file order over numbered values, the same for every backend.

A plan is plain data made from a graph. It knows operations, volumes for one image and which
arrays a step uses; it holds no array, batch, algorithm or time.
"""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.execution.lowering import Place, executable, lowered
from cnncalc.execution.operations import Operation
from cnncalc.graph.graph import Graph, ValueRef
from cnncalc.volume import Volume

Value = int
"""A volume that flows: the network's inputs first, then what each step makes."""


class ArrayName(NamedTuple):
    """An array of a layer: the node it lives at, and its name there."""

    node: int
    name: str


class Affine(NamedTuple):
    """A factor and a summand for each channel, folded into the arrays of a step."""

    arrays: dict[str, ArrayName]
    eps: float


class Step(NamedTuple):
    """An operation on values. `nodes` are the layers it computes: the first lends it its name and
    carries its time, the others are folded into it. `arrays` are its learned arrays by role."""

    operation: Operation
    inputs: tuple[Value, ...]
    output: Value
    nodes: tuple[int, ...]
    arrays: dict[str, ArrayName]
    folded: tuple[Affine, ...] = ()


class Plan(NamedTuple):
    """What is to be done. `values[v]` is the volume of value v for one image."""

    graph: Graph
    values: tuple[Volume, ...]
    inputs: dict[str, Value]
    outputs: dict[str, Value]
    steps: tuple[Step, ...]

    def is_declared(self, node: int) -> bool:
        """Whether a layer is only declared, since its kind cannot be executed."""
        return not executable(self.graph.nodes[node].layer)

    def readers(self) -> dict[Value, list[int]]:
        """The steps that read each value, in order."""
        found: dict[Value, list[int]] = {}
        for number, step in enumerate(self.steps):
            for value in dict.fromkeys(step.inputs):
                found.setdefault(value, []).append(number)
        return found

    def last_uses(self) -> dict[Value, int]:
        """The step after which a value is no longer needed; the network's outputs always are. A
        value that nothing reads ends with the step that makes it."""
        last = {step.output: number for number, step in enumerate(self.steps)}
        for value, steps in self.readers().items():
            last[value] = steps[-1]
        last.update(dict.fromkeys(self.outputs.values(), len(self.steps)))
        return last


def plan(graph: Graph) -> Plan:
    """The plan of a complete graph, layer by layer as it is written."""
    values = [volume for _, volume in graph.ordered_inputs]
    where: list[Value] = []
    steps = []

    def value(point: ValueRef) -> Value:
        return -1 - point if point < 0 else where[point]

    for number, node in enumerate(graph.nodes):
        read = tuple(map(value, node.inputs))
        place = Place(tuple(values[v] for v in read), node.inferred)
        home = number if node.owner is None else node.owner
        for primitive in lowered(node.layer, place):
            made = len(values)
            values.append(primitive.output)
            arrays = {role: ArrayName(home, name) for role, name in primitive.arrays.items()}
            steps.append(Step(primitive.operation, read, made, (number,), arrays))
            read = (made,)
        where.append(read[0])
    inputs = {name: v for v, (name, _) in enumerate(graph.ordered_inputs)}
    outputs = {name: value(point) for name, point in graph.outputs.items()}
    return Plan(graph, tuple(values), inputs, outputs, tuple(steps))
