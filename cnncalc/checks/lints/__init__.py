"""Lints: what is allowed but hardly meant. One module each; its page is in `checks/rules`."""

from __future__ import annotations

from collections.abc import Container, Iterator

from cnncalc.checks.lints import (
    batch_in_input,
    channels_first_input,
    dominant_dense,
    input_without_channels,
    misaligned_merge,
    receptive_field_exceeds_input,
    redundant_bias,
    stretched_dense,
    uneven_transpose,
    unread_pixels,
    unused_block,
    unused_layer,
    unused_variable,
)
from cnncalc.checks.lints.context import LintContext
from cnncalc.diagnostics import ON_REQUEST, Diagnostic
from cnncalc.graph.graph import Graph
from cnncalc.report.report import Report

LINTS = (
    channels_first_input,
    batch_in_input,
    input_without_channels,
    unused_variable,
    unused_block,
    unused_layer,
    redundant_bias,
    unread_pixels,
    uneven_transpose,
    misaligned_merge,
    stretched_dense,
    dominant_dense,
    receptive_field_exceeds_input,
)


def lint(graph: Graph, report: Report, asked: Container[str]) -> Iterator[Diagnostic]:
    """All warnings for a network and its report; none where layers are unknown, since much would
    look unused. Those `ON_REQUEST` come where they are `asked` for."""
    if not graph.complete:
        return
    yield from graph.warnings
    context = LintContext(graph, report)
    for module in LINTS:
        if module.CODE not in ON_REQUEST or module.CODE in asked:
            yield from module.check(context)
