"""Which of several algorithms a task is carried out by: the fastest here, measured once and then
remembered for this kind of processor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np

from cnncalc.execution import cache
from cnncalc.execution.backend import Choice
from cnncalc.execution.medians import interval
from cnncalc.execution.native.crew import Crew
from cnncalc.execution.native.library import sources
from cnncalc.execution.native.making import Made, Making, listed

PAIRS = 4
"""As many pairs of runs, one of either candidate, as can tell which is faster."""
CONFIDENCE = 0.85
"""What that is told with: all of so few pairs, and most of more, say the same."""
ENOUGH_SECONDS = 0.3
MOST_PAIRS = 30
"""So long two candidates are compared at most: what is not clear by then makes no difference."""
HOPELESS = 3
"""A candidate that takes so many times as long as the best at its first try is given up. That try
also takes what memory costs that is used for the first time, so it must be much more."""
SMALL_MACS = 500_000
"""Below this many multiply-accumulates what is usual is taken: there is little to gain."""
CLEARLY = 0.9
"""Part of the usual one's time that another must stay below: others use the machine too."""
WEIGHTY_BYTES = 1 << 20
"""Weights from which on caches are emptied before each run, as other layers empty them."""
EMPTYING_BYTES = 1 << 26

MEMORY = "choices"
"""The name of what is remembered in the cache."""

Candidate = Callable[[Making], Made]


class Choosing:
    """Chooses for one program, on its crew's threads."""

    def __init__(self, making: Making, crew: Crew) -> None:
        self.making = making
        self.crew = crew
        self._news: dict[str, Choice] = {}

    @cached_property
    def _known(self) -> dict[str, Any]:
        return cache.read(MEMORY)

    def best(
        self,
        task: str,
        macs: int,
        candidates: Mapping[str, Candidate],
        usual: str,
        weight_bytes: int,
    ) -> Made:
        """The task made ready by the fastest candidate. `task` says all that its time depends on;
        `usual` is the candidate to take unless another one is clearly faster."""
        if len(candidates) == 1 or macs < SMALL_MACS:
            return candidates[usual](self.making)
        key = f"{self._here}: {task}"
        choice = self._news.get(key) or _choice(self._known.get(key))
        if choice is not None and choice.algorithm in candidates:
            return candidates[choice.algorithm](self.making)._replace(choice=choice)
        made = {name: self._apart(candidate) for name, candidate in candidates.items()}
        fastest, seconds = self._measured(
            {name: steps for name, (_, steps) in made.items()},
            usual,
            weight_bytes > WEIGHTY_BYTES,
        )
        self._news[key] = choice = Choice(fastest, seconds, datetime.now(UTC).date().isoformat())
        own, best = made[fastest]
        self.making.tables.adopt(own.tables)
        return best._replace(choice=choice)

    def remember(self) -> None:
        """Store what was measured, beside what others have stored meanwhile."""
        if self._news:
            news = {key: choice._asdict() for key, choice in self._news.items()}
            cache.change(MEMORY, lambda known: known | news)

    @cached_property
    def _others(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Memory that fills the caches with what nobody needs."""
        return np.ones(EMPTYING_BYTES // 8, np.int64)

    @cached_property
    def _here(self) -> str:
        host = self.making.library.host
        return f"{host.kind}, {self.making.threads} threads, {sources()[:8]}"

    def _apart(self, candidate: Candidate) -> tuple[Making, Made]:
        """A candidate with tables of its own: those of the others are given up."""
        own = self.making.apart()
        made = candidate(own)
        own.complete()
        return own, made

    def _measured(
        self, made: Mapping[str, Made], usual: str, empty: bool
    ) -> tuple[str, dict[str, float]]:
        """The one to take, and the seconds of each: the least of all runs."""
        ready = {name: (listed(one.steps), len(one.steps)) for name, one in made.items()}
        longest = max(count for _, count in ready.values())
        clock = np.zeros(1 + longest, np.int64)

        def seconds(name: str) -> float:
            steps, count = ready[name]
            if empty:
                self._others.sum()
            start = perf_counter()
            self.crew.run(steps.ctypes.data, count, clock.ctypes.data)
            return perf_counter() - start

        # The first try also fetches from memory what no cache has yet.
        least = {name: seconds(name) for name in ready}
        limit = HOPELESS * min(least.values())
        best = usual
        for name in [name for name in ready if name != usual and least[name] <= limit]:
            ratios: list[float] = []
            spent = 0.0
            while not _is_clear(ratios, spent):
                pair = seconds(usual), seconds(name)
                ratios.append(pair[1] / max(pair[0], 1e-9))
                spent += sum(pair)
                least[usual] = min(least[usual], pair[0])
                least[name] = min(least[name], pair[1])
            if _faster(ratios) and (best == usual or least[name] < least[best]):
                best = name
        return best, {name: float(f"{took:.3g}") for name, took in least.items()}


def _faster(ratios: Sequence[float]) -> bool:
    """Whether all that ratios say is that the second of a pair is clearly faster."""
    told = interval(ratios, CONFIDENCE)
    return (ratios[0] if told is None else told.high) < CLEARLY


def _is_clear(ratios: Sequence[float], spent: float) -> bool:
    """Whether more pairs would tell no more."""
    if spent > ENOUGH_SECONDS or len(ratios) >= MOST_PAIRS:
        return True
    told = interval(ratios, CONFIDENCE) if len(ratios) >= PAIRS else None
    return told is not None and (told.high < CLEARLY or told.low > CLEARLY)


def _choice(stored: object) -> Choice | None:
    """What was remembered, None where it is damaged."""
    if not isinstance(stored, dict) or stored.keys() != set(Choice._fields):
        return None
    algorithm, seconds, measured = (stored[field] for field in Choice._fields)
    well = (
        isinstance(algorithm, str)
        and isinstance(measured, str)
        and isinstance(seconds, dict)
        and all(isinstance(took, float) for took in seconds.values())
    )
    return Choice(algorithm, seconds, measured) if well else None
