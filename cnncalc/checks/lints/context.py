"""What lints look at: a network whose every layer is known."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.analysis.report import Report
from cnncalc.graph.graph import Graph


class LintContext(NamedTuple):
    """A complete graph and its report; a node and a row of the same number are the same layer."""

    graph: Graph
    report: Report
