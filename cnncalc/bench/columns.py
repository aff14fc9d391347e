"""The networks of a bench as records, and their columns for people and for machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnncalc.bench.bench import Bench, BenchComparison, BenchEntry
from cnncalc.render import numbers
from cnncalc.render.table import Column, Record, field


def _right(key: str, header: str, show: Callable[[Any], str] = str) -> Column[Record]:
    return field(key, header, right=True, show=show)


def _spread(ends: tuple[float, float]) -> str:
    """11.902–12.345 ms"""
    low, high = (numbers.milliseconds(seconds).removesuffix(" ms") for seconds in ends)
    return f"{low}–{high} ms"


def _ratio(ratio: float) -> str:
    return f"{ratio:,.2f}"


_NAME = field("name", "network", least=12)
_MEDIAN = _right("median_seconds", "latency", numbers.milliseconds)
_SPEED = (
    _right("images_per_second", "images/s", numbers.tenths),
    _right("flops_per_second", "GFLOP/s", numbers.gigas),
    _right("of_peak", "of peak", numbers.percent),
)
_ROOFLINE = (
    _right("predicted_seconds", "predicted", numbers.milliseconds),
    _right("of_roof", "of roof", numbers.percent),
    _right("memory_bound_share", "memory-bound", numbers.percent),
)
_BASELINE = (
    _right("baseline_seconds", "baseline", numbers.milliseconds),
    _right("ratio", "ratio", _ratio),
    field("verdict", "verdict"),
)
_FOR_PEOPLE = (_right("spread", "p10–p90", _spread), *_SPEED)
_COST = (
    _right("flops", "FLOPs", numbers.short),
    _right("preparation_seconds", "prepared", numbers.duration),
    _right("memory_bytes", "memory", numbers.bytes_short),
)


def for_people(*, roofline: bool, baseline: bool) -> Sequence[Column[Record]]:
    """The columns of tables, the most wanted first: narrow terminals leave the last ones out."""
    return (
        _NAME,
        _MEDIAN,
        *(_BASELINE if baseline else ()),
        *_FOR_PEOPLE,
        *(_ROOFLINE if roofline else ()),
        *_COST,
    )


def for_machines(*, roofline: bool, baseline: bool) -> Sequence[Column[Record]]:
    """The columns of CSV."""
    keys = ("name", "file", "macs", "flops", "repeats", "median_seconds", "p10_seconds",
            "p90_seconds", "images_per_second", "flops_per_second", "of_peak", "plan_seconds",
            "compile_seconds", "memory_bytes")  # fmt: skip
    return (
        *(field(key, key) for key in keys),
        *(_ROOFLINE if roofline else ()),
        *(_BASELINE if baseline else ()),
    )


def records(bench: Bench, comparison: BenchComparison | None) -> list[dict[str, Any]]:
    """A record a network, with what either kind of column reads."""
    return [_record(entry, comparison) for entry in bench.entries]


def _record(entry: BenchEntry, comparison: BenchComparison | None) -> dict[str, Any]:
    run = entry.run
    record: dict[str, Any] = {
        "name": entry.name,
        "file": entry.file,
        "macs": entry.macs,
        "flops": entry.flops,
        "repeats": run.repeats,
        "median_seconds": run.latency.median,
        "p10_seconds": run.latency.p10,
        "p90_seconds": run.latency.p90,
        "spread": (run.latency.p10, run.latency.p90),
        "images_per_second": run.images_per_second,
        "flops_per_second": run.flops_per_second,
        "of_peak": run.of_peak,
        "plan_seconds": run.planning,
        "compile_seconds": run.compiling,
        "preparation_seconds": run.preparation,
        "memory_bytes": run.memory,
    }
    if run.roofline is not None:
        record["predicted_seconds"] = run.roofline.predicted
        record["of_roof"] = run.of_roof
        record["memory_bound_share"] = run.roofline.memory_share
    change = comparison.changes.get(entry.name) if comparison is not None else None
    if change is not None:
        record["baseline_seconds"] = change.before
        record["ratio"] = change.ratio
        record["verdict"] = change.verdict.value
    return record
