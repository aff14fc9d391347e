"""The list of bundled architectures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnncalc.analysis.report import Report
from cnncalc.render.numbers import grouped
from cnncalc.render.records import Field

FIELDS = (
    Field("name", "name"),
    Field("title", "title", least=8),
    Field("input", "input"),
    Field("params", "params", right=True, show=grouped),
    Field("macs", "MACs", right=True, show=grouped),
    Field("source", "source", least=12),
)


def record(name: str, report: Report) -> dict[str, Any]:
    return {
        "name": name,
        "title": report.name,
        "input": _inputs(report.inputs.values()),
        "params": report.totals.params,
        "macs": report.totals.macs,
        "source": report.source,
    }


def _inputs(volumes: Iterable[object]) -> str:
    return ", ".join(map(str, volumes))
