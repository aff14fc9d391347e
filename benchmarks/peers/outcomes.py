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


class Burst(NamedTuple):
    """A contender's part of a round: the seconds of each run, the processor seconds of one in the
    mean, the cores it kept busy, the processor seconds that it took since its last burst, and the
    cores that others kept busy meanwhile, where the system tells."""

    times: list[float]
    processor: float
    cores: float
    idle: float
    others: float | None


class Measured(NamedTuple):
    """A contender in one setting. `ready` are the seconds until its first run was over."""

    contender: Contender
    bursts: list[Burst]
    ready: float
    facts: dict[str, str]
    deviations: dict[str, float]
    """max|d|/max|y| from the outputs of other contenders, by their names."""

    @property
    def medians(self) -> list[float]:
        """Of each round."""
        return [statistics.median(burst.times) for burst in self.bursts]

    @property
    def seconds(self) -> Ratio:
        """Over all runs."""
        return tenths([time for burst in self.bursts for time in burst.times])

    @property
    def processor(self) -> float:
        """Processor seconds of a run."""
        return statistics.median(burst.processor for burst in self.bursts)

    @property
    def cores(self) -> float:
        return statistics.median(burst.cores for burst in self.bursts)

    @property
    def idle(self) -> float:
        """Processor seconds between two bursts."""
        return statistics.median(burst.idle for burst in self.bursts)


class Outcome(NamedTuple):
    """One setting. `faults` are those who could not, and why."""

    setting: Setting
    measured: dict[str, Measured]
    faults: dict[str, str]

    @property
    def best(self) -> Measured | None:
        """The fastest peer in fp32."""
        return min(self.peers, key=lambda peer: peer.seconds.median, default=None)

    @property
    def peers(self) -> list[Measured]:
        """Those in fp32."""
        return [m for m in self.measured.values() if m.contender.fp32 and m is not self.own]

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
    def processor_ratio(self) -> float | None:
        """The same in processor time, where another peer may be the best."""
        if self.own is None or not self.peers:
            return None
        return self.own.processor / min(peer.processor for peer in self.peers)

    @property
    def others(self) -> float | None:
        """Cores that others kept busy in the middle burst."""
        bursts = (burst for measured in self.measured.values() for burst in measured.bursts)
        known = [burst.others for burst in bursts if burst.others is not None]
        return statistics.median(known) if known else None

    @property
    def target(self) -> Target:
        return TARGETS.get(self.setting.network, ANY_OTHER)
