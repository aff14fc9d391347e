"""A bench beside an earlier one."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.bench.bench import (
    Baseline,
    Bench,
    BenchChange,
    BenchSettings,
    Figure,
    Verdict,
    bench,
    compare,
)
from cnncalc.report.report import Report
from cnncalc.report.timing import Run, Spread

HERE = BenchSettings("this one", "reference", 2, 1, True)


def reported(name: str, median: float, file: str = "x.yaml", batch: int = 1) -> Report:
    """A network of 10 FLOPs that took so long."""
    report = cnncalc.loads(f"name: {name}\ninput: 10\nlayers: [relu]", batch=batch)
    run = Run(
        "reference", 2, 0, True, 5, 1, Spread(median, median, median), 1 / median, 0.0, None, 0.0,
        0.0, 0, (),
    )  # fmt: skip
    return report._replace(file=file, run=run)


def now(*reports: Report, settings: BenchSettings = HERE) -> Bench:
    return bench(settings, reports)


def before(settings: BenchSettings = HERE, flops: int = 10, **medians: float) -> Baseline:
    return Baseline("b.json", settings, {n: Figure(m, flops) for n, m in medians.items()})


@pytest.mark.parametrize(
    ("then", "median", "tolerance", "verdict"),
    [
        (1.0, 1.25, 0.25, Verdict.SAME),
        (1.0, 1.2501, 0.25, Verdict.SLOWER),
        (1.25, 1.0, 0.25, Verdict.SAME),
        (1.2501, 1.0, 0.25, Verdict.FASTER),
        (1.0, 1.0, 0.0, Verdict.SAME),
        (1.0, 1.0001, 0.0, Verdict.SLOWER),
        (2.0, 1.0, 1e9, Verdict.SAME),
    ],
)
def test_tolerance(then: float, median: float, tolerance: float, verdict: Verdict) -> None:
    found = compare(now(reported("a", median)), before(a=then), tolerance)
    assert found.changes == {"a": BenchChange(then, median / then, verdict)}
    assert found.slower == (("a",) if verdict is Verdict.SLOWER else ())
    assert found.passed == (verdict is not Verdict.SLOWER)


def test_networks_that_only_one_has() -> None:
    found = compare(now(reported("a", 1.0), reported("b", 1.0)), before(b=1.0, c=1.0), 0.1)
    assert (list(found.changes), found.added, found.missing) == (["b"], ("a",), ("c",))
    assert found.passed
    assert not compare(now(reported("a", 1.0)), before(c=1.0), 0.1).passed


def test_another_network_of_the_same_name() -> None:
    assert compare(now(reported("a", 1.0)), before(a=1.0), 0.1).recounted == ()
    assert compare(now(reported("a", 1.0)), before(flops=11, a=1.0), 0.1).recounted == ("a",)
    four = HERE._replace(batch=4)
    batches = now(reported("a", 1.0, batch=4), settings=four)
    assert compare(batches, before(a=1.0), 0.1).recounted == ()
    assert compare(batches, before(a=1.0), 0.1).otherwise == (("batch", 1, 4),)


def test_other_settings() -> None:
    there = BenchSettings("another", "reference", 1, 1, False)
    assert compare(now(reported("a", 1.0)), before(there, a=1.0), 0.1).otherwise == (
        ("machine", "another", "this one"),
        ("threads", 1, 2),
        ("folded", False, True),
    )


def test_names_of_their_own() -> None:
    found = now(
        reported("a", 1.0, "x.yaml"), reported("a", 1.0, "y.yaml"), reported("b", 1.0, "z.yaml")
    )
    assert [entry.name for entry in found.entries] == ["a (x.yaml)", "a (y.yaml)", "b"]
