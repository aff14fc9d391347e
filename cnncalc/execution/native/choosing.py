"""Which of several algorithms a task is carried out by: the fastest here, measured once and then
remembered for this kind of processor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from time import perf_counter

import numpy as np

from cnncalc.execution import cache
from cnncalc.execution.native.crew import Crew
from cnncalc.execution.native.library import sources
from cnncalc.execution.native.making import Made, Making, listed

ENOUGH_SECONDS = 0.006
"""What one candidate's measurement takes at least."""
ROUNDS = 3
"""Rounds of a measurement, at least; one alone where it takes long."""
LONG_SECONDS = 0.05
HOPELESS = 3
"""A candidate that takes so many times as long as the best at its first try is given up. That try
also takes what memory costs that is used for the first time, so it must be much more."""
SMALL_MACS = 500_000
"""Below this many multiply-accumulates what is usual is taken: there is little to gain."""
CLEARLY = 0.9
"""Part of the usual one's time that another must stay below: others use the machine too."""
WEIGHTY_BYTES = 1 << 20
"""Weights from which on caches are emptied before each round, as other layers empty them."""
EMPTYING_BYTES = 1 << 26

MEMORY = "choices"
"""The name of what is remembered in the cache."""
MOST = 20_000
"""So many tasks are remembered, the last ones."""

Candidate = Callable[[Making], Made]


class Choosing:
    """Chooses for one program, on its crew's threads."""

    def __init__(self, making: Making, crew: Crew) -> None:
        self.making = making
        self.crew = crew
        self._news: dict[str, str] = {}

    @cached_property
    def _known(self) -> dict[str, str]:
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
        name = self._news.get(key) or self._known.get(key)
        if isinstance(name, str) and name in candidates:
            return candidates[name](self.making)
        made = {name: self._apart(candidate) for name, candidate in candidates.items()}
        times = self._measured(
            {name: steps for name, (_, steps) in made.items()},
            usual,
            weight_bytes > WEIGHTY_BYTES,
        )
        times[usual] *= CLEARLY
        self._news[key] = fastest = min(times, key=lambda name: times[name])
        own, best = made[fastest]
        self.making.tables.adopt(own.tables)
        return best

    def remember(self) -> None:
        """Store what was measured, beside what others have stored meanwhile."""
        if self._news:
            cache.change(MEMORY, lambda known: dict([*known.items(), *self._news.items()][-MOST:]))

    @cached_property
    def _others(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Memory that fills the caches with what nobody needs."""
        return np.ones(EMPTYING_BYTES // 8, np.int64)

    @cached_property
    def _here(self) -> str:
        host = self.making.library.host
        return f"{host.cpu}, {host.lanes} lanes, {self.making.threads} threads, {sources()[:8]}"

    def _apart(self, candidate: Candidate) -> tuple[Making, Made]:
        """A candidate with tables of its own: those of the others are given up."""
        own = self.making.apart()
        made = candidate(own)
        own.complete()
        return own, made

    def _measured(self, made: Mapping[str, Made], usual: str, empty: bool) -> dict[str, float]:
        """Seconds of each: the best of several rounds, in which all take turns."""
        ready = {name: (listed(one.steps), len(one.steps)) for name, one in made.items()}
        longest = max(count for _, count in ready.values())
        clock = np.zeros(1 + longest, np.int64)

        def seconds(name: str) -> float:
            steps, count = ready[name]
            start = perf_counter()
            self.crew.run(steps.ctypes.data, count, clock.ctypes.data)
            return perf_counter() - start

        # The first try also fetches from memory what no cache has yet.
        tried = {name: seconds(name) for name in ready}
        limit = HOPELESS * min(tried.values())
        running = [name for name, time in tried.items() if time <= limit or name == usual]
        best = {name: float("inf") for name in running}
        rounds, spent = 0, 0.0
        while len(running) > 1 and _goes_on(rounds, spent / len(running)):
            for name in running:
                if empty:
                    self._others.sum()
                time = seconds(name)
                best[name] = min(best[name], time)
                spent += time
            rounds += 1
        return best


def _goes_on(rounds: int, seconds: float) -> bool:
    if seconds > LONG_SECONDS:
        return False
    return rounds < ROUNDS or seconds < ENOUGH_SECONDS
