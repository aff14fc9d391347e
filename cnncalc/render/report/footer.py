"""What stands below the layers: totals in words, and the conventions they follow."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.render.numbers import (
    bytes_short,
    duration,
    gigas,
    grouped,
    milliseconds,
    per_byte,
    percent,
    plural,
    short,
)
from cnncalc.render.report.columns import Layout, volume_text
from cnncalc.report.report import Report
from cnncalc.report.roofline import Roofline
from cnncalc.report.timing import Effort, Run, Verified
from cnncalc.volume import Volume


def summary_lines(report: Report, layout: Layout) -> Iterator[tuple[str, str]]:
    """Label and text of each total."""
    totals = report.totals
    if report.inputs:
        yield "input", _volumes(report.inputs, layout)
    if report.outputs:
        yield "output", _volumes(report.outputs, layout)
    if not report.complete:
        yield "incomplete", "the faults leave layers unknown; the totals cover the rest only"
    yield "layers", grouped(totals.layers)
    yield (
        "parameters",
        f"{_exact(totals.params)} = {grouped(totals.weights)} weights + "
        f"{grouped(totals.biases)} biases",
    )
    yield (
        "trainable",
        f"{grouped(totals.trainable)}, not trainable {grouped(totals.non_trainable)}, "
        f"state {grouped(totals.state)}",
    )
    yield "MACs", _exact(totals.macs)
    yield "FLOPs", _exact(totals.flops)
    yield (
        "memory",
        f"parameters {bytes_short(totals.param_bytes)} ({report.dtype}, batch of {report.batch})",
    )
    yield (
        "activations",
        f"{bytes_short(totals.activation_bytes)}, at one time at most "
        f"{bytes_short(totals.peak_activation_bytes)}",
    )
    if report.run is not None:
        yield from _run_lines(report.run)


def _run_lines(run: Run) -> Iterator[tuple[str, str]]:
    latency = run.latency
    spread = "one run"
    if run.repeats > 1:
        spread = (
            f"median of {plural(run.repeats, 'run')}; p10 {milliseconds(latency.p10)}, p90 "
            f"{milliseconds(latency.p90)}"
        )
    yield "latency", f"{milliseconds(latency.median)} ({spread})"
    if run.interval is not None:
        yield (
            "median",
            f"between {milliseconds(run.interval.low)} and {milliseconds(run.interval.high)} with "
            f"{percent(run.interval.confidence)}",
        )
    if run.first is not None:
        yield "first run", f"{milliseconds(run.first)}, before caches were warm"
    if run.effort is not None:
        yield from _effort_lines(run.effort)
    yield "throughput", f"{run.images_per_second:,.1f} images/s"
    peak = ""
    if run.peak is not None and run.of_peak is not None:
        peak = f", {percent(run.of_peak)} of the machine's {gigas(run.peak)}"
    yield "speed", f"{gigas(run.flops_per_second)} GFLOP/s{peak}"
    yield (
        "run",
        f"{run.backend} backend, {plural(run.threads, 'thread')}, seed {run.seed}, batch norms "
        + ("folded" if run.folded else "as written")
        + (", direct algorithms alone" if run.algorithms == "direct" else ""),
    )
    yield (
        "preparation",
        f"{duration(run.preparation)}, {duration(run.planning)} of them for the plan; memory about "
        f"{bytes_short(run.memory)}",
    )
    if run.memory_peak is not None:
        estimate = bytes_short(run.memory)
        yield "memory taken", f"{bytes_short(run.memory_peak)} at most, of {estimate} estimated"
    for one in run.verified or ():
        yield "verified", f"{one.output}: {error_text(one)}"
    if run.roofline is not None:
        yield from _roofline_lines(run, run.roofline)
    if run.declared:
        yield "not executed", ", ".join(run.declared)


def _effort_lines(effort: Effort) -> Iterator[tuple[str, str]]:
    often = ""
    if effort.preemptions is not None:
        often = f"; threads had to leave their cores {plural(effort.preemptions, 'time')}"
    yield "processor", f"{milliseconds(effort.processor)} of all threads for a run{often}"
    if effort.disturbed:
        yield (
            "busy",
            f"others had the core for {percent(1 - effort.on_core)} of the time: these times say "
            "more of them",
        )


def error_text(one: Verified) -> str:
    """Of how much an output is off."""
    if one.largest is None:
        return f"off by {one.error:.1e} at most, where the reference makes finite numbers"
    part = f", {one.error / one.largest:.1e} of the largest number" if one.largest else ""
    return f"off by {one.error:.1e} at most{part}"


def _roofline_lines(run: Run, roofline: Roofline) -> Iterator[tuple[str, str]]:
    limits = roofline.limits
    yield (
        "roofline",
        f"{gigas(limits.flops_per_second)} GFLOP/s and {gigas(limits.bytes_per_second)} GB/s from "
        f"memory, in balance at {per_byte(limits.balance)} FLOP/B",
    )
    part = f", {percent(run.of_roof)} of the latency" if run.of_roof is not None else ""
    yield "predicted", f"{milliseconds(roofline.predicted)}{part}"
    yield (
        "bound by memory",
        f"{roofline.memory_layers:,} of {plural(roofline.layers, 'layer')}, "
        f"{percent(roofline.memory_share)} of the layers' time",
    )


def conventions(report: Report) -> Iterator[str]:
    """Sentences that say what the numbers mean."""
    per = "one image" if report.batch == 1 else f"the batch of {plural(report.batch, 'image')}"
    yield (
        f"MACs are multiply-accumulates for {per}; FLOPs = 2·MACs + bias additions + element-wise "
        "operations."
    )
    yield "1 MiB is 2^20 bytes (1 MB would be 10^6)."
    if report.totals.state:
        yield (
            "Batch-norm has 2C parameters, and 2C of state (running mean and variance) that counts "
            "as none."
        )
    if any(row.rounded for row in report.rows):
        yield (
            "↓ the stride did not fit and was rounded down, ↓1 leaving 1 row or column of the "
            "input unread; ↑ rounded up."
        )
    if any(row.receptive_field and not row.receptive_field.aligned for row in report.rows):
        yield "≠ branches that differ in stride or centre meet; the largest field is given."
    if any(row.declared for row in report.rows):
        yield "Declared numbers are the file's own."
    if report.run is not None:
        yield (
            "Times are medians for the whole batch, with random weights; GFLOP/s are 10^9 of the "
            "FLOPs counted here."
        )
    if report.run is not None and report.run.roofline is not None:
        yield (
            "Predicted is max(FLOPs/peak, bytes/bandwidth); bytes are inputs, weights and outputs "
            "in float32, each once."
        )


def _exact(number: int) -> str:
    return grouped(number) if number < 10_000 else f"{grouped(number)} ({short(number)})"


def _volumes(volumes: dict[str, Volume], layout: Layout) -> str:
    return ", ".join(f"{name} {volume_text(volume, layout)}" for name, volume in volumes.items())
