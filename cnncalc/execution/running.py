"""A run from beginning to end: plan, memory, preparation, repetitions, and what they showed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np

from cnncalc.execution import cache, memory
from cnncalc.execution.backend import Backend, Piece, Program, Schedule
from cnncalc.execution.checking import check
from cnncalc.execution.explaining import explained
from cnncalc.execution.folding import folded
from cnncalc.execution.medians import interval
from cnncalc.execution.plan import Plan, plan
from cnncalc.execution.refusals import Refused
from cnncalc.execution.repeating import Advance, Series, share_done
from cnncalc.execution.request import Algorithms, RunRequest
from cnncalc.execution.roofline import bytes_moved, under_the_roofline
from cnncalc.execution.selection import selected
from cnncalc.execution.shares import Measured, executed_flops, layer_times
from cnncalc.execution.threads import bounded, cores, usual
from cnncalc.execution.tracing import chrome
from cnncalc.execution.usage import Memory, Usage
from cnncalc.execution.verifying import verified
from cnncalc.execution.weights import Array, Weights, random_input
from cnncalc.graph.graph import Graph
from cnncalc.report.report import Report
from cnncalc.report.roofline import Limits
from cnncalc.report.timing import Effort, Run, Spread, Verified


class RunResult(NamedTuple):
    """The report with its timings, the outputs of the last repetition, (N, *volume), and what the
    threads did in a run, where that was asked for, for Chrome's viewer."""

    report: Report
    outputs: dict[str, Array]
    trace: str = ""


class PlannedRun(NamedTuple):
    """A network that is to be run, as far as that costs next to nothing. `seconds` is what planning
    took, `remark` what is to be said of the backend."""

    graph: Graph
    report: Report
    wanted: RunRequest
    backend: Backend
    schedule: Schedule
    seconds: float
    remark: str

    @property
    def plan(self) -> Plan:
        return self.schedule.plan


class ReadyRun(NamedTuple):
    """A planned network that can run at once; `seconds` and `memory` are what that took."""

    planned: PlannedRun
    program: Program
    inputs: Mapping[str, Array]
    seconds: float
    memory: Memory


class FinishedRun(NamedTuple):
    """What is left of a run: its program is gone, and the memory of that, of which `bytes` were
    taken at most. `seconds` is what making it ready took."""

    planned: PlannedRun
    pieces: Sequence[Piece]
    seconds: float
    bytes: int | None
    measured: Measured
    verified: tuple[Verified, ...] | None = None


def run(
    graph: Graph,
    report: Report,
    wanted: RunRequest,
    inputs: Mapping[str, Array] | None,
    advance: Advance,
    *,
    trace: bool = False,
) -> RunResult:
    """Execute a complete network on inputs (N, *volume), random ones where None.

    Raises `Refused` where it cannot be run, `Disagreement` where it came out otherwise than
    inferred.
    """
    planned = planned_for(graph, report, wanted)
    with bounded(threads_of(wanted)):
        ready = made_ready(planned, inputs, advance)
        series = Series(ready.program, ready.inputs, ready.memory)
        series.warm_up(wanted.warmup, advance)
        series.burst(lambda times, spent: share_done(times, spent, wanted.repeat), advance)
        done = over(ready, series)
        spans = ready.program.traced(ready.inputs) if trace else []
    del ready, series
    traced = chrome(planned.schedule.plan, done.pieces, spans) if trace else ""
    return RunResult(reported(done, machine_of(wanted)), done.measured.outputs, traced)


def planned_for(graph: Graph, report: Report, wanted: RunRequest) -> PlannedRun:
    """The plan, and what it takes."""
    backend, remark = selected(wanted.backend)
    start = perf_counter()
    steps = folded(plan(graph)) if wanted.fold else plan(graph)
    direct = wanted.algorithms is Algorithms.DIRECT
    schedule = backend.schedule(steps, report.batch, threads_of(wanted), direct=direct)
    return PlannedRun(graph, report, wanted, backend, schedule, perf_counter() - start, remark)


def made_ready(
    planned: PlannedRun, inputs: Mapping[str, Array] | None, advance: Advance
) -> ReadyRun:
    """Weights drawn, code compiled, memory taken. Raises `Refused` where there is too little."""
    graph, report, wanted, backend, schedule, *_ = planned
    memory.need(schedule.bytes, report.name)
    start = perf_counter()
    weights = Weights(graph, wanted.seed)
    with Memory() as taken:
        program = backend.bind(schedule, weights, lambda share: advance("preparing", share))
        compiling = perf_counter() - start
        if inputs is None:
            inputs = _random_inputs(graph, report.batch, wanted.seed)
    return ReadyRun(planned, program, inputs, compiling, taken)


def over(ready: ReadyRun, series: Series) -> FinishedRun:
    """The result of a series. Raises `Disagreement` where that is not what was inferred."""
    planned, pieces, measured = ready.planned, tuple(ready.program.pieces), series.measured()
    check(planned.plan, pieces, measured.observed, planned.report.batch)
    errors = None
    if planned.wanted.verify:
        weights = Weights(planned.graph, planned.wanted.seed)
        errors = verified(planned.schedule, weights, ready.inputs, measured.outputs)
    return FinishedRun(planned, pieces, ready.seconds, series.memory.peak, measured, errors)


def reported(done: FinishedRun, machine: Machine) -> Report:
    """The report with what was measured."""
    planned, pieces, compiling, peak, measured, errors = done
    _, report, wanted, backend, schedule, planning, remark = planned
    steps = schedule.plan
    latency = _spread(measured.latencies)
    whole = Run(
        backend=backend.name,
        threads=threads_of(wanted),
        seed=wanted.seed,
        folded=wanted.fold,
        repeats=len(measured.latencies),
        warmups=wanted.warmup,
        latency=latency,
        images_per_second=report.batch / latency.median,
        flops_per_second=executed_flops(steps, report) / latency.median,
        peak=machine.peak,
        planning=planning,
        compiling=compiling,
        memory=schedule.bytes,
        declared=tuple(n.name for i, n in enumerate(steps.graph.nodes) if steps.is_declared(i)),
        plan=explained(steps, pieces, report) if wanted.explain_plan else None,
        remark="\n".join(filter(None, (remark, cache.refusal()))),
        interval=interval(measured.latencies),
        effort=_effort(measured.usages),
        first=measured.first,
        memory_peak=peak,
        algorithms=wanted.algorithms,
        verified=errors,
    )
    times = layer_times(steps, pieces, measured, report, machine.peak)
    rows = (row._replace(timing=time) for row, time in zip(report.rows, times, strict=True))
    report = report._replace(rows=tuple(rows), run=whole)
    if machine.limits is None:
        return report
    moved = bytes_moved(steps, pieces, report.batch)
    return under_the_roofline(report, moved, machine.limits)


def _random_inputs(graph: Graph, batch: int, seed: int) -> dict[str, Array]:
    return {name: random_input(seed, name, volume, batch) for name, volume in graph.inputs.items()}


def threads_of(wanted: RunRequest) -> int:
    """Those asked for, and not more than there are cores: they wait for one another."""
    return min(wanted.threads or usual(), cores())


class Machine(NamedTuple):
    """What the machine can do: its peak in FLOP/s, None where LLVM makes no code for it; its limits
    where a roofline is asked for."""

    peak: float | None
    limits: Limits | None = None


def machine_of(wanted: RunRequest) -> Machine:
    """Measured with as many threads as the run has. Raises `Refused` where there is no roofline."""
    from cnncalc.execution.machine import bandwidth, peak

    threads = threads_of(wanted)
    try:
        most = peak(threads)
        if wanted.roofline:
            return Machine(most, Limits(most, bandwidth(threads)))
    except RuntimeError:
        if wanted.roofline:
            why = "LLVM makes no code for it"
            raise Refused(f"--roofline: this machine cannot be measured: {why}") from None
        return Machine(None)
    return Machine(most)


def _effort(usages: Sequence[Usage]) -> Effort:
    clock = sum(usage.clock for usage in usages)
    times = [usage.preemptions for usage in usages if usage.preemptions is not None]
    preemptions = sum(times) if len(times) == len(usages) else None
    return Effort(
        processor=float(np.median([usage.processor for usage in usages])),
        on_core=min(sum(usage.own for usage in usages) / clock, 1.0),
        preemptions=preemptions,
        a_second=None if preemptions is None else preemptions / clock,
    )


def _spread(seconds: list[float]) -> Spread:
    p10, median, p90 = np.percentile(seconds, (10, 50, 90)).tolist()
    return Spread(median, p10, p90)
