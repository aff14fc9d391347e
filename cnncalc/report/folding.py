"""Blocks folded to one row each: a report as seen from further away. Sums stay what they are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from cnncalc.report.report import Report, Row
from cnncalc.report.timing import together


def fold(report: Report, depth: int | None) -> tuple[Row, ...]:
    """The rows with everything deeper than `depth` names folded; all rows for None."""
    if depth is None:
        return report.rows
    return tuple(_folded(report, depth))


def _folded(report: Report, depth: int) -> Iterator[Row]:
    def path(row: Row) -> str:
        return ".".join(row.name.split(".")[:depth])

    for prefix, members in groupby(report.rows, path):
        rows = list(members)
        if len(rows) == 1 and rows[0].name == prefix:
            yield rows[0]
        else:
            yield _one(report, prefix, rows)


def _one(report: Report, prefix: str, rows: list[Row]) -> Row:
    group = report.groups.get(prefix)
    last = report.rows[group.output] if group is not None and group.output >= 0 else rows[-1]
    return rows[0]._replace(
        name=prefix,
        kind=group.kind if group is not None else rows[0].kind,
        output_shape=last.output_shape,
        weights=sum(row.weights for row in rows),
        biases=sum(row.biases for row in rows),
        state=sum(row.state for row in rows),
        trainable=sum(row.trainable for row in rows),
        macs=sum(row.macs for row in rows),
        flops=sum(row.flops for row in rows),
        activation_bytes=sum(row.activation_bytes for row in rows),
        receptive_field=last.receptive_field,
        kernel=(),
        stride=(),
        padding=(),
        dilation=(),
        dropped=tuple(_most(rows, axis) for axis in range(last.output_shape.rank)),
        rounded=next((row.rounded for row in rows if row.rounded), None),
        declared=any(row.declared for row in rows),
        shares=None,
        share_of_params=sum(row.share_of_params for row in rows),
        layers=sum(row.layers for row in rows),
        timing=together([row.timing for row in rows if row.timing is not None]),
    )


def _most(rows: list[Row], axis: int) -> int:
    return max((row.dropped[axis] for row in rows if axis < len(row.dropped)), default=0)
