"""Choosing among algorithms by what a stand-in for the threads takes."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cnncalc.execution import cache
from cnncalc.execution.native import choosing
from cnncalc.execution.native.choosing import Choosing
from cnncalc.execution.native.host import host
from cnncalc.execution.native.making import Made, NativeStep
from cnncalc.execution.native.tables import Tables

LARGE = choosing.SMALL_MACS


class Making:
    """What is made is told by a number, which is also what it takes: tenths of a millisecond."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self.library = SimpleNamespace(host=host())
        self.tables = Tables()
        self.made: list[int] = []

    def apart(self) -> Making:
        return self

    def complete(self) -> None:
        """It has no kernels."""

    def candidates(self, *costs: int) -> tuple[dict[str, Any], str, int]:
        """Candidates, the first of which is the usual one, and light weights."""
        made = {f"costs {cost}": self.candidate(cost) for cost in costs}
        return made, f"costs {costs[0]}", 0

    def candidate(self, cost: int) -> Any:
        def make(_: object) -> Made:
            self.made.append(cost)
            return Made([NativeStep(cost, (0,))], f"costs {cost}")

        return make


class Crew:
    """Takes as long as the first step says, by a clock of its own."""

    now = 0.0

    def __init__(self) -> None:
        self.ran: list[int] = []

    def run(self, steps: int, _count: int, _clock: int) -> None:
        cost = ctypes.c_int64.from_address(steps).value
        self.ran.append(cost)
        Crew.now += cost * 1e-4


@pytest.fixture(autouse=True)
def _its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "perf_counter", lambda: Crew.now)


def chooser(threads: int = 1) -> tuple[Choosing, Making, Crew]:
    making, crew = Making(threads), Crew()
    return Choosing(making, crew), making, crew  # type: ignore[arg-type]


def test_the_fastest_is_taken() -> None:
    choosing, making, _ = chooser()
    assert choosing.best("task", LARGE, *making.candidates(9, 3, 6)).algorithm == "costs 3"


def test_it_is_remembered() -> None:
    first, making, _ = chooser()
    first.best("task", LARGE, *making.candidates(9, 3))
    first.remember()
    second, making, crew = chooser()
    assert second.best("task", LARGE, *making.candidates(9, 3)).algorithm == "costs 3"
    assert making.made == [3]
    assert crew.ran == []


def test_it_is_measured_once_for_layers_alike() -> None:
    choosing, making, crew = chooser()
    choosing.best("task", LARGE, *making.candidates(9, 3))
    before = len(crew.ran)
    choosing.best("task", LARGE, *making.candidates(9, 3))
    assert len(crew.ran) == before


@pytest.mark.parametrize(("task", "threads"), [("another", 1), ("task", 2)])
def test_for_something_else_it_is_measured_anew(task: str, threads: int) -> None:
    first, making, _ = chooser()
    first.best("task", LARGE, *making.candidates(9, 3))
    first.remember()
    second, making, crew = chooser(threads)
    second.best(task, LARGE, *making.candidates(9, 3))
    assert crew.ran


@pytest.mark.parametrize(("other", "taken"), [(91, 100), (89, 89)])
def test_the_usual_one_unless_another_is_clearly_faster(other: int, taken: int) -> None:
    choosing, making, _ = chooser()
    made = choosing.best("task", LARGE, *making.candidates(100, other))
    assert made.algorithm == f"costs {taken}"


def test_where_there_is_little_to_gain_the_first_is_taken() -> None:
    choosing, making, crew = chooser()
    assert choosing.best("task", LARGE - 1, *making.candidates(9, 3)).algorithm == "costs 9"
    assert crew.ran == []


def test_what_is_far_too_slow_is_tried_once() -> None:
    choosing, making, crew = chooser()
    choosing.best("task", LARGE, *making.candidates(3, 100, 4))
    assert crew.ran.count(100) == 1


def test_a_damaged_memory_is_none(cache: Path) -> None:
    cache.mkdir(0o700)
    (cache / "choices.json").write_text("[")
    choosing, making, _ = chooser()
    assert choosing.best("task", LARGE, *making.candidates(9, 3)).algorithm == "costs 3"
    choosing.remember()
    assert "costs 3" in (cache / "choices.json").read_text()


def test_a_name_that_nobody_knows_is_measured_anew() -> None:
    first, making, _ = chooser()
    first.best("task", LARGE, *making.candidates(9, 3))
    first.remember()
    second, making, _ = chooser()
    assert second.best("task", LARGE, *making.candidates(9, 5)).algorithm == "costs 5"


def test_what_was_measured_is_told_and_kept() -> None:
    first, making, _ = chooser()
    told = first.best("task", LARGE, *making.candidates(100, 30)).choice
    first.remember()
    second, making, _ = chooser()
    assert told is not None
    assert told == second.best("task", LARGE, *making.candidates(100, 30)).choice
    assert told.seconds == pytest.approx({"costs 100": 0.01, "costs 30": 0.003})
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told.measured)


@pytest.mark.parametrize(
    "damaged",
    [
        "costs 3",
        ["costs 3"],
        None,
        {"algorithm": "costs 3"},
        {"algorithm": 1, "seconds": {}, "measured": ""},
        {"algorithm": "costs 3", "seconds": {"a": "b"}, "measured": ""},
    ],
)
def test_damaged_choices_are_measured_anew(damaged: object) -> None:
    first, making, _ = chooser()
    first.best("task", LARGE, *making.candidates(9, 3))
    first.remember()
    cache.change("choices", lambda known: dict.fromkeys(known, damaged))
    second, making, crew = chooser()
    assert second.best("task", LARGE, *making.candidates(9, 3)).algorithm == "costs 3"
    assert crew.ran


def test_features_are_a_part_of_the_key() -> None:
    """Of two processors that LLVM calls by one name."""
    at = host()
    assert at.kind != at._replace(features=at.features + ",+more").kind
    assert at.kind != at._replace(cpu="other").kind


class Noisy(Crew):
    """Others disturb by a tenth to a half, now one candidate and now the other."""

    def __init__(self, phase: int) -> None:
        super().__init__()
        self.phase = phase

    def run(self, steps: int, count: int, clock: int) -> None:
        before = Crew.now
        super().run(steps, count, clock)
        turn = (len(self.ran) + self.phase) % 5
        Crew.now += (Crew.now - before) * (0.0, 0.1, 0.5, 0.0, 0.2)[turn]


@pytest.mark.parametrize("costs", [(100, 60), (100, 95), (100, 130), (100, 50, 70)])
def test_fresh_caches_agree_however_others_disturb(costs: tuple[int, ...]) -> None:
    taken = set()
    for phase in range(5):
        making = Making()
        choosing = Choosing(making, Noisy(phase))  # type: ignore[arg-type]
        taken.add(choosing.best("task", LARGE, *making.candidates(*costs)).algorithm)
    assert len(taken) == 1
    assert taken == {f"costs {min(costs) if min(costs) < 90 else costs[0]}"}
