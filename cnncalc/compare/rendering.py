"""Two networks side by side, and several variants of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cnncalc.compare import records as comparedata
from cnncalc.compare.comparison import Comparison, Difference, Match, Status
from cnncalc.compare.side_by_side import Line, layer_lines, total_lines
from cnncalc.compare.whatif import WhatIf, WhatIfVariant
from cnncalc.layers.options import shown
from cnncalc.render.answer import Answer, Block, Cut, Group, Lines, Title, Words
from cnncalc.render.numbers import bytes_short, grouped, percent, plural
from cnncalc.render.report.columns import times, volume_text
from cnncalc.render.report.footer import conventions
from cnncalc.render.table import Column, Record, Table, field
from cnncalc.report.report import Report, Row
from cnncalc.volume import Volume

_UNKNOWN = "?"

_WORDS = {
    "layers": "layers", "params": "parameters", "trainable": "trainable", "state": "state",
    "macs": "MACs", "flops": "FLOPs", "param_bytes": "parameter memory",
    "activation_bytes": "activations", "peak_activation_bytes": "peak activations",
}  # fmt: skip

_MARKS = {Status.ADDED: "+", Status.REMOVED: "−", Status.CHANGED: "~", Status.SAME: "",
          Status.UNKNOWN: _UNKNOWN}  # fmt: skip

LAYERS = (
    field("mark", ""),
    field("layer", "layer", least=12, code=True),
    field("change", "change", least=12),
    field("output", "output"),
    field("params", "params", right=True),
    field("macs", "MACs", right=True),
)

TOTALS = (
    field("total", "total"),
    field("before", "before", right=True),
    field("after", "after", right=True),
    field("difference", "difference", right=True),
    field("share", "", right=True),
)


@dataclass(frozen=True)
class Compared(Answer):
    """Two networks: the layers that differ, or all of them, and the totals."""

    comparison: Comparison
    all: bool
    title: str = ""
    """The names of both where it is empty."""

    def screen(self) -> Iterator[Group]:
        layers = self._layers()
        verdict = Words(_verdict(self.comparison), whole=True)
        yield [Title(self._title()), Lines(list(_volumes(self.comparison)))]
        yield [layers, verdict] if layers.rows else [verdict]
        yield [self._totals()]
        yield [Words(_convention(self.comparison.after), dim=True, whole=True)]

    def page(self) -> Iterator[Block]:
        """For a comment on a pull request: totals first, layers folded away."""
        yield Title(self._title(), level=3)
        volumes = list(_volumes(self.comparison))
        if volumes:
            yield Lines(volumes)
        yield self._totals()
        layers, verdict = self._layers(), _verdict(self.comparison)
        yield Cut(layers, verdict) if layers.rows else Words(verdict)
        yield Words(_convention(self.comparison.after))

    def table(self) -> Table[Record]:
        return comparedata.rows([("", self.comparison)], all=self.all)

    def data(self) -> dict[str, Any]:
        return comparedata.of(self.comparison, all=self.all)

    def _title(self) -> str:
        return self.title or title(self.comparison)

    def _layers(self) -> Table[Record]:
        return Table(LAYERS, list(_layers(self.comparison, all=self.all)))

    def _totals(self) -> Table[Record]:
        return Table(TOTALS, list(_totals(self.comparison)))


def title(comparison: Comparison) -> str:
    """The names of the two networks, with their files where they are called the same."""
    before, after = comparison.before, comparison.after
    if before.name != after.name:
        return f"{before.name} → {after.name}"
    return f"{before.name}: {before.file} → {after.file}"


@dataclass(frozen=True)
class Changed(Answer):
    """A network and what becomes of it: one change as a comparison, several values as columns."""

    answer: WhatIf
    all: bool

    def screen(self) -> Iterator[Group]:
        only = self._only()
        if only is not None:
            yield from only.screen()
            return
        yield [Title(_title(self.answer))]
        layers = self._layers()
        if layers.rows:
            yield [layers]
        yield [self._totals()]
        yield [Words(_legend(self.answer), dim=True, whole=True)]

    def page(self) -> Iterator[Block]:
        only = self._only()
        if only is not None:
            yield from only.page()
            return
        yield Title(_title(self.answer), level=3)
        yield self._totals()
        layers = self._layers()
        if layers.rows:
            yield Cut(layers)
        yield Words(_legend(self.answer))

    def table(self) -> Table[Record]:
        variants = self.answer.variants
        return comparedata.rows([(v.label, v.comparison) for v in variants], all=self.all)

    def data(self) -> dict[str, Any]:
        return comparedata.of_variants(self.answer, all=self.all)

    def _only(self) -> Compared | None:
        """The comparison with the only variant, if there is one only."""
        if len(self.answer.variants) > 1:
            return None
        (variant,) = self.answer.variants
        return Compared(variant.comparison, self.all, _title(self.answer, variant))

    def _layers(self) -> Table[Record]:
        lines = [_texts(line) for line in layer_lines(self.answer, all=self.all)]
        first = (field("layer", "layer", least=12, code=True), field("what", "what"))
        return Table(self._columns(*first), lines)

    def _totals(self) -> Table[Record]:
        lines = [_texts(line) for line in total_lines(self.answer)]
        return Table(self._columns(field("total", "total")), lines)

    def _columns(self, *first: Column[Record]) -> list[Column[Record]]:
        labels = [variant.label for variant in self.answer.variants]
        return [
            *first,
            field("before", "before", right=True),
            *(field(str(number), label, right=True) for number, label in enumerate(labels)),
        ]


# --- words --------------------------------------------------------------------------------------


def _chosen(comparison: Comparison, *, all: bool) -> Iterable[Match]:
    return comparison.matches if all else comparison.changed()


def _title(answer: WhatIf, variant: WhatIfVariant | None = None) -> str:
    if variant is not None:
        return f"{answer.before.name} with {variant.label}"
    shared = dict(answer.variants[0].changes.items())
    for other in answer.variants[1:]:
        shared = {k: v for k, v in shared.items() if other.changes.get(k) == v}
    changes = ", ".join(f"{key}={value}" for key, value in shared.items())
    return f"{answer.before.name} with {changes}" if changes else answer.before.name


def _verdict(comparison: Comparison) -> str:
    """How many layers are what."""
    if comparison.same:
        return "no difference"
    counts = ", ".join(
        f"{comparison.count(status):,} {status}"
        for status in (Status.CHANGED, Status.ADDED, Status.REMOVED, Status.SAME)
        if comparison.count(status)
    )
    unknown = comparison.count(Status.UNKNOWN)
    lost = f"{plural(unknown, 'layer')} cannot be compared, because of the errors"
    parts = [f"layers: {counts}"] * bool(counts) + [lost] * bool(unknown)
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
