"""How one layer's numbers come about: `cnncalc explain FILE LAYER`, step by step, as data.

A step shows a formula only where it comes to the very number that the layer itself inferred;
otherwise the number stands alone. No kind is treated specially: windows and arrays say what
happens. The formulas are those of the CS231n notes
(https://cs231n.github.io/convolutional-networks), and of Araujo, Norris & Sim, Distill 2019, for
receptive fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cnncalc.diagnostics import Diagnostic, did_you_mean, listed
from cnncalc.errors import UsageError
from cnncalc.explain.derivation.case import Case, Step
from cnncalc.explain.derivation.explanation import Explanation
from cnncalc.explain.derivation.field import field
from cnncalc.explain.derivation.output import output
from cnncalc.explain.derivation.parameters import costs, parameters
from cnncalc.explain.single_layer import single_layer
from cnncalc.geometry import Rounding
from cnncalc.graph.graph import Graph, Node
from cnncalc.graph.overrides import everywhere
from cnncalc.layers import manual
from cnncalc.layers.base import axis_names
from cnncalc.network import Network
from cnncalc.report.receptive_field import ReceptiveField, described, of_input
from cnncalc.report.report import Report, Row


def explain(
    network: Network, name: str, *, channels_known: bool = True, filters_known: bool = True
) -> Explanation:
    """The derivation of the layer called `name`, for one image; of its sizes alone where its
    filters are not known.

    Raises `UsageError` where nothing in the network has the name, and where the layer depends on
    its input's channels, and these are not given.
    """
    report = network.report
    if network.document is None:
        return Explanation(name, network.name, diagnostics=report.diagnostics)
    graph = network.graph
    index = _index(graph, report, name)
    if index is None:
        return Explanation(name, report.file, diagnostics=_findings(report, name))
    node, row = graph.nodes[index], report.rows[index]
    page = manual.page(node.layer.kind)
    case = _case(report, node, row, channels_known)
    steps = (*output(case), *parameters(case), *costs(case), *field(case))
    notes = tuple(_notes(node, row))
    if not filters_known:
        steps = tuple(step for step in steps if _is_of_sizes(step))
        notes += ("without the number of filters there are no weights and MACs",)
    return Explanation(
        layer=node.name,
        file=row.file,
        kind=node.layer.kind,
        summary=page.summary,
        rules=page.rules,
        inputs=row.input_shapes,
        output=row.output_shape,
        row=row if channels_known and filters_known else None,
        steps=steps,
        notes=notes,
        diagnostics=_findings(report, node.name),
        channels_known=channels_known,
        filters_known=filters_known,
        keeps_channels=not channels_known and filters_known and _keeps_channels(node, row),
    )


def explain_single_layer(
    kind: str,
    input: str | int | tuple[int, ...],
    options: Mapping[str, object],
    rounding: str | None = None,
) -> Explanation:
    """How the numbers of one layer come about that is in no file. Raises `UsageError`."""
    layer = single_layer(kind, input, options)
    network = Network.loads(layer.source.text, name=layer.source.name, rounding=rounding)
    network = replace(network, is_single_layer=True)
    explained = explain(
        network,
        layer.name,
        channels_known=layer.channels_known,
        filters_known=layer.filters_known,
    )
    # There is no network to warn of, and no other layer to tell this one from.
    errors = (found for found in explained.diagnostics if found.is_error)
    findings = tuple(
        error._replace(layer=None, help=_without_expressions(error)) for error in errors
    )
    return explained._replace(kind=layer.name, diagnostics=findings)


def _without_expressions(finding: Diagnostic) -> tuple[str, ...]:
    """A finding's help, but what speaks of variables: one layer alone takes none."""
    return tuple(line for line in finding.help if "`$" not in line)


def _is_of_sizes(step: Step) -> bool:
    """Whether a step holds whatever the number of channels."""
    return step.about in ("output", "field") and not step.unit.startswith("channel")


def _keeps_channels(node: Node, row: Row) -> bool:
    """Whether the output has as many channels as the input. Raises `UsageError` where the layer has
    arrays for each of them, which depend on their number."""
    doubled = tuple(volume.with_channels(2 * volume.channels) for volume in row.input_shapes)
    output = node.layer.infer(doubled, everywhere(Rounding.FLOOR)).output
    keeps = output.channels != row.output_shape.channels
    if keeps and node.inferred.tensors:
        sides = "x".join(map(str, row.input_shapes[0].spatial))
        raise UsageError(f"every channel has weights of its own, so say how many: {sides}xC")
    return keeps


def _findings(report: Report, layer: str) -> tuple[Diagnostic, ...]:
    """The file's errors, and the warnings about the layer."""
    return tuple(d for d in report.diagnostics if d.is_error or d.layer == layer)


def _index(graph: Graph, report: Report, name: str) -> int | None:
    """The node of a name; None where a fault left the layer unknown."""
    for index, node in enumerate(graph.nodes):
        if node.name == name:
            return index
    named = graph.names.get(name)
    if named is None and any(d.layer == name for d in report.diagnostics):
        return None
    if named is None:
        known = [*(node.name for node in graph.nodes), *graph.names]
        near = did_you_mean(name, dict.fromkeys(known))
        hint = near[0] if near else f"there are {listed(node.name for node in graph.nodes)}"
        raise UsageError(f"there is no layer `{name}`; {hint}")
    if named.item is None:
        raise UsageError(f"`{name}` is an input: {_volume(graph, name)}")
    inside = graph.nodes[named.start : named.stop]
    if len(inside) == 1:
        return named.start
    if named.point is None:
        return None
    if not inside:
        raise UsageError(f"`{name}` is left out of this network: it has no layers here")
    names = listed((node.name for node in inside), 6)
    raise UsageError(f"`{name}` is a group of {len(inside)} layers; say one of them: {names}")


def _volume(graph: Graph, name: str) -> str:
    return f"[{graph.inputs[name]}]" if name in graph.inputs else "of unknown volume"


def _case(report: Report, node: Node, row: Row, channels_known: bool) -> Case:
    fields: list[ReceptiveField | None] = []
    for point, volume in zip(node.inputs, row.input_shapes, strict=True):
        fields.append(
            report.rows[point].receptive_field if point >= 0 else described(of_input(volume))
        )
    return Case(
        layer=node.layer,
        inputs=row.input_shapes,
        inferred=node.inferred,
        field=row.receptive_field,
        fields_in=tuple(fields),
        flops=row.flops // report.batch,
        channels_known=channels_known,
    )


def _notes(node: Node, row: Row) -> Iterable[str]:
    unread: dict[int, list[str]] = {}
    if any(row.dropped):
        for name, pixels in zip(axis_names(len(row.dropped)), row.dropped, strict=True):
            unread.setdefault(pixels, []).append(name)
    for pixels, names in unread.items():
        if pixels:
            what = "pixel" if pixels == 1 else f"{pixels} pixels"
            yield f"no window reaches the last {what} of the input's {' and '.join(names)}"
    if row.shares is not None:
        yield f"the weights are those of {row.shares}, and are counted there"
    if node.inferred.declared:
        yield "the numbers are the file's own and are not checked"
    if not node.trainable and node.inferred.tensors:
        yield "the parameters are held fixed (trainable: false)"
    if row.receptive_field is not None and not row.receptive_field.aligned:
        yield "the branches disagree in stride or centre: the largest receptive field stands"
