"""How a network was carried out: the steps in order, what each computes, and where results lie.

Plain data, made by `execution`.
"""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """Where a step's result lies in the memory that results take turns in: bytes from its start,
    and how many, halos and unused lanes included. It is needed until step `until` is done."""

    offset: int
    bytes: int
    until: int

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.offset + self.bytes


class PlanStep(NamedTuple):
    """Step `number`, counted from 1, which computes `layers`; the first of them shows its time.

    `algorithm` is a word or two, empty where nothing is computed because the layers are only
    declared; `how` is a few words more. `reads` are the steps whose results it takes, `inputs` the
    network's inputs that it takes. `place` is None where a step makes no numbers of its own, or its
    backend does not plan where they lie. `numbers` are the bytes of the result's numbers alone.
    `tried` are the seconds of the algorithms that this one was chosen among, by a measurement on
    the day `measured`.
    """

    number: int
    layers: tuple[str, ...]
    algorithm: str
    how: str
    reads: tuple[int, ...]
    inputs: tuple[str, ...]
    place: Place | None
    numbers: int
    tried: dict[str, float] = {}
    measured: str = ""


class ExecutionPlan(NamedTuple):
    """All steps in the order in which they run."""

    steps: tuple[PlanStep, ...]

    @property
    def layers(self) -> int:
        """How many layers the steps compute."""
        return len({name for step in self.steps for name in step.layers})

    @property
    def fused(self) -> int:
        """How many of them are computed in the step of another layer."""
        return self.layers - len({step.layers[0] for step in self.steps})

    @property
    def placed(self) -> int:
        """The steps whose results have a place."""
        return sum(step.place is not None for step in self.steps)

    @property
    def apart_bytes(self) -> int:
        """What all results would take if each had a place of its own."""
        return sum(step.place.bytes for step in self.steps if step.place is not None)

    @property
    def shared_bytes(self) -> int:
        """What they take in turns: every byte that one of them lies in, once."""
        taken = reached = 0
        places = [step.place for step in self.steps if step.place is not None]
        for place in sorted(places):
            taken += max(place.end - max(place.offset, reached), 0)
            reached = max(place.end, reached)
        return taken

    @property
    def padding_bytes(self) -> int:
        """What halos and unused lanes have of `apart_bytes`."""
        return self.apart_bytes - sum(
            step.numbers for step in self.steps if step.place is not None
        )  # fmt: skip
