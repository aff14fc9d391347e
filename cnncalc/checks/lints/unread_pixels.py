"""unread-pixels: windows with gaps between them, and nothing else that reads what lies there.

What counts is what the network loses: another layer may read the same volume, as the main branch
does beside a ResNet's 1x1 shortcut at stride 2, and the volume may be an output. A layer that works
on each element, such as a relu, or only moves them, such as a crop, stands for what it reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from cnncalc.checks.lints.context import LintContext, in_words
from cnncalc.checks.places import compact
from cnncalc.diagnostics import Diagnostic
from cnncalc.geometry import Window
from cnncalc.graph.graph import Graph, Node, ValueRef
from cnncalc.language.expressions import Value
from cnncalc.layers.sliding import Sliding

CODE = "unread-pixels"

MOST_TAPS = 64
"""Taps of a dilated kernel beyond which its pixels are not counted."""


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    gaping = [node for node in graph.nodes if node.inferred.windows and _has_gaps(node)]
    if not gaping:
        return
    readers, outputs = _readers(graph), set(graph.outputs.values())
    reported: set[int] = set()
    for node in gaping:
        read = _pixels_read(graph, node)
        there = prod(graph.volume(node.inputs[0]).spatial)
        if (
            read == there
            or id(node.item) in reported
            or _read_elsewhere(graph, node, readers, outputs)
        ):
            continue
        reported.add(id(node.item))
        option = node.item.options.get("stride")
        axes = "x".join(map(str, graph.volume(node.inputs[0]).spatial))
        yield Diagnostic(
            CODE,
            f"its windows read {read:,} of the {there:,} pixels of {axes}, and nothing else reads "
            f"the other {there - read:,}",
            option.span if option is not None else node.item.kind_span,
            node.name,
            help=tuple(_help(context, node)),
        )


def _has_gaps(node: Node) -> bool:
    if not any(w.stride > 1 and w.has_gaps for w in node.inferred.windows):
        return False
    return isinstance(node.layer, Sliding) and all(
        w.dilation == 1 or w.kernel <= MOST_TAPS for w in node.inferred.windows
    )


def _pixels_read(graph: Graph, node: Node) -> int:
    spatial = graph.volume(node.inputs[0]).spatial
    axes = zip(node.inferred.windows, spatial, node.inferred.output.spatial, strict=True)
    return prod(w.read(width, positions) for w, width, positions in axes)


_Looks = tuple[Window, ...] | None
"""How a layer looks at what it reads: through windows, or in another way."""


class _Readers(NamedTuple):
    """For every volume, how many layers look at it, and how many in each way."""

    all: Counter[ValueRef]
    alike: Counter[tuple[ValueRef, _Looks]]


def _looks(node: Node) -> _Looks:
    return node.inferred.windows if isinstance(node.layer, Sliding) else None


def _readers(graph: Graph) -> _Readers:
    readers = _Readers(Counter(), Counter())
    for node in graph.nodes:
        looks = _looks(node)
        for point in set(node.inputs):
            readers.all[point] += 1
            readers.alike[point, looks] += 1
    return readers


def _read_elsewhere(graph: Graph, node: Node, readers: _Readers, outputs: set[ValueRef]) -> bool:
    """Whether more than these very windows look at the volume, or at what it is made from pixel by
    pixel."""
    windows: _Looks = node.inferred.windows
    below, point = node, node.inputs[0]
    while True:
        others = readers.all[point] - 1
        alike = 0
        if windows is not None:
            alike = readers.alike[point, windows] - (_looks(below) == windows)
        if point in outputs or others > alike:
            return True
        if others or point < 0:
            return False
        below = graph.nodes[point]
        if not _passes_pixels_on(below):
            return False
        if below.inferred.reach:
            windows = None  # What lies in the gaps before a shift is not what does after it.
        point = below.inputs[0]


def _passes_pixels_on(node: Node) -> bool:
    """Whether the layer works on each element, or only moves the pixels along, as padding does."""
    reach = node.inferred.reach
    return (
        len(node.inputs) == 1
        and reach is not None
        and not node.inferred.windows
        and all(r.period == r.advance == 1 and r.lows == r.highs for r in reach)
    )


def _help(context: LintContext, node: Node) -> Iterator[str]:
    """The smallest kernel without gaps that makes the same volume."""
    windows = node.inferred.windows
    if any(w.dilation > 1 for w in windows):
        return
    for odd in (False, True):
        kernels = tuple(max(w.kernel, w.stride + (odd and w.stride % 2 == 0)) for w in windows)
        options: dict[str, Value] = {"kernel": compact(kernels)}
        if odd and getattr(node.layer, "padding", None) != "same":
            options["padding"] = compact(tuple((kernel - 1) // 2 for kernel in kernels))
        if context.keeps_volume(node, options):
            yield f"with {in_words(options)} they read all of them, and the volume stays"
            return
