"""The way in from outside: what is missing is said here, before anything imports it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
    need("--run")
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


def run_all(
    jobs: Iterable[tuple[Graph, Report]],
    number: int,
    wanted: RunRequest,
    advance: Callable[[str, float], None],
) -> list[Report | Refused]:
    """The reports of so many networks with their timings, or why one has none. Raises `Refused`
    where none can be run, or `Disagreement`."""
    need("bench")
    from cnncalc.execution.benching import run_all as carry_out

    return carry_out(jobs, number, wanted, advance)


def conditions(wanted: RunRequest) -> tuple[str, int]:
    """What tells this machine from others, and the threads that a run has here. Raises
    `Refused`."""
    need("bench")
    from cnncalc.execution.machine import name
    from cnncalc.execution.running import threads_of

    return name(), threads_of(wanted)


def need(what: str) -> None:
    """Raises `Refused` where packages are missing."""
    missing = [package for package in NEEDED if find_spec(package) is None]
    if missing:
        raise Refused(f"{what} needs {' and '.join(missing)}: pip install 'cnncalc[run]'")
