"""For which input sizes a network fits, exactly and rounded down: `cnncalc fit`, as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.diagnostics import Diagnostic
from cnncalc.geometry import Rounding
from cnncalc.graph.builder import build
from cnncalc.graph.graph import Graph, Node
from cnncalc.graph.overrides import Overrides, everywhere
from cnncalc.language.model import Document
from cnncalc.layers.base import Layer, axis_names
from cnncalc.layers.sliding import Sliding
from cnncalc.sizes.complete_graph import complete_graph, names_axes
from cnncalc.sizes.sizes import Question, Sizes, axes_of


class AxisFit(NamedTuple):
    """One spatial axis of the inputs that move together: the sizes that fit exactly, and those
    that the network survives where misfits are rounded down."""

    inputs: tuple[str, ...]
    axis: str
    given: int
    exact: Sizes
    floor: Sizes

    @property
    def fits(self) -> bool:
        return self.given in self.exact


class Fit(NamedTuple):
    """What `cnncalc fit` found. `axes` is empty where `diagnostics` say why nothing is known, or
    where the inputs are vectors."""

    name: str
    file: str
    strict: bool = False
    axes: tuple[AxisFit, ...] = ()
    notes: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the given sizes fit on every axis."""
        return not self.diagnostics and all(axis.fits for axis in self.axes)

    @property
    def ok(self) -> bool:
        """Whether there are sizes that fit."""
        return not self.diagnostics and all(a.exact.smallest is not None for a in self.axes)


def fit(document: Document, overrides: Overrides, *, strict: bool = False) -> Fit:
    """The input sizes that fit, axis by axis; inputs of equal spatial axes move together.

    A stride that does not fit is refused, whatever the file's `rounding` says, unless its layer
    itself asks for rounding; `strict` refuses it there too.
    """
    graph = complete_graph(document, overrides)
    result = Fit(document.name, document.source.name, strict)
    wrong = tuple(fault.diagnostic for fault in graph.faults if fault.diagnostic.is_error)
    if wrong:
        return result._replace(diagnostics=wrong)
    given = build(document, overrides._replace(rounding=everywhere(Rounding.FLOOR))).inputs
    axes: list[AxisFit] = []
    for axis in axes_of(graph):
        names = tuple(list(graph.inputs)[number] for number in axis.inputs)
        volume = given[names[0]]
        side = volume.spatial[axis.position]
        word = axis_names(volume.rank)[axis.position]
        if axes and axes[-1].inputs == names and axes[-1].given == side and _square(graph):
            axes.append(axes[-1]._replace(axis=word))
            continue
        question = Question(document, overrides, graph, axis, strict)
        sizes = [question.sizes(rule, side) for rule in (Rounding.EXACT, Rounding.FLOOR)]
        axes.append(AxisFit(names, word, side, *sizes))
    if not axes:
        exact = build(document, overrides._replace(rounding=everywhere(Rounding.EXACT)))
        wrong = tuple(fault.diagnostic for fault in exact.faults if fault.diagnostic.is_error)
        result = result._replace(diagnostics=wrong)
    result = result._replace(axes=tuple(axes))
    return result._replace(notes=tuple(_notes(result, graph)))


def _square(graph: Graph) -> bool:
    """Whether all spatial axes are treated alike, by layers and by expressions."""
    volumes = [*graph.inputs.values(), *(node.inferred.output for node in graph.nodes)]
    if any(len(set(volume.spatial)) > 1 for volume in volumes) or names_axes(graph.document):
        return False
    return all(
        len(set(node.inferred.windows)) <= 1
        and len(set(node.inferred.reach or ())) <= 1
        # What makes spatial axes of no known reach may have made them of others.
        and (node.inferred.reach is not None or node.layer.merges or _keeps_none(node))
        for node in graph.nodes
    )


def _keeps_none(node: Node) -> bool:
    return all(length == 1 for length in node.inferred.output.spatial)


def rounds_itself(layer: Layer) -> bool:
    """Whether a layer's own options say that a stride need not fit."""
    return isinstance(layer, Sliding) and layer.own_rounding() in (Rounding.FLOOR, Rounding.CEIL)


def _notes(result: Fit, graph: Graph) -> Iterator[str]:
    """What a reader of the sizes has to know."""
    if not result.axes:
        yield "the inputs are vectors: there are no sizes to fit"
    if not result.strict:
        own = [node.name for node in graph.nodes if rounds_itself(node.layer)]
        if own:
            listed = ", ".join(own[:3]) + (", …" if len(own) > 3 else "")
            yield f"may round, as their own options say (--strict: none may): {listed}"
    yield from dict.fromkeys(
        f"sizes 1 to {sizes.searched} were tried, no more: {sizes.why}"
        for axis in result.axes
        for sizes in (axis.exact, axis.floor)
        if sizes.searched is not None
    )
