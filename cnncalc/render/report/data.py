"""A report as nested data, a layer at a time. The keys are stable: docs/language.md."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import isfinite
from typing import Any

from cnncalc.render.diagnostics.json import as_dict
from cnncalc.render.report.columns import Layout, arranged
from cnncalc.report.execution_plan import ExecutionPlan, PlanStep
from cnncalc.report.receptive_field import ReceptiveField
from cnncalc.report.report import Report, Row, Totals
from cnncalc.report.roofline import Roof, Roofline
from cnncalc.report.timing import Effort, LayerTime, Run, Verified


def of(report: Report, rows: Iterable[Row], layout: Layout) -> dict[str, Any]:
    """All that is known; the layers one by one."""
    return {
        "name": report.name,
        "file": report.file,
        "description": report.description,
        "source": report.source,
        "family": report.family,
        "inputs": {name: arranged(volume, layout) for name, volume in report.inputs.items()},
        "batch": report.batch,
        "dtype": report.dtype,
        "layout": layout,
        "complete": report.complete,
        "layers": (_row(row, layout) for row in rows),
        "outputs": {name: arranged(volume, layout) for name, volume in report.outputs.items()},
        "totals": _totals(report.totals),
        **({"run": run_of(report.run)} if report.run is not None else {}),
        "diagnostics": [as_dict(diagnostic) for diagnostic in report.diagnostics],
    }


def _row(row: Row, layout: Layout) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind,
        "inputs": row.inputs,
        "input_shapes": [arranged(volume, layout) for volume in row.input_shapes],
        "output_shape": arranged(row.output_shape, layout),
        "kernel": row.kernel,
        "stride": row.stride,
        "padding": row.padding,
        "dilation": row.dilation,
        "weights": row.weights,
        "biases": row.biases,
        "params": row.params,
        "state": row.state,
        "trainable": row.is_trainable,
        "shares": row.shares,
        "declared": row.declared,
        "macs": row.macs,
        "flops": row.flops,
        "activation_bytes": row.activation_bytes,
        "receptive_field": _field(row.receptive_field),
        "dropped": row.dropped,
        "rounded": row.rounded,
        "file": row.file,
        "line": row.line,
        "column": row.column,
        **({"folded": row.layers} if row.layers > 1 else {}),
        **({"timing": _timing(row.timing)} if row.timing is not None else {}),
    }


def _timing(time: LayerTime) -> dict[str, Any]:
    return {
        "seconds": time.seconds,
        "share": time.share,
        "flops_per_second": time.flops_per_second,
        "of_peak": time.of_peak,
        "executed_macs": time.macs,
        "algorithm": time.algorithm or None,
        "computed_in": time.computed_in,
        **({"roofline": _roof(time, time.roof)} if time.roof is not None else {}),
    }


def _roof(time: LayerTime, roof: Roof) -> dict[str, Any]:
    return {
        "bytes": roof.bytes,
        "flops_per_byte": roof.intensity,
        "predicted_seconds": roof.predicted,
        "of_roof": time.of_roof,
        "bound": roof.bound,
    }


def run_of(run: Run) -> dict[str, Any]:
    """A run as a whole."""
    return {
        "backend": run.backend,
        "threads": run.threads,
        "seed": run.seed,
        "folded": run.folded,
        "repeats": run.repeats,
        "warmups": run.warmups,
        "latency_seconds": run.latency._asdict(),
        "images_per_second": run.images_per_second,
        "flops_per_second": run.flops_per_second,
        "peak_flops_per_second": run.peak,
        "of_peak": run.of_peak,
        "plan_seconds": run.planning,
        "compile_seconds": run.compiling,
        "memory_bytes": run.memory,
        "not_executed": run.declared,
        "algorithms": run.algorithms,
        "first_seconds": run.first,
        "median_interval": run.interval and run.interval._asdict(),
        "effort": run.effort and _effort(run.effort),
        "memory_peak_bytes": run.memory_peak,
        **({} if run.verified is None else {"verified": [_verified(v) for v in run.verified]}),
        **({"roofline": _roofline(run, run.roofline)} if run.roofline is not None else {}),
        **({"plan": _plan(run.plan)} if run.plan is not None else {}),
    }


def _effort(effort: Effort) -> dict[str, Any]:
    return {
        "processor_seconds": effort.processor,
        "on_core": effort.on_core,
        "preemptions": effort.preemptions,
        "disturbed": effort.disturbed,
    }


def _verified(one: Verified) -> dict[str, Any]:
    """An error that is infinite is none that JSON can say."""
    return {
        "output": one.output,
        "error": one.error if isfinite(one.error) else None,
        "largest": one.largest,
    }


def _plan(plan: ExecutionPlan) -> dict[str, Any]:
    """How a network was carried out."""
    return {
        "steps": [_plan_step(step) for step in plan.steps],
        "layers": plan.layers,
        "fused_layers": plan.fused,
        "apart_bytes": plan.apart_bytes,
        "shared_bytes": plan.shared_bytes,
        "padding_bytes": plan.padding_bytes,
    }


def _plan_step(step: PlanStep) -> dict[str, Any]:
    return {
        "step": step.number,
        "layers": step.layers,
        "algorithm": step.algorithm or None,
        "how": step.how or None,
        "reads": step.reads,
        "inputs": step.inputs,
        "place": step.place and step.place._asdict(),
        "tried": step.tried,
        "measured": step.measured or None,
    }


def _roofline(run: Run, roofline: Roofline) -> dict[str, Any]:
    """What the machine allows a network."""
    return {
        "bytes_per_second": roofline.limits.bytes_per_second,
        "balance_flops_per_byte": roofline.limits.balance,
        "predicted_seconds": roofline.predicted,
        "of_roof": run.of_roof,
        "layers": roofline.layers,
        "memory_bound_layers": roofline.memory_layers,
        "memory_bound_share": roofline.memory_share,
    }


def _field(field: ReceptiveField | None) -> dict[str, Any] | None:
    if field is None:
        return None
    known: dict[str, Any] = {
        "size": field.size,
        "stride": [_number(stride) for stride in field.stride],
        "padding": field.padding,
        "centre": [_number(centre) for centre in field.centre],
    }
    return known if field.aligned else {**known, "aligned": False}


def _number(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _totals(totals: Totals) -> dict[str, int]:
    return {
        "layers": totals.layers,
        "weights": totals.weights,
        "biases": totals.biases,
        "params": totals.params,
        "trainable": totals.trainable,
        "state": totals.state,
        "macs": totals.macs,
        "flops": totals.flops,
        "param_bytes": totals.param_bytes,
        "activation_bytes": totals.activation_bytes,
        "peak_activation_bytes": totals.peak_activation_bytes,
    }
