"""uneven-transpose: a transposed convolution whose stride does not divide its kernel.

The outputs of its input pixels overlap unevenly. Dilated taps that have a factor in common with the
stride miss the pixels in between altogether. On an axis of one pixel every output pixel is a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from cnncalc.checks.lints.context import LintContext, in_words
from cnncalc.checks.places import compact
from cnncalc.diagnostics import Diagnostic
from cnncalc.geometry import Window
from cnncalc.graph.graph import Graph, Node
from cnncalc.language.expressions import Value
from cnncalc.layers.base import axis_names
from cnncalc.layers.convolution import ConvTranspose

CODE = "uneven-transpose"


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    reported: set[int] = set()
    for node in graph.nodes:
        if type(node.layer) is not ConvTranspose or id(node.item) in reported:
            continue
        widths = graph.volume(node.inputs[0]).spatial
        uneven = [
            axis
            for axis, (w, width) in enumerate(zip(node.inferred.windows, widths, strict=True))
            if width > 1 and _is_uneven(w)
        ]
        if not uneven:
            continue
        reported.add(id(node.item))
        option = node.item.options.get("kernel")
        yield Diagnostic(
            CODE,
            _sentence(node, uneven),
            option.span if option is not None else node.item.kind_span,
            node.name,
            notes=tuple(_dividing(node, uneven)),
            help=tuple(_help(context, node)),
        )


def _is_uneven(w: Window) -> bool:
    return w.stride > 1 and (gcd(w.dilation, w.stride) > 1 or w.kernel % w.stride > 0)


def _sentence(node: Node, axes: list[int]) -> str:
    windows = node.inferred.windows
    if len(axes) == len(windows) and len(set(windows)) == 1:
        return _stamps(windows[0])
    names = axis_names(len(windows))
    return "; ".join(f"{names[axis]}: {_stamps(windows[axis])}" for axis in axes)


def _stamps(w: Window) -> str:
    """How many stamps meet in an output pixel: the taps that are congruent modulo the stride."""
    common = gcd(w.dilation, w.stride)
    places = w.stride // common
    fewest = w.kernel // places if common == 1 else 0
    most = -(-w.kernel // places)
    dilated = f" and dilation {w.dilation}" if w.dilation > 1 else ""
    return (
        f"kernel {w.kernel} at stride {w.stride}{dilated} makes some output pixels of {most} "
        f"input pixel{'s' if most > 1 else ''} and some of {fewest or 'none'}"
    )


def _dividing(node: Node, axes: list[int]) -> Iterator[str]:
    """The kernels next to this one that the stride divides, where that is all it takes."""
    w = node.inferred.windows[axes[0]]
    if gcd(w.dilation, w.stride) == 1 and len({node.inferred.windows[axis] for axis in axes}) == 1:
        below, above = w.kernel // w.stride * w.stride, -(-w.kernel // w.stride) * w.stride
        listed = f"{below} and {above}" if below else f"{above}"
        yield f"stride {w.stride} divides {listed}"


def _help(context: LintContext, node: Node) -> Iterator[str]:
    """The next kernels that are even, with the padding that keeps the volume."""
    windows = node.inferred.windows
    if any(gcd(w.dilation, w.stride) > 1 for w in windows):
        return
    for larger in (True, False):
        kernels = tuple(_divided(w, larger=larger) for w in windows)
        if 0 in kernels:
            continue
        options = _keeping(context.graph, node, kernels)
        if options is not None and context.keeps_volume(node, options):
            yield f"with {in_words(options)} they are made evenly, and the volume stays"
            return


def _divided(w: Window, *, larger: bool) -> int:
    return (-(-w.kernel // w.stride) if larger else w.kernel // w.stride) * w.stride


def _keeping(graph: Graph, node: Node, kernels: tuple[int, ...]) -> dict[str, Value] | None:
    """The kernels, and what must be cut off around the output to keep its size."""
    options: dict[str, Value] = {"kernel": compact(kernels)}
    if getattr(node.layer, "padding", None) == "same":
        return options
    surplus = [
        w._replace(kernel=kernel, before=0, after=0).spread(width) - made
        for w, kernel, width, made in zip(
            node.inferred.windows,
            kernels,
            graph.volume(node.inputs[0]).spatial,
            node.inferred.output.spatial,
            strict=True,
        )
    ]
    if min(surplus) < 0 or any(amount % 2 for amount in surplus):
        return None
    options["padding"] = compact(tuple(amount // 2 for amount in surplus))
    if getattr(node.layer, "output_padding", 0):
        options["output_padding"] = 0
    return options
