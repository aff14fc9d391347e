"""`expect:` compared with the report: what holds, what fails, and what would hold instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.checks.bounds import compared, parse_bound, restated
from cnncalc.diagnostics import (
    EXPECTATION_FAILED,
    MOST_NEAR_NAMES,
    Diagnostic,
    did_you_mean,
    listed,
)
from cnncalc.graph.graph import Graph
from cnncalc.graph.values import LocatedError, evaluate
from cnncalc.language.expressions import Names, Value
from cnncalc.language.model import Document, Option
from cnncalc.language.sections import is_null
from cnncalc.layers.options import integer
from cnncalc.report.report import Report, Row
from cnncalc.volume import Volume
from cnncalc.yaml.nodes import Mapping, Node

OF_LAYER = ("output", "params", "macs", "receptive_field")


class Outcome(NamedTuple):
    """One expectation, by its path in `expect:`, `("layers", "conv1", "params")`.

    `finding` is None where it holds. Where it failed, `instead` is what would hold, as a file says
    it; a receptive field of None is `~`.
    """

    names: tuple[str, ...]
    option: Option
    finding: Diagnostic | None = None
    instead: int | str | None = None

    @property
    def failed(self) -> bool:
        """Whether the network is not what is expected. Other findings are errors of the file."""
        return self.finding is not None and self.finding.code == EXPECTATION_FAILED


def stated(document: Document) -> Iterator[tuple[str, ...]]:
    """The paths of all expectations of a file, whether they can be read or not."""
    for quantity, option in document.expect.items():
        yield from _paths((quantity,), option.value)


def _paths(names: tuple[str, ...], value: Node) -> Iterator[tuple[str, ...]]:
    if isinstance(value, Mapping):
        for key, inner in value.entries:
            yield from _paths((*names, key.text), inner)
    elif not (len(names) == 1 and is_null(value)):
        yield names


def outcomes(graph: Graph, report: Report) -> Iterator[Outcome]:
    """The outcome of every expectation; none for incomplete reports."""
    if report.complete:
        yield from _Checker(graph, report).check()


class _Checker:
    def __init__(self, graph: Graph, report: Report) -> None:
        self.graph = graph
        self.report = report
        self.names = Names(graph.variables)
        self.rows = {row.name: row for row in report.rows}
        self.missing = 0

    def check(self) -> Iterator[Outcome]:
        totals = self.report.totals
        for quantity, option in self.graph.document.expect.items():
            if is_null(option.value):
                continue
            names = (quantity,)
            if quantity == "layers":
                yield from self.layers(option)
            elif quantity == "output":
                yield from self.outputs(option)
            else:
                attribute = "activation_bytes" if quantity == "memory" else quantity
                yield self.number(names, option, getattr(totals, attribute), None)

    def layers(self, option: Option) -> Iterator[Outcome]:
        if not isinstance(option.value, Mapping):
            finding = _finding("wrong-type", "`layers` maps names to expectations", option)
            yield Outcome(("layers",), option, finding)
            return
        for key, value in option.value.entries:
            rows = self.rows_of(key.text)
            names = ("layers", key.text)
            if rows is None:
                self.missing += 1
                few = self.missing < MOST_NEAR_NAMES
                help = did_you_mean(key.text, self.graph.names) if few else ()
                message = f"there is no layer called `{key.text}`"
                unknown = Diagnostic("unknown-layer", message, key.span, help=help)
                yield Outcome(names, Option(key, value), unknown)
            elif isinstance(value, Mapping):
                for what, expected in value.entries:
                    yield self.of_layer((*names, what.text), rows, Option(what, expected))
            else:
                message = f"write {key.text}: {{output: …, params: …}}"
                bare = Option(key, value)
                yield Outcome(names, bare, _finding("wrong-type", message, bare))

    def rows_of(self, name: str) -> list[Row] | None:
        """The rows that a name sums: a layer's own, or all that is under it."""
        named = self.graph.names.get(name)
        merges = named is not None and named.item is not None and named.item.branches is not None
        if name in self.rows and name not in self.report.groups and not merges:
            return [self.rows[name]]
        if named is None or named.item is None:
            return None
        return list(self.report.rows[named.start : named.stop])

    def of_layer(self, names: tuple[str, ...], rows: list[Row], option: Option) -> Outcome:
        name, quantity = names[1:]
        point = self.graph.names[name].point
        assert point is not None
        if quantity == "output":
            return self.volume(names, option, self.graph.volume(point), name)
        if quantity in ("params", "macs"):
            total = sum(getattr(row, quantity) for row in rows)
            return self.number(names, option, total, name)
        if quantity == "receptive_field":
            return self.receptive_field(names, option, name, point)
        message = f"nothing is expected of a layer's `{quantity}`"
        help = did_you_mean(quantity, OF_LAYER) or ("there are " + ", ".join(OF_LAYER),)
        finding = Diagnostic("unknown-key", message, option.key.span, name, help=help)
        return Outcome(names, option, finding)

    def outputs(self, option: Option) -> Iterator[Outcome]:
        outputs = self.report.outputs
        if isinstance(option.value, Mapping):
            for key, value in option.value.entries:
                names, inner = ("output", key.text), Option(key, value)
                if key.text in outputs:
                    yield self.volume(names, inner, outputs[key.text], key.text)
                else:
                    message = f"`{key.text}` is not an output; the outputs are {listed(outputs)}"
                    help = did_you_mean(key.text, outputs)
                    unknown = Diagnostic("unknown-layer", message, key.span, help=help)
                    yield Outcome(names, inner, unknown)
        elif len(outputs) == 1:
            yield self.volume(("output",), option, next(iter(outputs.values())), None)
        else:
            example = listed(f"{name}: {volume}" for name, volume in outputs.items())
            message = f"the network has {len(outputs)} outputs"
            finding = _finding("wrong-type", message, option, f"write output: {{{example}}}")
            yield Outcome(("output",), option, finding)

    def value(self, option: Option) -> Value:
        return evaluate(option.value, self.names)

    def number(
        self, names: tuple[str, ...], option: Option, actual: int, layer: str | None
    ) -> Outcome:
        quantity = names[-1]
        try:
            expected = self.value(option)
            bound = parse_bound(expected)
        except LocatedError as fault:
            return _misplaced(names, option, fault, layer)
        except ValueError as error:
            return _unreadable(names, option, f"`{quantity}`: {error}", layer)
        if bound.holds(actual):
            return Outcome(names, option)
        message = f"{quantity} is {actual:,}, {compared(bound, expected, actual)}"
        return _failed(names, option, message, layer, restated(expected, actual))

    def volume(
        self, names: tuple[str, ...], option: Option, actual: Volume, layer: str | None
    ) -> Outcome:
        try:
            value = self.value(option)
            if isinstance(value, str):
                expected = Volume.parse(value)
            else:
                axes = value if isinstance(value, tuple) else (value,)
                expected = Volume(integer(axis) for axis in axes)
        except LocatedError as fault:
            return _misplaced(names, option, fault, layer)
        except ValueError as error:
            return _unreadable(names, option, f"this is not a volume: {error}", layer)
        if expected == actual:
            return Outcome(names, option)
        message = f"output is {actual}, not {expected} as expected"
        return _failed(names, option, message, layer, spoken(actual))

    def receptive_field(
        self, names: tuple[str, ...], option: Option, layer: str, point: int
    ) -> Outcome:
        field = self.report.rows[point].receptive_field if point >= 0 else None
        try:
            value = self.value(option)
            if isinstance(value, str):
                value = tuple(Volume.parse(value))
            sides = value if isinstance(value, tuple) else (value,)
            expected = tuple(integer(side) for side in sides) if value is not None else None
        except LocatedError as fault:
            return _misplaced(names, option, fault, layer)
        except ValueError as error:
            return _unreadable(names, option, f"this is not a receptive field: {error}", layer)
        actual = None if field is None else field.size
        if expected is not None and actual is not None and len(expected) == 1:
            expected *= len(actual)
        if expected == actual:
            return Outcome(names, option)
        shown = "the whole input (null)" if actual is None else "x".join(map(str, actual))
        asked = "null" if expected is None else "x".join(map(str, expected))
        message = f"the receptive field is {shown}, not {asked} as expected"
        instead = None
        if actual:
            instead = spoken(actual[:1] if len(set(actual)) == 1 else actual)
        return _failed(names, option, message, layer, instead)


def spoken(axes: tuple[int, ...]) -> int | str:
    """A volume as a file says it: 6x6x256, or a number where there is one axis."""
    return axes[0] if len(axes) == 1 else "x".join(map(str, axes))


def _failed(
    names: tuple[str, ...],
    option: Option,
    message: str,
    layer: str | None,
    instead: int | str | None,
) -> Outcome:
    finding = _finding(EXPECTATION_FAILED, message, option)._replace(layer=layer)
    return Outcome(names, option, finding, instead)


def _misplaced(
    names: tuple[str, ...], option: Option, fault: LocatedError, layer: str | None
) -> Outcome:
    finding = Diagnostic(fault.problem.code, fault.problem.message, fault.span, layer)
    return Outcome(names, option, finding)


def _unreadable(names: tuple[str, ...], option: Option, message: str, layer: str | None) -> Outcome:
    return Outcome(names, option, _finding("bad-value", message, option)._replace(layer=layer))


def _finding(code: str, message: str, option: Option, *help: str) -> Diagnostic:
    return Diagnostic(code, message, option.span, help=help)
