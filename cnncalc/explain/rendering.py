"""The derivation of a layer's numbers as text, LaTeX, rows and nested data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap
from typing import Any

from rich.console import Console
from rich.text import Text

from cnncalc.escaping import cell
from cnncalc.explain import formulas
from cnncalc.explain.derivation.case import Step
from cnncalc.explain.derivation.explanation import Explanation
from cnncalc.explain.derivation.formulas import Value, quantities
from cnncalc.render.answer import Answer, Drawn, Group
from cnncalc.render.diagnostics.json import as_dict
from cnncalc.render.table import Record, Table, field
from cnncalc.volume import Volume

_LABEL = 12
"""Characters of the left column."""

_WIDEST = 100
"""Characters of a line of words."""

_UNBROKEN = "\N{NO-BREAK SPACE}"

_WORDS = ("symbols", "note")
"""Labels of lines that are no formulas."""

_PLACE = ("file", "line", "column", "end_line", "end_column")

COLUMNS = (
    field("about", "about"),
    field("result", "result"),
    field("symbols", "formula"),
    field("numbers", "with this layer's numbers"),
    field("value", "value", right=True, show=lambda value: formulas.number(_exact(value))),
    field("unit", "unit"),
)


@dataclass(frozen=True)
class Derivation(Answer):
    """The derivation of a layer's numbers; `placed` says whether there is a file to point to."""

    explained: Explanation
    placed: bool

    def screen(self) -> Iterator[Group]:
        yield [Drawn(self._print)]

    def table(self) -> Table[Record]:
        return Table(COLUMNS, records(self.explained))

    def data(self) -> dict[str, Any]:
        return data(self.explained, placed=self.placed)

    def _print(self, console: Console) -> None:
        width = min(console.width, _WIDEST) - _LABEL
        for label, line in _lines(self.explained, placed=self.placed):
            # Formulas stay on one line; words wrap beside their label.
            lines = wrap(line, max(width, 20)) if label in _WORDS else [line]
            for number, part in enumerate(lines):
                left = "" if number else label
                text = Text.assemble(
                    (f"{left:<{_LABEL}}", "bold"), cell(part.replace(_UNBROKEN, " "))
                )
                console.print(text, soft_wrap=True)


def _lines(explained: Explanation, *, placed: bool) -> Iterator[tuple[str, str]]:
    """Labels and what stands beside them; a label is said once."""
    assert explained.output is not None
    yield "layer", _headline(explained, placed=placed)
    yield "", explained.summary
    if not any(step.about == "output" for step in explained.steps):
        rules = dict(explained.rules)
        yield "output", f"[{explained.output}]: {rules.get('Output', 'as declared')}"
    said = ""
    for step in explained.steps:
        yield "" if step.about == said else step.about, _line(step)
        said = step.about
    if said != "field":
        yield "field", "all of an axis: pooled or stretched away here or before"
    meanings = [f"{', '.join(names)}: {meaning}" for meaning, names in _legend(explained).items()]
    if meanings:
        yield "symbols", "; ".join(meaning.replace(" ", _UNBROKEN) for meaning in meanings)
    for note in explained.notes:
        yield "note", note


def _headline(explained: Explanation, *, placed: bool) -> str:
    assert explained.output is not None
    inputs = " and ".join(_volume(v, known=explained.channels_known) for v in explained.inputs)
    output = _volume(explained.output, known=explained.output_channels_known)
    if not explained.filters_known:
        output = f"[{'x'.join(map(str, explained.output.spatial))}], a channel for each filter"
    line = f"{explained.kind} on {inputs} gives {output}"
    row = explained.row
    if not placed or row is None:
        return line
    return f"{explained.layer}: {line}, at {row.file}:{row.line}:{row.column}"


def _volume(volume: Volume, *, known: bool) -> str:
    sides = "x".join(map(str, volume if known else volume.spatial))
    return f"[{sides}]" if known else f"[{sides}] of any channels"


def _line(step: Step) -> str:
    """W₂ = (W₁ − F + 2P)/S + 1 = (27 − 5 + 2·2)/1 + 1 = 27 pixels"""
    parts = [formulas.symbol(result) for result in step.results if result != step.about]
    if step.formula is not None:
        parts += [formulas.text(step.formula, symbols=symbols) for symbols in (True, False)]
    return " = ".join(_once([*parts, formulas.number(step.value)])) + (
        f" {step.unit}" if step.unit else ""
    )


def _once(parts: list[str]) -> list[str]:
    """A chain of equal terms, each once."""
    return [part for i, part in enumerate(parts) if i == 0 or part != parts[i - 1]]


def _legend(explained: Explanation) -> dict[str, list[str]]:
    """Symbols by their meaning."""
    legend: dict[str, list[str]] = {}
    for step in explained.steps:
        for quantity in quantities(step.formula) if step.formula is not None else ():
            name = formulas.symbol(quantity.symbol)
            if quantity.meaning and name not in legend.setdefault(quantity.meaning, []):
                legend[quantity.meaning].append(name)
    return legend


def latex_lines(explained: Explanation) -> Iterator[str]:
    """The formulas in one `align*` of amsmath."""
    yield r"\begin{align*}"
    lines = [_latex_line(step) for step in explained.steps]
    yield from (f"{line} \\\\" for line in lines[:-1])
    yield from lines[-1:]
    yield r"\end{align*}"


def _latex_line(step: Step) -> str:
    left = " = ".join(map(formulas.latex_symbol, step.results))
    parts = []
    if step.formula is not None:
        parts = [formulas.latex(step.formula, symbols=symbols) for symbols in (True, False)]
    right = " = ".join(_once([*parts, formulas.latex_number(step.value)]))
    unit = rf"\ {formulas.latex_words(step.unit)}" if step.unit else ""
    return f"{left} &= {right}{unit}"


def records(explained: Explanation) -> list[dict[str, Any]]:
    """A record for each step."""
    return [
        {
            "about": step.about,
            "result": " = ".join(map(formulas.symbol, step.results)),
            "symbols": _formula(step, symbols=True),
            "numbers": _formula(step, symbols=False),
            "value": _plain(step.value),
            "unit": step.unit or None,
        }
        for step in explained.steps
    ]


def _formula(step: Step, *, symbols: bool) -> str | None:
    return None if step.formula is None else formulas.text(step.formula, symbols=symbols)


def _exact(value: float) -> Value:
    """A record's value again: steps of half a pixel and the like are exact in binary or near."""
    return value if isinstance(value, int) else Fraction(value)


def _plain(value: Value) -> int | float:
    return value if isinstance(value, int) else float(value)


def data(explained: Explanation, *, placed: bool) -> dict[str, Any]:
    """Nested data. Channels that were not said, and what depends on them, are null."""
    row = explained.row
    counts: dict[str, Any] = dict.fromkeys(("weights", "biases", "params", "macs", "flops"))
    if row is not None:
        counts = {name: getattr(row, name) for name in counts}
    known = explained.channels_known
    return {
        "layer": explained.layer if placed else None,
        "kind": explained.kind,
        "input_shapes": [_axes(volume, known=known) for volume in explained.inputs],
        "output_shape": explained.output
        and _axes(explained.output, known=explained.output_channels_known),
        **counts,
        "steps": records(explained),
        "notes": explained.notes,
        "diagnostics": [
            {k: v for k, v in as_dict(d).items() if placed or k not in _PLACE}
            for d in explained.diagnostics
        ],
    }


def _axes(volume: Volume, *, known: bool) -> list[int | None]:
    return [*volume] if known else [*volume.spatial, None]
