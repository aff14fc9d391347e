"""Lints: what is allowed but hardly meant. One module each; its docstring is its manual."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.analysis.lints import redundant_bias, unused_block, unused_layer, unused_variable
from cnncalc.analysis.lints.subject import Subject
from cnncalc.analysis.report import Report
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph

LINTS = (unused_variable, unused_block, unused_layer, redundant_bias)


def lint(graph: Graph, report: Report) -> Iterator[Diagnostic]:
    """All warnings for a network and its report. Quiet on graphs with gaps, where much looks
    unused."""
    if graph.complete:
        for module in LINTS:
            yield from module.check(Subject(graph, report))
