"""`expect:` against the report: exact numbers, bounds, volumes and receptive fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from cnncalc.analysis.report import Report, Row
from cnncalc.diagnostics import Diagnostic, did_you_mean, listed
from cnncalc.document.model import Option
from cnncalc.document.nodes import Mapping, Scalar
from cnncalc.expressions import Names, Value
from cnncalc.graph.graph import Graph
from cnncalc.graph.values import Misplaced, evaluate
from cnncalc.layers.options import integer, shown
from cnncalc.volume import Volume

OF_LAYER = ("output", "params", "macs", "receptive_field")

UNITS = {
    "": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12,
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_NUMBER = r"(\d{1,25}(?:\.\d{1,25})?)\s*([a-z]*)"
_BOUND = rf"(<=|>=|<|>|==)?\s*{_NUMBER}"
_RANGE = rf"{_NUMBER}\s*\.\.\s*{_NUMBER}"


MOST_NEAR_NAMES = 50
"""Names that are not there for which the nearest one is looked for: that takes time."""


class Bound(NamedTuple):
    """What a number should be: from `least` to `most`, either end open or not there."""

    least: Decimal | None
    most: Decimal | None
    least_open: bool = False
    most_open: bool = False

    def holds(self, number: int) -> bool:
        above = self.least is None or (
            number > self.least if self.least_open else number >= self.least
        )
        below = self.most is None or (number < self.most if self.most_open else number <= self.most)
        return above and below


def parse_bound(value: Value) -> Bound:
    """A number, `<= 62.4M`, `>= 1k`, `0.7G..0.8G`. Raises `ValueError`."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        exact = Decimal(integer(value))
        return Bound(exact, exact)
    if isinstance(value, str):
        if found := re.fullmatch(_RANGE, value.strip(), re.IGNORECASE):
            least, most = _quantity(found[1], found[2]), _quantity(found[3], found[4])
            if least > most:
                raise ValueError(f"the range {value} is empty")
            return Bound(least, most)
        if found := re.fullmatch(_BOUND, value.strip(), re.IGNORECASE):
            number = _quantity(found[2], found[3])
            match found[1]:
                case "<=" | "<":
                    return Bound(None, number, most_open=found[1] == "<")
                case ">=" | ">":
                    return Bound(number, None, least_open=found[1] == ">")
                case _:
                    return Bound(number, number)
    raise ValueError(f"`{shown(value)}` is no number or bound such as 1000, `<= 62.4M`, `1k..2k`")


def _quantity(digits: str, unit: str) -> Decimal:
    if unit.lower() not in UNITS:
        raise ValueError(f"`{unit}` is no unit: there are k M G T, and kB KiB … for bytes")
    return Decimal(digits) * UNITS[unit.lower()]


def check(graph: Graph, report: Report) -> Iterator[Diagnostic]:
    """A finding for every expectation that fails or cannot be read. Quiet on unfinished reports."""
    if report.complete:
        yield from _Checker(graph, report).check()


class _Checker:
    def __init__(self, graph: Graph, report: Report) -> None:
        self.graph = graph
        self.report = report
        self.names = Names(graph.variables)
        self.rows = {row.name: row for row in report.rows}
        self.missing = 0

    def check(self) -> Iterator[Diagnostic]:
        totals = self.report.totals
        for quantity, option in self.graph.document.expect.items():
            if isinstance(option.value, Scalar) and option.value.value is None:
                continue
            if quantity == "layers":
                yield from self.layers(option)
            elif quantity == "output":
                yield from self.outputs(option)
            else:
                attribute = "activation_bytes" if quantity == "memory" else quantity
                yield from self.number(quantity, option, getattr(totals, attribute), None)

    def layers(self, option: Option) -> Iterator[Diagnostic]:
        if not isinstance(option.value, Mapping):
            yield _finding("wrong-type", "`layers` maps names to expectations", option)
            return
        for key, value in option.value.entries:
            rows = self.rows_of(key.text)
            if rows is None:
                self.missing += 1
                few = self.missing < MOST_NEAR_NAMES
                help = did_you_mean(key.text, self.graph.names) if few else ()
                message = f"there is no layer called `{key.text}`"
                yield Diagnostic("unknown-layer", message, key.span, help=help)
            elif isinstance(value, Mapping):
                for what, expected in value.entries:
                    yield from self.of_layer(key.text, rows, Option(what, expected))
            else:
                message = f"write {key.text}: {{output: …, params: …}}"
                yield _finding("wrong-type", message, Option(key, value))

    def rows_of(self, name: str) -> list[Row] | None:
        if name in self.rows and name not in self.report.groups:
            return [self.rows[name]]
        named = self.graph.names.get(name)
        if named is None or named.item is None:
            return None
        return list(self.report.rows[named.start : named.stop])

    def of_layer(self, name: str, rows: list[Row], option: Option) -> Iterator[Diagnostic]:
        quantity = option.key.text
        point = self.graph.names[name].point
        assert point is not None
        if quantity == "output":
            yield from self.volume(option, self.graph.volume(point), name)
        elif quantity in ("params", "macs"):
            total = sum(getattr(row, quantity) for row in rows)
            yield from self.number(quantity, option, total, name)
        elif quantity == "receptive_field":
            yield from self.receptive_field(option, name, point)
        else:
            message = f"nothing is expected of a layer's `{quantity}`"
            help = did_you_mean(quantity, OF_LAYER) or ("there are " + ", ".join(OF_LAYER),)
            yield Diagnostic("unknown-key", message, option.key.span, name, help=help)

    def outputs(self, option: Option) -> Iterator[Diagnostic]:
        outputs = self.report.outputs
        if isinstance(option.value, Mapping):
            for key, value in option.value.entries:
                if key.text in outputs:
                    yield from self.volume(Option(key, value), outputs[key.text], key.text)
                else:
                    message = f"`{key.text}` is no output; the outputs are {listed(outputs)}"
                    help = did_you_mean(key.text, outputs)
                    yield Diagnostic("unknown-layer", message, key.span, help=help)
        elif len(outputs) == 1:
            yield from self.volume(option, next(iter(outputs.values())), None)
        else:
            example = listed(f"{name}: {volume}" for name, volume in outputs.items())
            message = f"the network has {len(outputs)} outputs"
            yield _finding("wrong-type", message, option, f"write output: {{{example}}}")

    def value(self, option: Option) -> Value:
        return evaluate(option.value, self.names)

    def number(
        self, quantity: str, option: Option, actual: int, layer: str | None
    ) -> Iterator[Diagnostic]:
        try:
            expected = self.value(option)
            bound = parse_bound(expected)
        except Misplaced as fault:
            yield Diagnostic(fault.problem.code, fault.problem.message, fault.span, layer)
            return
        except ValueError as error:
            yield _finding("bad-value", f"`{quantity}`: {error}", option)._replace(layer=layer)
            return
        if bound.holds(actual):
            return
        message = f"{quantity} is {actual:,}, {_expected(bound, expected, actual)}"
        yield _finding("expectation-failed", message, option)._replace(layer=layer)

    def volume(self, option: Option, actual: Volume, layer: str | None) -> Iterator[Diagnostic]:
        try:
            value = self.value(option)
            if isinstance(value, str):
                expected = Volume.parse(value)
            else:
                axes = value if isinstance(value, tuple) else (value,)
                expected = Volume(integer(axis) for axis in axes)
        except Misplaced as fault:
            yield Diagnostic(fault.problem.code, fault.problem.message, fault.span, layer)
            return
        except ValueError as error:
            yield _finding("bad-value", f"this is no volume: {error}", option)._replace(layer=layer)
            return
        if expected != actual:
            message = f"output is {actual}, not {expected} as expected"
            yield _finding("expectation-failed", message, option)._replace(layer=layer)

    def receptive_field(self, option: Option, layer: str, point: int) -> Iterator[Diagnostic]:
        field = self.report.rows[point].receptive_field if point >= 0 else None
        try:
            value = self.value(option)
            if isinstance(value, str):
                value = tuple(Volume.parse(value))
            sides = value if isinstance(value, tuple) else (value,)
            expected = tuple(integer(side) for side in sides) if value is not None else None
        except Misplaced as fault:
            yield Diagnostic(fault.problem.code, fault.problem.message, fault.span, layer)
            return
        except ValueError as error:
            message = f"this is no receptive field: {error}"
            yield _finding("bad-value", message, option)._replace(layer=layer)
            return
        actual = None if field is None else field.size
        if expected is not None and actual is not None and len(expected) == 1:
            expected *= len(actual)
        if expected != actual:
            told = "the whole input (null)" if actual is None else "x".join(map(str, actual))
            asked = "null" if expected is None else "x".join(map(str, expected))
            message = f"the receptive field is {told}, not {asked} as expected"
            yield _finding("expectation-failed", message, option)._replace(layer=layer)


def _expected(bound: Bound, expected: Value, actual: int) -> str:
    """How far a number is from what it should be."""
    if bound.least == bound.most and bound.most is not None:
        difference = actual - bound.most
        more = "more" if difference > 0 else "less"
        return f"not {_digits(bound.most)} as expected: {_digits(abs(difference))} {more}"
    if bound.least_open or bound.most_open:
        return f"and should be {expected}"
    if bound.most is not None and (actual > bound.most or bound.least is None):
        return f"and should be {expected}: {_digits(actual - bound.most)} too many"
    assert bound.least is not None
    return f"and should be {expected}: {_digits(bound.least - actual)} too few"


def _digits(number: Decimal) -> str:
    return f"{number.normalize():,f}"


def _finding(code: str, message: str, option: Option, *help: str) -> Diagnostic:
    return Diagnostic(code, message, option.span, help=help)
