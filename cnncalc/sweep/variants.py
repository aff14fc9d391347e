"""One variant of a network: the file with other values for some keys, and its figures.

Figures are sums and ends, without a report's rows: hundreds of variants a second are asked for
them. Grids are in `grid`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from cnncalc.arguments import GivenVolume, Input
from cnncalc.diagnostics import Diagnostic
from cnncalc.errors import UsageError
from cnncalc.graph.builder import build
from cnncalc.graph.graph import Graph
from cnncalc.graph.inference_cache import InferenceCache
from cnncalc.graph.overrides import (
    MAX_LAYERS,
    is_misuse,
    overrides_from,
    positive,
)
from cnncalc.language.model import Document
from cnncalc.report.memory import BITS
from cnncalc.report.receptive_field import receptive_fields
from cnncalc.report.report import totals
from cnncalc.sweep.grid import Cell
from cnncalc.volume import NoVolume, Volume
from cnncalc.yaml.nodes import Mapping as MappingNode

INPUT = "input"
ROUNDING = "rounding"

_MOST_KNOWN = 5_000
"""Layers, and what they infer, that a long run of variants keeps in mind."""


class Given(NamedTuple):
    """What holds for all variants: the caller's own changes, the batch, the type of elements."""

    input: Input = None
    set: Mapping[str, object] = {}
    rounding: str | None = None
    batch: int = 1
    dtype: str = "float32"
    max_layers: int = MAX_LAYERS

    def check(self) -> None:
        """Raises `UsageError`."""
        positive("batch", self.batch)
        if self.dtype not in BITS:
            raise UsageError(f"there is no dtype `{self.dtype}`; there are {', '.join(BITS)}")
        overrides_from(
            input=self.input, set=self.set, rounding=self.rounding, max_layers=self.max_layers
        )


class Variant(NamedTuple):
    """A variant's figures, None where it does not fit, and then `problem` says why; `problem_code`
    is the code of the diagnostic that it is, None where a value itself makes no sense.

    `values` are what was varied. MACs, FLOPs, `memory` (bytes of all volumes) and `peak` (bytes of
    those alive at one time) are for the whole batch. The receptive field is the output's in input
    pixels, and where that has no spatial axes left, the last one on the way there.
    """

    values: Mapping[str, Cell]
    fits: bool
    params: int | None = None
    weights: int | None = None
    biases: int | None = None
    macs: int | None = None
    flops: int | None = None
    memory: int | None = None
    peak: int | None = None
    param_bytes: int | None = None
    outputs: Mapping[str, Volume] | None = None
    receptive_field: tuple[int, ...] | None = None
    problem: str | None = None
    problem_code: str | None = None

    def figure(self, name: str) -> int | None:
        """A figure as conditions see it, see `conditions.NAMES`."""
        if name == "receptive_field":
            return min(self.receptive_field) if self.receptive_field else None
        value = getattr(self, name)
        return None if value is None else int(value)

    def number(self, name: str) -> int | float | None:
        """A figure, or the value of what varies; that of a volume is its size."""
        if name not in self.values:
            return self.figure(name)
        value = self.values[name]
        if isinstance(value, str):
            with suppress(NoVolume):
                return Volume.parse(value).size
            return None
        return value

    def record(self) -> dict[str, Cell]:
        """The row as plain data, volumes as they are written: `7x7x512`, `a: 10, b: 1000`."""
        record: dict[str, Cell] = {**self.values}
        record |= {name: getattr(self, name) for name in _NUMBERS}
        record["output"] = None
        if self.outputs is not None:
            several = len(self.outputs) > 1
            record["output"] = ", ".join(
                f"{name}: {volume}" if several else str(volume)
                for name, volume in self.outputs.items()
            )
        field = self.receptive_field
        record["receptive_field"] = "x".join(map(str, field)) if field is not None else None
        return record | {"fits": self.fits, "problem": self.problem}


_NUMBERS = ("params", "weights", "biases", "macs", "flops", "memory", "peak", "param_bytes")


class Variants:
    """Makes variants of one document, one after the other."""

    def __init__(self, document: Document, given: Given, *, with_fields: bool = True) -> None:
        self.document = document
        self.given = given
        self.with_fields = with_fields
        self.known = InferenceCache()
        self._own_inputs: Mapping[str, Volume] | None = None

    def graph(self, texts: Mapping[str, str], *, stop_at_first_error: bool = True) -> Graph:
        """The graph with other values for some keys. Raises `UsageError`."""
        given, changes = self.given, {**self.given.set}
        volumes: dict[str, GivenVolume] = {}
        if given.input is not None:
            volumes.update(
                given.input if isinstance(given.input, Mapping) else {INPUT: given.input}
            )
        rounding = given.rounding
        for key, text in texts.items():
            if (name := self._input_name(key)) is not None:
                volumes[name] = text
            elif key == ROUNDING:
                rounding = text
            else:
                changes[key] = text
        made = overrides_from(
            input=volumes, set=changes, rounding=rounding, max_layers=given.max_layers
        )
        inferred = sum(map(len, self.known.inferred.values()))
        if max(len(self.known.layers), inferred) > _MOST_KNOWN:
            self.known.forget()
        return build(
            self.document, made._replace(stop_at_first_error=stop_at_first_error), self.known
        )

    def variant(self, texts: Mapping[str, str], values: Mapping[str, Cell]) -> Variant:
        """The figures with other values for some keys; `values` is how to show these."""
        try:
            graph = self.graph(texts)
        except UsageError as error:
            return Variant(values, fits=False, problem=str(error))
        if not graph.complete:
            first = next(f.diagnostic for f in graph.faults if f.diagnostic.is_error)
            text = f"{first.code}: {_sentence(first._replace(help=()))}"
            return Variant(values, fits=False, problem=text, problem_code=first.code)
        sums = totals(graph, self.given.batch, self.given.dtype)
        return Variant(
            values=values,
            fits=True,
            params=sums.params,
            weights=sums.weights,
            biases=sums.biases,
            macs=sums.macs,
            flops=sums.flops,
            memory=sums.activation_bytes,
            peak=sums.peak_activation_bytes,
            param_bytes=sums.param_bytes,
            outputs={name: graph.volume(point) for name, point in graph.outputs.items()},
            receptive_field=_field(graph) if self.with_fields else None,
        )

    def unknown(self, texts: Mapping[str, str]) -> str | None:
        """Why a key means nothing in this network, None where all do. Raises `UsageError`."""
        for fault in self.graph(texts, stop_at_first_error=False).faults:
            if is_misuse(fault.diagnostic):
                return _sentence(fault.diagnostic)
        return None

    def written_out(self, key: str, text: str) -> str:
        """A value in full: one number for an input is the length of all sides, channels kept.

        Raises `UsageError` for what is no volume.
        """
        name = self._input_name(key)
        if name is None:
            return text
        try:
            if not text.strip().isdecimal():
                return str(Volume.parse(text))
            volume = self._own_input(name, key, text)
            sides = [int(text)] * max(volume.rank, 1)
            return str(Volume([*sides, volume.channels] if volume.rank else sides))
        except NoVolume as error:
            raise UsageError(f"{key}={text}: {error}") from None

    def _input_name(self, key: str) -> str | None:
        """The input that `input` or `input.left` speaks of; None for other keys."""
        if key == INPUT:
            return INPUT
        first, dot, name = key.partition(".")
        option = self.document.input
        several = option is not None and isinstance(option.value, MappingNode)
        return name if dot and first == INPUT and several else None

    def _own_input(self, name: str, key: str, text: str) -> Volume:
        """The volume of an input before anything varies. Raises `UsageError` if there is none."""
        if self._own_inputs is None:
            self._own_inputs = self.graph({}).inputs
        inputs = self._own_inputs
        if name in inputs:
            return inputs[name]
        if name == INPUT and len(inputs) == 1:
            return next(iter(inputs.values()))
        if not inputs:
            raise UsageError(f"{key}={text}: the file's own input is not known; say HxWxC in full")
        names = ", ".join(f"{INPUT}.{name}" for name in inputs)
        raise UsageError(f"{key}={text}: there is no such input; there are {names}")


def _field(graph: Graph) -> tuple[int, ...] | None:
    """The last receptive field, in file order."""
    fields = receptive_fields(graph)
    return next((field.size for field in reversed(fields) if field is not None), None)


def _sentence(finding: Diagnostic) -> str:
    """A finding in one line."""
    layer = f"{finding.layer}: " if finding.layer else ""
    return " ".join("; ".join([layer + finding.message, *finding.help[:1]]).split())
