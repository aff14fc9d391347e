"""The roofline: the least time that arithmetic and memory leave a layer, and which of them it is.

After Williams, Waterman & Patterson, Roofline: An Insightful Visual Performance Model, CACM 2009.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Limits(NamedTuple):
    """What a machine can do, measured: FLOP/s of float32, and bytes read from memory a second."""

    flops_per_second: float
    bytes_per_second: float

    @property
    def balance(self) -> float:
        """FLOPs for each byte at which both take equally long."""
        return self.flops_per_second / self.bytes_per_second


class Bound(StrEnum):
    """What takes longer."""

    MEMORY = "memory"
    COMPUTE = "compute"
    MIXED = "mixed"
    """Layers taken together, some bound by the one and some by the other."""


class Roof(NamedTuple):
    """A layer's place under the roofline, for the whole batch.

    `bytes` are those of what it reads, learned arrays included, and of what it writes, each once.
    `predicted` is max(FLOPs/peak, bytes/bandwidth) in seconds. `bound` is None, and `predicted` 0,
    where there is nothing to do: a dropout passes its input on.
    """

    flops: int
    bytes: int
    predicted: float
    bound: Bound | None

    @property
    def intensity(self) -> float | None:
        """FLOPs for each byte."""
        return self.flops / self.bytes if self.bytes else None


class Roofline(NamedTuple):
    """A network under the roofline. `predicted` is the sum over its layers, in seconds; of the
    `layers` that have something to do so many are bound by memory, and `memory_share` is what
    they have of the measured time of all layers."""

    limits: Limits
    predicted: float
    layers: int
    memory_layers: int
    memory_share: float


def roof(flops: int, bytes: int, limits: Limits) -> Roof:
    """The place of a layer of so many FLOPs and bytes."""
    computing = flops / limits.flops_per_second
    moving = bytes / limits.bytes_per_second
    bound = Bound.MEMORY if moving > computing else Bound.COMPUTE
    return Roof(flops, bytes, max(computing, moving), bound if flops or bytes else None)


def joined(roofs: Iterable[Roof]) -> Roof | None:
    """Layers one after the other, as one; None for none."""
    roofs = list(roofs)
    if not roofs:
        return None
    bounds = {roof.bound for roof in roofs} - {None}
    return Roof(
        sum(roof.flops for roof in roofs),
        sum(roof.bytes for roof in roofs),
        sum(roof.predicted for roof in roofs),
        Bound.MIXED if len(bounds) > 1 else next(iter(bounds), None),
    )


def roofline(layers: Iterable[tuple[Roof, float]], limits: Limits) -> Roofline:
    """A network of layers, each with the seconds that it took."""
    layers = list(layers)
    busy = [(roof, seconds) for roof, seconds in layers if roof.bound is not None]
    held_up = [seconds for roof, seconds in busy if roof.bound is Bound.MEMORY]
    whole = sum(seconds for _, seconds in layers)
    return Roofline(
        limits,
        predicted=sum(roof.predicted for roof, _ in layers),
        layers=len(busy),
        memory_layers=len(held_up),
        memory_share=sum(held_up) / whole if whole else 0.0,
    )
