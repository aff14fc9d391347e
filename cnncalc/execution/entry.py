"""The entry to execution: missing packages are reported here, before anything imports them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cnncalc import packages
from cnncalc.execution.refusals import Disagreement as Disagreement
from cnncalc.execution.refusals import Refused as Refused
from cnncalc.execution.request import ArrayFiles, RunRequest
from cnncalc.network import Network
from cnncalc.report.report import Report


def unwatched(what: str, share: float) -> None:
    """Reports no progress."""


def run(
    network: Network,
    wanted: RunRequest,
    files: ArrayFiles,
    advance: Callable[[str, float], None] = unwatched,
) -> Report:
    """The report of a complete network with the times of a run in it.

    `files` are where inputs come from and where outputs go; `advance` is called with what is going
    on and the share of it that is done. Raises `Refused` where the network cannot be run: a package
    or memory is missing, an array does not fit; `Disagreement` for a fault in cnncalc itself.
    """
    need("--run")
    graph, report = network.graph, network.report
    if report.dtype != "float32":
        raise Refused(f"--run computes in float32; leave out --dtype {report.dtype}")
    from cnncalc.execution.files import need_place, need_room, read_inputs, write_outputs
    from cnncalc.execution.interruption import interruptibly
    from cnncalc.execution.running import run as carry_out
    from cnncalc.saving.files import need_name, write

    inputs = None
    if files.input is not None:
        inputs = read_inputs(files.input, graph.inputs, report.batch)
    if files.output is not None:
        need_room(files.output, graph.outputs)
    if files.trace is not None:
        need_name(files.trace)
        need_place(files.trace)
    try:
        ran = interruptibly(
            lambda may_stop: carry_out(
                graph,
                report,
                wanted,
                inputs,
                _stopping(advance, may_stop),
                trace=files.trace is not None,
            )
        )
    except MemoryError:
        raise Refused(f"there is too little memory to run {report.name}") from None
    if files.output is not None:
        write_outputs(files.output, ran.outputs)
    if files.trace is not None:
        write(files.trace, ran.trace)
    return ran.report


def run_all(
    networks: Sequence[Network],
    wanted: RunRequest,
    advance: Callable[[str, float], None],
) -> list[Report | Refused]:
    """The reports of complete networks with the times of runs in them, measured in turns; a
    `Refused` where there is too little memory for one. Raises `Refused` where none can be run, or
    `Disagreement`."""
    need("bench")
    from cnncalc.execution.benching import run_all as carry_out
    from cnncalc.execution.interruption import interruptibly

    try:
        return interruptibly(
            lambda may_stop: carry_out(
                ((network.graph, network.report) for network in networks),
                len(networks),
                wanted,
                _stopping(advance, may_stop),
            )
        )
    except MemoryError:
        raise Refused("there is too little memory to run these networks") from None


def _stopping(
    advance: Callable[[str, float], None], may_stop: Callable[[], None]
) -> Callable[[str, float], None]:
    """Reports progress; the run may stop at each report."""

    def reported(what: str, share: float) -> None:
        may_stop()
        advance(what, share)

    return reported


def conditions(wanted: RunRequest) -> tuple[str, int]:
    """The name of this machine, and the threads that a run has here. Raises
    `Refused`."""
    need("bench")
    from cnncalc.execution.machine import name
    from cnncalc.execution.running import threads_of

    return name(), threads_of(wanted)


def need(what: str) -> None:
    """Raises `Refused` where packages are missing or too old."""
    if missing := packages.missing(packages.RUN):
        raise Refused(packages.need(what, missing))
    for package, oldest in packages.OLDEST.items():
        installed = _version(package)
        if installed and _numbers(installed) < oldest:
            raise Refused(packages.need_later(what, package, installed))


def _version(package: str) -> str | None:
    """None where the package does not say."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """0.46.0rc1 as (0, 46)."""
    return tuple(map(int, re.findall(r"\d+", version)[:2]))
