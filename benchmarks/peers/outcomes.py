"""What was measured in one setting, and what follows: the best peer, the ratio, the target."""

from __future__ import annotations

import statistics
from typing import NamedTuple

from measuring import Ratio, ratio, tenths

from peers.contenders import CNNCALC, Contender, Setting


class Target(NamedTuple):
    """What cnncalc's time over the best peer's is to be."""

    limit: float
    inclusive: bool = True

    def met(self, found: float) -> bool:
        return found <= self.limit if self.inclusive else found < self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.inclusive else '<'} {self.limit:.2f}"


TARGETS = {
    "alexnet": Target(0.85),
    "vgg16": Target(0.55),
    "resnet18": Target(0.70),
    "resnet50": Target(0.90),
    "mobilenet_v2": Target(0.85),
    "squeezenet1_0": Target(0.75),
}
ANY_OTHER = Target(1.0, inclusive=False)


class Measured(NamedTuple):
    """A contender in one setting. `bursts` are the seconds of each run, a list a round; `ready`
    the seconds until its first run was over; `cores` how many it kept busy, `idle` the processor
    seconds it took in all while others ran."""

    contender: Contender
    bursts: list[list[float]]
    ready: float
    facts: dict[str, str]
    cores: float
    idle: float
    deviations: dict[str, float]
    """max|d|/max|y| from the outputs of other contenders, by their names."""

    @property
    def medians(self) -> list[float]:
        """Of each round."""
        return [statistics.median(times) for times in self.bursts]

    @property
    def seconds(self) -> Ratio:
        """Over all runs."""
        return tenths([time for times in self.bursts for time in times])


class Outcome(NamedTuple):
    """One setting. `faults` are those who could not, and why."""

    setting: Setting
    measured: dict[str, Measured]
    faults: dict[str, str]

    @property
    def best(self) -> Measured | None:
        """The fastest peer in fp32."""
        peers = [m for m in self.measured.values() if m.contender.fp32 and m is not self.own]
        return min(peers, key=lambda m: m.seconds.median, default=None)

    @property
    def own(self) -> Measured | None:
        return self.measured.get(CNNCALC)

    @property
    def ratio(self) -> Ratio | None:
        """cnncalc's time over that of the best peer, round by round."""
        if self.own is None or self.best is None:
            return None
        return ratio(self.own.medians, self.best.medians, tenths)

    @property
    def target(self) -> Target:
        return TARGETS.get(self.setting.network, ANY_OTHER)
