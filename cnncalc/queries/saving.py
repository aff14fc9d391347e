"""A changed network as a file: the text rewritten, what it expects stated anew, and all of it
checked before anyone writes it.

Nothing here opens files: the caller says what the report of a text is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cnncalc.analysis.report import Report
from cnncalc.document import composer, nodes
from cnncalc.graph.build import build
from cnncalc.graph.graph import Graph
from cnncalc.graph.settings import Settings
from cnncalc.queries.placing import edits
from cnncalc.queries.rewrite import CannotRewrite, Edit, Step, plain, rewrite, spelled
from cnncalc.source import Source

Reload = Callable[[str], Report]
"""From a text to its report, as if it stood where it is to be saved."""


class Saved(NamedTuple):
    """The new text; `expectations` are those that were stated anew, by their path."""

    text: str
    expectations: tuple[str, ...]
    report: Report


def rewritten(graph: Graph, settings: Settings, wanted: Report, reload: Reload) -> Saved:
    """The text of a graph's file with `settings` written into it.

    `wanted` is the report under these settings; the text's own report is the same, but for lines
    and columns, and has no errors. Raises `CannotRewrite` where that cannot be had.
    """
    if not wanted.complete:
        raise CannotRewrite("the changed network has errors; nothing is written")
    changed = build(graph.document, settings)
    text = rewrite(graph.document.source.text, edits(changed, settings))
    report = reload(text)
    expectations = list(_untrue(text, report))
    if expectations:
        text = rewrite(text, expectations)
        report = reload(text)
    for finding in report.diagnostics:
        if finding.is_error:
            raise CannotRewrite(f"the changed file would not check: {finding.message}")
    if _network(report) != _network(wanted):
        raise CannotRewrite("the change cannot be written so that the file means the same")
    return Saved(text, tuple(_told(edit) for edit in expectations), report)


def _network(report: Report) -> tuple[object, ...]:
    """What a report says of the network, wherever it is written."""
    rows = tuple(row._replace(file="", line=0, column=0) for row in report.rows)
    return report.inputs, rows, report.outputs, report.totals


def _told(edit: Edit) -> str:
    path = ".".join(step[0] for step in edit.path)
    return path if edit.value is None else f"{path}: {edit.value}"


# --- expectations -------------------------------------------------------------------------------


def _untrue(text: str, report: Report) -> Iterator[Edit]:
    """Edits that make true what the file expects in vain, and take out what it expects of layers
    that are gone. What an extended file expects is said anew in this one."""
    spans = [finding.span for finding in report.diagnostics if finding.is_error]
    failing = {span.start for span in spans if span.source.text == text}
    own_part = _sections(Source("", text)).get("expect")
    yield from _own(own_part, (("expect",),), failing, report)
    inherited = [span for span in spans if span.source.text != text]
    for source in {id(span.source): span.source for span in inherited}.values():
        starts = {span.start for span in inherited if span.source is source}
        yield from _inherited(_sections(source).get("expect"), starts, report)


def _sections(source: Source) -> dict[str, nodes.Node]:
    root, _ = composer.compose(source)
    entries = root.entries if isinstance(root, nodes.Mapping) else ()
    return {key.text: value for key, value in entries}


def _own(
    node: nodes.Node | None, path: tuple[Step, ...], failing: set[int], report: Report
) -> Iterator[Edit]:
    if not isinstance(node, nodes.Mapping):
        return
    for key, value in node.entries:
        inner = (*path, (key.text,))
        if key.start in failing:
            names = tuple(step[0] for step in inner[1:])
            actual = _actual(names, report)
            yield Edit(inner, None if actual is _GONE else spelled(actual))
        else:
            yield from _own(value, inner, failing, report)


def _inherited(node: nodes.Node | None, failing: set[int], report: Report) -> Iterator[Edit]:
    """Quantities are inherited one by one, `layers` as a whole."""
    for key, value in node.entries if isinstance(node, nodes.Mapping) else ():
        corrected = _corrected(key, value, (key.text,), failing, report)
        if corrected != plain(value):
            yield Edit((("expect",), (key.text,)), spelled(corrected))


def _corrected(
    key: nodes.Scalar, value: nodes.Node, names: tuple[str, ...], failing: set[int], report: Report
) -> Any:
    if key.start in failing:
        return _actual(names, report)
    if not isinstance(value, nodes.Mapping):
        return plain(value)
    inner = {k.text: _corrected(k, v, (*names, k.text), failing, report) for k, v in value.entries}
    return {k: v for k, v in inner.items() if v is not _GONE}


_GONE = object()
"""What the network has no more."""


def _actual(names: tuple[str, ...], report: Report) -> Any:
    """What is so of a quantity, as a file says it; `_GONE` where the network has no such thing."""
    match names:
        case ("output",):
            volumes = {name: _axes(volume) for name, volume in report.outputs.items()}
            return next(iter(volumes.values())) if len(volumes) == 1 else volumes
        case ("output", name):
            return _axes(report.outputs[name]) if name in report.outputs else _GONE
        case ("memory",):
            return report.totals.activation_bytes
        case (quantity,):
            return getattr(report.totals, quantity, _GONE)
        case ("layers", name, quantity):
            return _of_layer(name, quantity, report)
    return _GONE


def _of_layer(name: str, quantity: str, report: Report) -> Any:
    group = report.groups.get(name)
    if group is None:
        rows = [row for row in report.rows if row.name == name]
        last = rows[-1] if rows else None
    else:
        rows = [row for row in report.rows if row.name.startswith(f"{name}.")]
        last = report.rows[group.output] if group.output >= 0 else None
    if last is None:
        return _GONE
    if quantity == "output":
        return _axes(last.output_shape)
    if quantity == "receptive_field":
        sides = () if last.receptive_field is None else last.receptive_field.size
        return None if not sides else _axes(sides[:1] if len(set(sides)) == 1 else sides)
    return sum(getattr(row, quantity) for row in rows)


def _axes(axes: tuple[int, ...]) -> int | str:
    """6x6x256, or a number where there is one axis."""
    return axes[0] if len(axes) == 1 else "x".join(map(str, axes))
