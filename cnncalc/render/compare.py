"""Two networks side by side, and several variants of one, as tables and Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from cnncalc.analysis.report import Report, Row
from cnncalc.layers.options import shown
from cnncalc.queries.columns import Line, layer_lines, total_lines
from cnncalc.queries.compare import Comparison, Difference, Match, Status
from cnncalc.queries.whatif import WhatIf, WhatIfVariant
from cnncalc.render.numbers import bytes_short, grouped, percent, plural
from cnncalc.render.records import Field, markdown_lines, print_records
from cnncalc.render.report.columns import times, volume_text
from cnncalc.render.report.footer import conventions
from cnncalc.volume import Volume

LONGEST_COMMENT = 60_000
"""Characters of Markdown; a comment on a pull request may have 65,536."""

_UNKNOWN = "?"

_WORDS = {
    "layers": "layers", "params": "parameters", "trainable": "trainable", "state": "state",
    "macs": "MACs", "flops": "FLOPs", "param_bytes": "parameter memory",
    "activation_bytes": "activations", "peak_activation_bytes": "peak activations",
}  # fmt: skip

_MARKS = {Status.ADDED: "+", Status.REMOVED: "−", Status.CHANGED: "~", Status.SAME: "",
          Status.UNKNOWN: _UNKNOWN}  # fmt: skip

LAYERS = (
    Field("mark", ""),
    Field("layer", "layer", least=12),
    Field("change", "change", least=12),
    Field("output", "output"),
    Field("params", "params", right=True),
    Field("macs", "MACs", right=True),
)

TOTALS = (
    Field("total", "total"),
    Field("before", "before", right=True),
    Field("after", "after", right=True),
    Field("difference", "difference", right=True),
    Field("share", "", right=True),
)


def title(comparison: Comparison) -> str:
    """The names of the two networks, with their files where they are called the same."""
    before, after = comparison.before, comparison.after
    if before.name != after.name:
        return f"{before.name} → {after.name}"
    return f"{before.name}: {before.file} → {after.file}"


# --- one network against another ----------------------------------------------------------------


def print_comparison(console: Console, title: str, comparison: Comparison, *, all: bool) -> None:
    """For people: layers, then totals."""
    console.print(Text(title, style="bold"), soft_wrap=True)
    for line in _volumes(comparison):
        console.print(line, soft_wrap=True)
    console.print()
    records = list(_layers(comparison, all=all))
    if records:
        print_records(console, LAYERS, records)
    console.print(_verdict(comparison), soft_wrap=True)
    console.print()
    print_records(console, TOTALS, list(_totals(comparison)))
    console.print()
    console.print(Text(_convention(comparison.after), style="dim"), soft_wrap=True)


def markdown(title: str, comparison: Comparison, *, all: bool) -> Iterator[str]:
    """For a comment on a pull request: totals first, layers folded away, cut where it gets long."""
    yield f"### {title}"
    yield ""
    for line in _volumes(comparison):
        yield f"- {line}"
    if any(_volumes(comparison)):
        yield ""
    yield from markdown_lines(TOTALS, list(_totals(comparison)))
    yield ""
    records = list(_layers(comparison, all=all))
    if not records:
        yield _verdict(comparison)
        yield ""
        yield _convention(comparison.after)
        return
    yield f"<details><summary>{_verdict(comparison)}</summary>"
    yield ""
    yield from _cut(markdown_lines(LAYERS, [_coded(record) for record in records]), len(records))
    yield ""
    yield "</details>"
    yield ""
    yield _convention(comparison.after)


# --- what if ------------------------------------------------------------------------------------


def print_whatif(console: Console, answer: WhatIf, *, all: bool) -> None:
    """For people: one change as a comparison, several values as columns."""
    if len(answer.variants) == 1:
        (only,) = answer.variants
        print_comparison(console, _title(answer, only), only.comparison, all=all)
        return
    console.print(Text(_title(answer), style="bold"), soft_wrap=True)
    console.print()
    layers = [_texts(line) for line in layer_lines(answer, all=all)]
    if layers:
        print_records(console, _columns(answer, ("layer", "what")), layers)
        console.print()
    print_records(console, _columns(answer, ("total",)), [_texts(t) for t in total_lines(answer)])
    console.print()
    console.print(Text(_legend(answer), style="dim"), soft_wrap=True)


def whatif_markdown(answer: WhatIf, *, all: bool) -> Iterator[str]:
    """As `markdown`, with a column a value where there are several."""
    if len(answer.variants) == 1:
        (only,) = answer.variants
        yield from markdown(_title(answer, only), only.comparison, all=all)
        return
    yield f"### {_title(answer)}"
    yield ""
    yield from markdown_lines(
        _columns(answer, ("total",)), [_texts(line) for line in total_lines(answer)]
    )
    yield ""
    layers = [_coded(_texts(line)) for line in layer_lines(answer, all=all)]
    if layers:
        lines = markdown_lines(_columns(answer, ("layer", "what")), layers)
        yield from _cut(lines, len(layers))
        yield ""
    yield _legend(answer)


# --- words --------------------------------------------------------------------------------------


def _chosen(comparison: Comparison, *, all: bool) -> Iterable[Match]:
    return comparison.matches if all else comparison.changed()


def _title(answer: WhatIf, variant: WhatIfVariant | None = None) -> str:
    if variant is not None:
        return f"{answer.before.name} with {variant.label}"
    shared = dict(answer.variants[0].changes.items())
    for other in answer.variants[1:]:
        shared = {k: v for k, v in shared.items() if other.changes.get(k) == v}
    told = ", ".join(f"{key}={value}" for key, value in shared.items())
    return f"{answer.before.name} with {told}" if told else answer.before.name


def _verdict(comparison: Comparison) -> str:
    """How many layers are what."""
    if comparison.same:
        return "no difference"
    told = ", ".join(
        f"{comparison.count(status):,} {status}"
        for status in (Status.CHANGED, Status.ADDED, Status.REMOVED, Status.SAME)
        if comparison.count(status)
    )
    unknown = comparison.count(Status.UNKNOWN)
    lost = f"{plural(unknown, 'layer')} cannot be compared, because of the errors"
    parts = [f"layers: {told}"] * bool(told) + [lost] * bool(unknown)
    return "; ".join(parts) or "the layers are the same"


def _volumes(comparison: Comparison) -> Iterator[str]:
    """Inputs and outputs where they differ."""
    before, after = comparison.before, comparison.after
    if before.inputs != after.inputs:
        yield f"input {_named(before.inputs)} → {_named(after.inputs)}"
    known = before.complete and after.complete
    if known and _named(before.outputs) != _named(after.outputs):
        yield f"output {_named(before.outputs)} → {_named(after.outputs)}"


def _named(volumes: dict[str, Volume]) -> str:
    if len(volumes) == 1:
        return volume_text(next(iter(volumes.values())))
    return ", ".join(f"{name} {volume_text(volume)}" for name, volume in volumes.items())


def _layers(comparison: Comparison, *, all: bool) -> Iterator[dict[str, Any]]:
    for match in _chosen(comparison, all=all):
        yield {
            "mark": _MARKS[match.status],
            "layer": match.row.name,
            "change": ", ".join(_changes(match)),
            "output": _pair(match, lambda row: volume_text(row.output_shape)),
            "params": _pair(match, lambda row: grouped(row.params)),
            "macs": _pair(match, lambda row: grouped(row.macs)),
        }


def _pair(match: Match, show: Callable[[Row], str]) -> str:
    """Before → after, or what both are."""
    texts = [show(row) for row in (match.before, match.after) if row is not None]
    return " → ".join(dict.fromkeys(texts))


def _changes(match: Match) -> Iterator[str]:
    """What was done to a layer, in few words; what follows from it stands in other columns."""
    before, after = match.before, match.after
    if before is None or after is None:
        yield (
            f"{match.status} {match.row.kind}" if match.status is not Status.UNKNOWN else "unknown"
        )
        return
    if "kind" in match.differs:
        yield f"{before.kind} → {after.kind}"
    if "name" in match.differs:
        yield f"was {before.name}"
    for option in match.options:
        yield f"{option.name} {_option(option.before)} → {_option(option.after)}"
    if "inputs" in match.differs:
        yield f"reads {', '.join(after.inputs)}"
    if "shares" in match.differs:
        yield f"weights of {after.shares}" if after.shares else "weights of its own"
    if before.is_trainable != after.is_trainable:
        yield "trainable" if after.is_trainable else "not trainable"


def _option(value: Any) -> str:
    text = times(value) if isinstance(value, tuple) and _flat(value) else shown(value)
    return text if len(text) <= 30 else text[:29] + "…"


def _flat(value: tuple[Any, ...]) -> bool:
    return not any(isinstance(item, tuple) for item in value)


def _totals(comparison: Comparison) -> Iterator[dict[str, str]]:
    for name, total in comparison.totals.items():
        show = _shower(name)
        yield {
            "total": _WORDS[name],
            "before": _UNKNOWN if total.before is None else show(total.before),
            "after": _UNKNOWN if total.after is None else show(total.after),
            "difference": _signed(total, show),
            "share": ""
            if not total.share
            else ("+" if total.share > 0 else "−") + percent(abs(total.share)),
        }


def _shower(name: str) -> Callable[[int], str]:
    return bytes_short if name.endswith("bytes") else grouped


def _signed(total: Difference, show: Callable[[int], str]) -> str:
    if total.change is None:
        return ""
    sign = "+" if total.change > 0 else "−" if total.change < 0 else ""
    return sign + show(abs(total.change)) if sign else "0"


def _columns(answer: WhatIf, first: Sequence[str]) -> list[Field]:
    keys = {"layer": Field("layer", "layer", least=12)}
    return [
        *(keys.get(name, Field(name, name)) for name in first),
        Field("before", "before", right=True),
        *(Field(str(n), v.label, right=True) for n, v in enumerate(answer.variants)),
    ]


def _texts(line: Line) -> dict[str, str]:
    return {
        "layer": line.layer,
        "what": _WORDS.get(line.quantity, line.quantity) if line.layer else "",
        "total": _WORDS.get(line.quantity, line.quantity),
        "before": _value(line, line.before),
        **{str(number): _value(line, value) for number, value in enumerate(line.values)},
    }


def _value(line: Line, value: Any) -> str:
    if value is None:
        return _UNKNOWN
    if isinstance(value, Volume):
        return volume_text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _shower(line.quantity)(value)
    return _option(value)


def _legend(answer: WhatIf) -> str:
    """What the numbers mean, and the marks that stand for none."""
    reports = [answer.before, *(variant.after for variant in answer.variants)]
    marks = "" if all(report.complete for report in reports) else f"{_UNKNOWN} not known. "
    return marks + _convention(answer.before)


def _convention(report: Report) -> str:
    return next(conventions(report))


def _coded(record: dict[str, Any]) -> dict[str, Any]:
    """A record with the layer's name as code, as Markdown needs it."""
    return {**record, "layer": f"`{record['layer']}`"}


def _cut(lines: Iterable[str], records: int) -> Iterator[str]:
    """A table's lines as long as a comment may be."""
    left = LONGEST_COMMENT
    for number, line in enumerate(lines):
        left -= len(line) + 1
        if left < 0:
            yield ""
            yield f"… and {plural(records - number + 2, 'line')} more"
            return
        yield line
