"""A run as Chrome's trace viewer and Perfetto read it: a lane for each thread, waiting included."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from cnncalc.execution.backend import Piece, Span
from cnncalc.execution.plan import Plan


def chrome(plan: Plan, pieces: Sequence[Piece], spans: Sequence[Span]) -> str:
    """JSON: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU."""
    return json.dumps({"traceEvents": list(_events(plan, pieces, spans)), "displayTimeUnit": "ns"})


def _events(plan: Plan, pieces: Sequence[Piece], spans: Sequence[Span]) -> Iterator[dict[str, Any]]:
    """Times are microseconds from the beginning of the run."""
    for thread in sorted({span.thread for span in spans}):
        yield {"ph": "M", "name": "thread_name", "pid": 1, "tid": thread,
               "args": {"name": f"thread {thread}"}}  # fmt: skip
    begin = min((span.start for span in spans), default=0.0)
    for span in spans:
        event = {"ph": "X", "pid": 1, "tid": span.thread,
                 "ts": 1e6 * (span.start - begin), "dur": 1e6 * span.seconds}  # fmt: skip
        if span.piece is None:
            yield {**event, "name": "waiting", "cat": "waiting"}
            continue
        piece = pieces[span.piece]
        names = [plan.graph.nodes[node].name for node in dict.fromkeys(piece.nodes)]
        told = {"layers": names, "how": piece.how}
        yield {**event, "name": names[0], "cat": piece.algorithm, "args": told}
