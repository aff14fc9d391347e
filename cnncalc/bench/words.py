"""What is said below a bench, and about its comparison with an earlier one."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.bench.bench import Bench, BenchComparison
from cnncalc.render.numbers import gigas, per_byte, percent, plural
from cnncalc.render.report.footer import error_text


def footer(bench: Bench) -> Iterator[tuple[str, str]]:
    """Label and text: how it was run, and on what."""
    settings = bench.settings
    run = bench.entries[0].run
    yield (
        "run",
        f"{settings.backend} backend, {plural(settings.threads, 'thread')}, batch of "
        f"{settings.batch}, seed {run.seed}, batch norms "
        + ("folded" if settings.folded else "as written")
        + (", direct algorithms alone" if settings.algorithms == "direct" else ""),
    )
    peak = f"; at best {gigas(run.peak)} GFLOP/s" if run.peak is not None else ""
    if run.roofline is not None:
        limits = run.roofline.limits
        peak += (
            f" and {gigas(limits.bytes_per_second)} GB/s from memory, in balance at "
            f"{per_byte(limits.balance)} FLOP/B"
        )
    yield "machine", settings.machine + peak
    for entry in bench.entries:
        for one in entry.run.verified or ():
            yield "verified", f"{one.output}: {error_text(one)}"
    disturbed = [e.name for e in bench.entries if e.run.effort and e.run.effort.disturbed]
    if disturbed:
        yield (
            "busy",
            f"others had the cores often during {', '.join(disturbed)}",
        )


def remarks(comparison: BenchComparison) -> Iterator[str]:
    """Lines about a comparison, the verdict last."""
    name = comparison.baseline
    if comparison.otherwise:
        differences = "; ".join(
            f"{what} {_said(then)} then, {_said(now)} now"
            for what, then, now in comparison.otherwise
        )
        yield (
            f"{name} was measured under other conditions, so its times say little here: "
            + differences
        )
    if comparison.added:
        yield f"not in {name}: {', '.join(comparison.added)}"
    if comparison.missing:
        yield f"only in {name}: {', '.join(comparison.missing)}"
    if comparison.recounted:
        recounted = ", ".join(comparison.recounted)
        yield f"not the same networks as in {name}, by their FLOPs: {recounted}"
    both = len(comparison.changes)
    if not both:
        yield f"none of the networks is in {name}"
        return
    slower = ", ".join(
        f"{network} ({comparison.changes[network].ratio:,.2f})" for network in comparison.slower
    )
    yield (
        f"slower than in {name} by more than {percent(comparison.tolerance)}: "
        f"{len(comparison.slower):,} of {plural(both, 'network')}"
        + (f": {slower}" if slower else "")
    )


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
