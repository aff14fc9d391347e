"""Inputs that look like another framework's, as three lints see them."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph
from cnncalc.graph.meant_input import Meant, meant
from cnncalc.language.model import Document, Option
from cnncalc.volume import Volume
from cnncalc.yaml.nodes import Mapping
from cnncalc.yaml.source import Span


def unusual(graph: Graph, because: str) -> Iterator[tuple[str, Volume, Meant]]:
    """The inputs that were probably meant to be others, for a reason."""
    for name, volume in graph.inputs.items():
        found = meant(volume)
        if found is not None and found.because == because:
            yield name, volume, found


def warning(code: str, graph: Graph, name: str, message: str, found: Meant) -> Diagnostic:
    return Diagnostic(code, message, _span(graph.document, name), help=(found.help,))


def _span(document: Document, name: str) -> Span:
    """Where the volume is written, or what `--input` has taken the place of."""
    option = document.input
    assert option is not None
    if isinstance(option.value, Mapping):
        for key, value in option.value.entries:
            if key.text == name:
                return Option(key, value).span
    return option.span


def in_words(volume: Volume) -> str:
    axes = zip(("depth", "height", "width")[-volume.rank :], volume.spatial, strict=True)
    sizes = ", ".join(f"{axis} {size}" for axis, size in axes)
    return f"{sizes} and {volume.channels} channels"


def slides_along(graph: Graph, name: str, rank: int) -> bool:
    """Whether windows slide over the volumes that come from an input, all axes alike: nothing says
    that it was meant to have as many axes. `Conv3d` or a kernel for each axis would."""
    seen = {-1 - list(graph.inputs).index(name)}
    found = False
    for number, node in enumerate(graph.nodes):
        if seen.isdisjoint(node.inputs):
            continue
        seen.add(number)
        if node.item.kind is not None and node.item.kind.rank == rank:
            return False
        windows = node.inferred.windows
        if len(windows) == rank and any(window.kernel > 1 for window in windows):
            found = True
            shapes = {(w.kernel, w.stride, w.dilation) for w in windows}
            if len(shapes) > 1:
                return False
    return found
