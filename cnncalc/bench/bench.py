"""Networks measured beside one another, and beside what was measured earlier: frozen data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from cnncalc.diagnostics import Diagnostic
from cnncalc.report.report import Report
from cnncalc.report.timing import Run


class BenchSettings(NamedTuple):
    """What has to be the same for times to be compared."""

    machine: str
    backend: str
    threads: int
    batch: int
    folded: bool
    algorithms: str = "fastest"


class BenchEntry(NamedTuple):
    """A network that was run. `name` is its own in a bench: with the file where several have the
    same. MACs and FLOPs are for the batch. `report` has the times of the layers."""

    name: str
    file: str
    macs: int
    flops: int
    run: Run
    report: Report


class Unmeasured(NamedTuple):
    """A file that was not run, and why in a few words; `diagnostics` where it has errors."""

    file: str
    reason: str
    diagnostics: tuple[Diagnostic, ...] = ()


class Figure(NamedTuple):
    """What is kept of a network: the median in seconds and the FLOPs counted, for the batch."""

    median: float
    flops: int


class Baseline(NamedTuple):
    """An earlier bench: where it came from, and its networks by name."""

    name: str
    settings: BenchSettings
    figures: dict[str, Figure]


class Verdict(StrEnum):
    """How a median compares with the baseline's, within the tolerance."""

    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"


class BenchChange(NamedTuple):
    """A network's median in the baseline in seconds, and the ratio of the median now to it."""

    before: float
    ratio: float
    verdict: Verdict


class BenchComparison(NamedTuple):
    """A bench beside a baseline.

    `changes` are by name. `added` are networks that only the bench has, `missing` those that only
    the baseline has; those in `recounted` have other FLOPs for an image than they had. `otherwise`
    names settings that differ, with the values then and now.
    """

    baseline: str
    tolerance: float
    changes: dict[str, BenchChange]
    added: tuple[str, ...]
    missing: tuple[str, ...]
    recounted: tuple[str, ...]
    otherwise: tuple[tuple[str, object, object], ...]

    @property
    def slower(self) -> tuple[str, ...]:
        """Networks past the tolerance."""
        return tuple(n for n, change in self.changes.items() if change.verdict is Verdict.SLOWER)

    @property
    def passed(self) -> bool:
        """Whether there was something to compare, and nothing is slower."""
        return bool(self.changes) and not self.slower


class Bench(NamedTuple):
    """Networks run with the same settings; `comparison` where there is a baseline."""

    settings: BenchSettings
    entries: tuple[BenchEntry, ...]
    unmeasured: tuple[Unmeasured, ...] = ()
    comparison: BenchComparison | None = None


def bench(
    settings: BenchSettings, reports: Sequence[Report], unmeasured: Iterable[Unmeasured] = ()
) -> Bench:
    """A bench of reports with runs in them."""
    often = Counter(report.name for report in reports)
    entries = tuple(
        BenchEntry(
            report.name if often[report.name] == 1 else f"{report.name} ({report.file})",
            report.file,
            report.totals.macs,
            report.totals.flops,
            report.run,
            report,
        )
        for report in reports
        if report.run is not None
    )
    return Bench(settings, entries, tuple(unmeasured))


def baseline_of(bench: Bench) -> Baseline:
    """A bench as an earlier time."""
    figures = {e.name: Figure(e.run.latency.median, e.flops) for e in bench.entries}
    return Baseline("the baseline", bench.settings, figures)


def compare(now: Bench, before: Baseline, tolerance: float) -> BenchComparison:
    """A bench beside a baseline; a median may be longer by `tolerance`, 0.1 for a tenth."""
    names = [entry.name for entry in now.entries]
    both = [entry for entry in now.entries if entry.name in before.figures]
    return BenchComparison(
        baseline=before.name,
        tolerance=tolerance,
        changes={
            entry.name: _change(entry.run.latency.median, before.figures[entry.name], tolerance)
            for entry in both
        },
        added=tuple(name for name in names if name not in before.figures),
        missing=tuple(name for name in before.figures if name not in names),
        recounted=tuple(
            entry.name
            for entry in both
            if entry.flops * before.settings.batch
            != before.figures[entry.name].flops * now.settings.batch
        ),
        otherwise=tuple(
            (what, then, said)
            for what, then, said in zip(
                BenchSettings._fields, before.settings, now.settings, strict=True
            )
            if then != said
        ),
    )


def _change(median: float, figure: Figure, tolerance: float) -> BenchChange:
    ratio = median / figure.median
    verdict = Verdict.SAME
    if ratio > 1 + tolerance:
        verdict = Verdict.SLOWER
    elif ratio * (1 + tolerance) < 1:
        verdict = Verdict.FASTER
    return BenchChange(figure.median, ratio, verdict)
