"""How often programs run, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

import numpy as np
import pytest

from cnncalc.execution import repeating
from cnncalc.execution.backend import Observed, Piece, Seconds, Span
from cnncalc.execution.repeating import Series, in_turns
from cnncalc.execution.weights import Array


class Noted:
    """A program that notes when it runs."""

    pieces = (Piece((0,), ""),)

    def __init__(self, name: str, notes: list[str]) -> None:
        self.name = name
        self.notes = notes

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        self.notes.append(self.name)
        return {}

    def seconds(self) -> Seconds:
        return np.zeros(1)

    def traced(self, inputs: Mapping[str, Array]) -> list[Span]:
        return []

    def observed(self) -> list[Observed]:
        return [Observed((), 0)]


def taken(names: str, warmups: int, wanted: int | None) -> tuple[str, list[int]]:
    """The runs in their order, and how many of each were measured."""
    notes: list[str] = []
    series = [Series(Noted(name, notes), {}) for name in names]
    in_turns(series, warmups, wanted, lambda *_: None)
    return "".join(notes), [len(one.measured().latencies) for one in series]


def test_turns() -> None:
    assert taken("ab", 0, 5) == ("ab" * 5, [5, 5])
    assert taken("ab", 1, 5) == ("ab" + "aabb" * 5, [5, 5])
    assert taken("ab", 2, 5) == ("aabb" + "aabb" * 5, [5, 5])
    assert taken("ab", 0, 10)[0] == "aabb" * 5


@pytest.mark.parametrize("wanted", [1, 2, 4, 7, 23])
def test_as_many_runs_as_are_wanted(wanted: int) -> None:
    order, measured = taken("abc", 0, wanted)
    assert measured == [wanted] * 3
    turns = [len(list(run)) for _, run in groupby(order)]
    assert max(turns) - min(turns) <= 1, "turns are alike"


def test_as_many_as_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken("ab", 0, None)[1] == [repeating.MOST] * 2
    monkeypatch.setattr(repeating, "ENOUGH_SECONDS", 1e-12)
    assert taken("ab", 0, None)[1] == [repeating.FEWEST] * 2
