"""Two networks side by side, and several variants of one, for machines: rows, and nested data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cnncalc.compare.comparison import Comparison, Match
from cnncalc.compare.whatif import WhatIf
from cnncalc.layers.options import shown
from cnncalc.render.diagnostics.json import as_dict
from cnncalc.render.report.columns import times
from cnncalc.render.table import Record, Table, field
from cnncalc.report.report import Report, Row

COLUMNS = tuple(
    field(key, key)
    for key in (
        "layer", "was", "status", "kind", "kind_before", "options", "output_before",
        "output_after", "params_before", "params_after", "params_difference", "macs_before",
        "macs_after", "macs_difference",
    )
)  # fmt: skip


def rows(comparisons: Sequence[tuple[str, Comparison]], *, all: bool) -> Table[Record]:
    """A row a layer, or a layer and variant, where the comparisons have labels."""
    labelled = any(label for label, _ in comparisons)
    return Table(
        (field("variant", "variant"), *COLUMNS) if labelled else COLUMNS,
        (
            {"variant": label, **_machine(match)}
            for label, comparison in comparisons
            for match in _chosen(comparison, all=all)
        ),
    )


def of(comparison: Comparison, *, all: bool) -> dict[str, Any]:
    """A comparison as nested data. The keys are stable."""
    return {
        "before": _network(comparison.before),
        "after": _network(comparison.after),
        **_compared(comparison, all=all),
    }


def of_variants(answer: WhatIf, *, all: bool) -> dict[str, Any]:
    """A network and a list of its variants. The keys are stable."""
    variants = [
        {
            "changes": variant.changes,
            "after": _network(variant.after),
            **_compared(variant.comparison, all=all),
        }
        for variant in answer.variants
    ]
    return {"before": _network(answer.before), "variants": variants}


def _network(report: Report) -> dict[str, Any]:
    return {
        "name": report.name,
        "file": report.file,
        "inputs": report.inputs,
        "outputs": report.outputs,
        "batch": report.batch,
        "dtype": report.dtype,
        "complete": report.complete,
        "ok": report.ok,
        "diagnostics": [as_dict(finding) for finding in report.diagnostics],
    }


def _compared(comparison: Comparison, *, all: bool) -> dict[str, Any]:
    return {
        "same": comparison.same,
        "layers": [_layer(match) for match in _chosen(comparison, all=all)],
        "totals": {
            name: {"before": total.before, "after": total.after, "difference": total.change}
            for name, total in comparison.totals.items()
        },
    }


def _layer(match: Match) -> dict[str, Any]:
    return {
        "name": match.row.name,
        "status": match.status,
        "differs": match.differs,
        "options": {o.name: {"before": o.before, "after": o.after} for o in match.options},
        "before": _row(match.before),
        "after": _row(match.after),
    }


def _row(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "name": row.name, "kind": row.kind, "inputs": row.inputs,
        "input_shapes": row.input_shapes, "output_shape": row.output_shape,
        "weights": row.weights, "biases": row.biases, "params": row.params, "state": row.state,
        "trainable": row.is_trainable, "macs": row.macs, "flops": row.flops,
        "activation_bytes": row.activation_bytes, "file": row.file, "line": row.line,
        "column": row.column,
    }  # fmt: skip


def _machine(match: Match) -> dict[str, Any]:
    before, after = match.before, match.after
    return {
        "layer": match.row.name,
        "was": before.name if before and before.name != match.row.name else None,
        "status": match.status,
        "kind": match.row.kind,
        "kind_before": before.kind if before else None,
        "options": "; ".join(
            f"{o.name} {shown(o.before)} -> {shown(o.after)}" for o in match.options
        ),
        "output_before": times(before.output_shape) if before else None,
        "output_after": times(after.output_shape) if after else None,
        "params_before": match.params.before,
        "params_after": match.params.after,
        "params_difference": match.params.change,
        "macs_before": match.macs.before,
        "macs_after": match.macs.after,
        "macs_difference": match.macs.change,
    }


def _chosen(comparison: Comparison, *, all: bool) -> Iterable[Match]:
    return comparison.matches if all else comparison.changed()
