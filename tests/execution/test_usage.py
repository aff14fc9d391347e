"""What runs use, by clocks and counters of the tests' own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from cnncalc.execution import repeating, running, usage
from cnncalc.execution.backend import Observed, Piece, Seconds, Span
from cnncalc.execution.repeating import Series
from cnncalc.execution.usage import Memory, Usage
from cnncalc.execution.weights import Array
from cnncalc.report.timing import Effort


class Program:
    """The first run takes 8 seconds, the others 2; others have the core for a part of that."""

    pieces = (Piece((0,), ""),)

    def __init__(self, others: float = 0.0, preemptions: int = 0) -> None:
        self.used = Usage(100.0, 50.0, 20.0, 7)
        self.others, self.preemptions = others, preemptions
        self.runs = 0

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        clock = 2.0 if self.runs else 8.0
        self.runs += 1
        own = clock * (1 - self.others)
        before = self.used
        self.used = Usage(
            before.clock + clock, before.processor + 2 * own, before.own + own,
            (before.preemptions or 0) + self.preemptions,
        )  # fmt: skip
        return {}

    def seconds(self) -> Seconds:
        return np.zeros(1)

    def observed(self) -> list[Observed]:
        return [Observed((), 0)]

    def traced(self, inputs: Mapping[str, Array]) -> list[Span]:
        return []


def measured(program: Program, monkeypatch: pytest.MonkeyPatch, warmup: int = 1) -> Effort:
    monkeypatch.setattr(repeating, "now", lambda: program.used)
    series = Series(program, {})
    series.warm_up(warmup, lambda *_: None)
    series.burst(lambda times, _: times / 4, lambda *_: None)
    found = series.measured()
    assert found.first == 8
    assert found.latencies == ([] if warmup else [8.0]) + [2.0] * (3 + (warmup > 0))
    return running._effort(found.usages)


def test_a_quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    effort = measured(Program(preemptions=3), monkeypatch)
    assert effort == Effort(processor=4.0, on_core=1.0, preemptions=12, a_second=1.5)
    assert not effort.disturbed


def test_others_have_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured(Program(others=0.1), monkeypatch).on_core == pytest.approx(0.9)
    assert measured(Program(others=0.1), monkeypatch).disturbed
    assert not measured(Program(others=0.04), monkeypatch).disturbed


def test_threads_are_driven_from_their_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured(Program(preemptions=101), monkeypatch).disturbed
    assert not measured(Program(preemptions=99), monkeypatch).disturbed


def test_without_a_warm_up_the_first_run_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    measured(Program(), monkeypatch, warmup=0)


def test_a_system_that_counts_no_preemptions(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = Usage(1, 1, 1, None), Usage(3, 2, 2, None)
    assert after.since(before) == Usage(2, 1, 1, None)
    effort = running._effort([after.since(before)])
    assert (effort.preemptions, effort.a_second, effort.disturbed) == (None, None, True)


def test_this_process_uses_something() -> None:
    before = usage.now()
    assert sum(range(10_000)) > 0
    used = usage.now().since(before)
    assert used.clock > 0
    assert used.processor >= 0


class TestMemory:
    @pytest.fixture
    def system(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(usage, "STATUS", tmp_path / "status")
        return tmp_path / "status"

    def test_two_stretches(self, system: Path) -> None:
        """What others take between the two is theirs."""

        def says(now: int, peak: int) -> None:
            system.write_text(f"VmPeak: 9999 kB\nVmHWM:\t{peak} kB\nVmRSS:\t{now} kB\n")

        says(100, 100)
        with Memory() as memory:
            says(130, 150)
        assert memory.peak == 50 * 1024
        says(1000, 1000)
        with memory:
            says(1010, 1040)
        assert memory.peak == (30 + 40) * 1024

    @pytest.mark.parametrize("text", ["", "VmRSS: many kB\nVmHWM: 3 kB\n", "VmRSS: 1 kB\n"])
    def test_a_system_that_says_nothing(self, system: Path, text: str) -> None:
        system.write_text(text)
        with Memory() as memory:
            pass
        assert memory.peak is None

    def test_a_process_that_had_more_before(self, system: Path) -> None:
        """Its highest mark says nothing of what came after."""
        system.write_text("VmHWM: 900 kB\nVmRSS: 100 kB\n")
        with Memory() as memory:
            system.write_text("VmHWM: 900 kB\nVmRSS: 130 kB\n")
        assert memory.peak == 30 * 1024
