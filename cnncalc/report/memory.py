"""Bytes: of elements, and of the volumes that are alive at one time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnncalc.graph.graph import Graph, Node, ValueRef

BITS = {
    "float64": 64,
    "float32": 32,
    "float16": 16,
    "bfloat16": 16,
    "float8": 8,
    "int64": 64,
    "int32": 32,
    "int16": 16,
    "int8": 8,
    "uint8": 8,
    "int4": 4,
}
"""Bits of one element, by the name of its type."""


def bytes_of(elements: int, dtype: str) -> int:
    """Bytes that so many elements take, rounded up to a whole byte."""
    return -(-elements * BITS[dtype] // 8)


def peak_elements(graph: Graph) -> int:
    """The largest sum of volumes alive at one time, in elements for one image.

    Layers run in file order; a volume is freed after its last use, the network's outputs never; a
    layer's input and output are alive together.
    """
    last_use = _last_uses(graph.nodes, graph.outputs)
    sizes = [volume.size for volume in graph.inputs.values()]
    alive = peak = sum(sizes)
    for index, node in enumerate(graph.nodes):
        alive += node.inferred.output.size
        peak = max(peak, alive)
        done = {point for point in node.inputs if last_use.get(point) == index}
        if index not in last_use:
            done.add(index)
        for point in done:
            alive -= graph.nodes[point].inferred.output.size if point >= 0 else sizes[-1 - point]
    return peak


def _last_uses(nodes: Sequence[Node], outputs: Mapping[str, ValueRef]) -> dict[ValueRef, int]:
    uses: dict[ValueRef, int] = {}
    for index, node in enumerate(nodes):
        for point in node.inputs:
            uses[point] = index
    for point in outputs.values():
        uses[point] = len(nodes)
    return uses
