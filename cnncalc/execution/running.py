"""A run from beginning to end: plan, memory, preparation, repetitions, and what they showed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import NamedTuple

import numpy as np

from cnncalc.analysis.report import Report
from cnncalc.analysis.timing import Run, Spread
from cnncalc.execution import memory
from cnncalc.execution.backend import Backend, Program
from cnncalc.execution.checking import check
from cnncalc.execution.folding import folded
from cnncalc.execution.plan import plan
from cnncalc.execution.request import BackendName, RunRequest
from cnncalc.execution.shares import Measured, executed_flops, layer_times
from cnncalc.execution.threads import bounded, cores
from cnncalc.execution.weights import Array, Weights, random_input
from cnncalc.graph.graph import Graph

ENOUGH_SECONDS = 2.0
FEWEST, MOST = 5, 100
"""Where a caller leaves the repetitions open: as many as take so long, within bounds."""

Advance = Callable[[str, float], None]
"""Is told what is going on, and the share of it that is done."""


class Ran(NamedTuple):
    """The report with its timings, and the outputs of the last repetition: (N, *volume)."""

    report: Report
    outputs: dict[str, Array]


def run(
    graph: Graph,
    report: Report,
    wanted: RunRequest,
    inputs: Mapping[str, Array] | None,
    advance: Advance,
) -> Ran:
    """Execute a complete network on inputs (N, *volume), random ones where None.

    Raises `Refused` where it cannot be run, `Disagreement` where it came out otherwise than
    inferred.
    """
    backend = _backend(wanted.backend)
    threads = wanted.threads or cores()
    start = perf_counter()
    planned = folded(plan(graph)) if wanted.fold else plan(graph)
    planning = perf_counter() - start
    bytes = backend.bytes_needed(planned, report.batch, threads)
    memory.need(bytes, report.name)
    with bounded(threads):
        start = perf_counter()
        weights = Weights(graph, wanted.seed)
        program = backend.prepare(
            planned, weights, report.batch, threads, lambda share: advance("preparing", share)
        )
        compiling = perf_counter() - start
        if inputs is None:
            inputs = _random_inputs(graph, report.batch, wanted.seed)
        measured = _repeated(program, inputs, wanted, advance)
    check(planned, program.pieces, measured.observed, report.batch, literal=backend.literal)
    peak = _peak(threads)
    latency = _spread(measured.latencies)
    told = Run(
        backend=backend.name,
        threads=threads,
        seed=wanted.seed,
        folded=wanted.fold,
        repeats=len(measured.latencies),
        warmups=wanted.warmup,
        latency=latency,
        images_per_second=report.batch / latency.median,
        flops_per_second=executed_flops(planned, report) / latency.median,
        peak=peak,
        planning=planning,
        compiling=compiling,
        memory=bytes,
        declared=tuple(row.name for row in report.rows if row.declared),
    )
    times = layer_times(planned, program.pieces, measured, report, peak)
    rows = (row._replace(timing=time) for row, time in zip(report.rows, times, strict=True))
    return Ran(report._replace(rows=tuple(rows), run=told), measured.outputs)


def _random_inputs(graph: Graph, batch: int, seed: int) -> dict[str, Array]:
    return {name: random_input(seed, name, volume, batch) for name, volume in graph.inputs.items()}


def _backend(name: BackendName) -> Backend:
    match name:
        case BackendName.NATIVE:
            from cnncalc.execution.native.backend import Native

            return Native()
        case BackendName.REFERENCE:
            from cnncalc.execution.reference.backend import Reference

            return Reference()


def _peak(threads: int) -> float | None:
    """The machine's peak; None where LLVM makes no code for it."""
    from cnncalc.execution.machine import peak

    try:
        return peak(threads)
    except RuntimeError:
        return None


def _repeated(
    program: Program, inputs: Mapping[str, Array], wanted: RunRequest, advance: Advance
) -> Measured:
    seconds = np.zeros(len(program.pieces))
    for number in range(wanted.warmup):
        advance("warming up", number / wanted.warmup)
        program.run(inputs, seconds)
    latencies: list[float] = []
    pieces: list[list[float]] = []
    outputs: dict[str, Array] = {}
    begin = perf_counter()
    while (share := _share_done(len(latencies), perf_counter() - begin, wanted.repeat)) < 1:
        advance("running", share)
        start = perf_counter()
        outputs = program.run(inputs, seconds)
        latencies.append(max(perf_counter() - start, 1e-9))
        pieces.append(seconds.tolist())
    return Measured(latencies, pieces, outputs, tuple(program.observed()))


def _share_done(times: int, seconds: float, wanted: int | None) -> float:
    if wanted is not None:
        return times / wanted
    if times < FEWEST:
        return min(times / FEWEST, 0.99)
    return max(times / MOST, seconds / ENOUGH_SECONDS)


def _spread(seconds: list[float]) -> Spread:
    p10, median, p90 = np.percentile(seconds, (10, 50, 90)).tolist()
    return Spread(median, p10, p90)
