"""Write a network's layers and wiring as a small JSON file; `generate_*.py` say what is in them.

A file has `layers`, the distinct layers as [kind, output, weights, biases, state, macs], and
`graph`, the network: [number of the layer in `layers`, places in `graph` of what it reads, …],
where -1 is the input. The order is depth first from the outputs, each layer after all that it
reads, in the order in which it reads them; so it does not depend on the order in which parallel
branches were made. Padding, cropping, dropout and reshaping are looked through: what reads one of
them reads what is before it. Volumes are channels last.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from pathlib import Path

Row = list[Any]


def walk(
    outputs: Iterable[Any],
    name: Callable[[Any], Hashable],
    reads: Callable[[Any], Iterable[Any] | None],
    rows: Callable[[Any], Iterable[Row]],
) -> tuple[list[Row], list[list[int]]]:
    """Walk a network from its outputs; return the distinct layers, and the network of them.

    `reads` gives what a node reads, None for an input; `rows` what a node stands for: nothing, one
    row, or several that follow one another.
    """
    distinct: dict[str, int] = {}
    network: list[list[int]] = []
    places: dict[Hashable, int] = {}

    def visit(node: Any) -> int:
        if name(node) not in places:
            ahead = reads(node)
            points = [-1] if ahead is None else [visit(one) for one in ahead]
            for row in rows(node) if ahead is not None else ():
                number = distinct.setdefault(json.dumps(row), len(distinct))
                network.append([number, *points])
                points = [len(network) - 1]
            (places[name(node)],) = points
        return places[name(node)]

    for output in outputs:
        visit(output)
    return [json.loads(row) for row in distinct], network


def compact(values: list[Any]) -> str:
    """Write a list of lists with a few items a line."""
    lines, line = [], ""
    for value in values:
        text = json.dumps(value, separators=(",", ":"))
        if line and len(line) + len(text) > 118:
            lines.append(line)
            line = ""
        line += f"{text},"
    lines.append(line.removesuffix(","))
    return "[\n" + "\n".join(lines) + "\n]"


def write(
    path: Path, packages: tuple[str, ...], head: dict[str, Any],
    layers: list[Row], network: list[list[int]],
) -> None:  # fmt: skip
    """Write one network's file; `packages` are those that made it."""
    made_with = {package: version(package).split("+")[0] for package in packages}
    members = [
        f"{json.dumps(k)}: {json.dumps(v)}" for k, v in {"made_with": made_with, **head}.items()
    ]
    members += [f'"layers": {compact(layers)}', f'"graph": {compact(network)}']
    path.write_text("{\n" + ",\n".join(members) + "\n}\n", encoding="utf-8")
