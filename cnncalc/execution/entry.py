"""The way in from outside: what is missing is said here, before anything imports it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from cnncalc.analysis.report import Report
from cnncalc.execution.refusals import Disagreement as Disagreement
from cnncalc.execution.refusals import Refused as Refused
from cnncalc.execution.request import ArrayFiles, RunRequest
from cnncalc.graph.graph import Graph

NEEDED = ("numpy", "numba", "platformdirs", "threadpoolctl")


def run(
    graph: Graph,
    report: Report,
    wanted: RunRequest,
    files: ArrayFiles,
    advance: Callable[[str, float], None],
) -> Report:
    """The report with its timings. Raises `Refused` or `Disagreement`."""
    missing = [package for package in NEEDED if find_spec(package) is None]
    if missing:
        raise Refused(f"--run needs {' and '.join(missing)}: pip install 'cnncalc[run]'")
    if report.dtype != "float32":
        raise Refused(f"--run computes in float32; leave out --dtype {report.dtype}")
    from cnncalc.execution.files import need_room, read_inputs, write_outputs
    from cnncalc.execution.running import run as carry_out

    inputs = None
    if files.input is not None:
        inputs = read_inputs(files.input, graph.inputs, report.batch)
    if files.output is not None:
        need_room(files.output, graph.outputs)
    try:
        ran = carry_out(graph, report, wanted, inputs, advance)
    except MemoryError:
        raise Refused(f"there is too little memory to run {report.name}") from None
    if files.output is not None:
        write_outputs(files.output, ran.outputs)
    return ran.report
