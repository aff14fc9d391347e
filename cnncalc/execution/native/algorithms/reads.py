"""What positions of an output read of an input: where each begins, and its taps from there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import product
from typing import ClassVar

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.schedule.layout import Offsets, Packed
from cnncalc.execution.native.stamps import Residue
from cnncalc.geometry import Window


class Reads(ABC):
    """The same taps for all positions, and of each tap the channels of the filter's group."""

    groups: int = 1
    slides: ClassVar[bool] = True
    """Whether neighbouring positions read the same, so that planes are best read one by one."""

    @property
    def row(self) -> Window | None:
        """The window along the last axis, where a position reads one."""
        return None

    @abstractmethod
    def taps(self, value: Packed) -> Offsets:
        """Where each tap lies, from where a position begins."""

    @abstractmethod
    def starts(self, value: Packed, spatial: Sequence[int]) -> Offsets:
        """Where each position of an output of these axes begins in the input's planes."""


class WholeVolumes(Reads):
    """Every pixel of an image."""

    slides = False

    def taps(self, value: Packed) -> Offsets:
        each = len(value.positions) // value.grid.batch
        found: Offsets = value.positions[:each] - value.positions[0]
        return found

    def starts(self, value: Packed, spatial: Sequence[int]) -> Offsets:
        return value.positions.reshape(value.grid.batch, -1)[:, 0]


class Windows(Reads):
    """The pixels under a window, its halo included."""

    def __init__(self, windows: Sequence[Window], groups: int = 1) -> None:
        self.windows = windows
        self.groups = groups

    @property
    def row(self) -> Window:
        return self.windows[-1]

    def taps(self, value: Packed) -> Offsets:
        if value.spatial != value.grid.spatial:
            # A volume read as one position: nothing is under a window but that.
            return np.zeros(1, np.int64)
        return _offsets(value, [range(0, w.effective, w.dilation) for w in self.windows])

    def starts(self, value: Packed, spatial: Sequence[int]) -> Offsets:
        if value.spatial != value.grid.spatial:
            return value.positions
        windows = zip(self.windows, spatial, strict=True)
        return value.grid.places([np.arange(n) * w.stride - w.before for w, n in windows])


class Stamps(Reads):
    """The pixels whose stamps reach positions of one remainder along each axis."""

    def __init__(self, residues: Sequence[Residue], groups: int) -> None:
        self.residues = residues
        self.groups = groups

    def taps(self, value: Packed) -> Offsets:
        return _offsets(value, [residue.steps for residue in self.residues])

    def starts(self, value: Packed, spatial: Sequence[int]) -> Offsets:
        return value.grid.places([r.begin + np.arange(len(r.positions)) for r in self.residues])


def of(o: op.Convolution | op.TableConvolution | op.Product) -> Reads:
    """What positions of a convolution or a dense layer read."""
    match o:
        case op.Convolution():
            return Windows(o.windows, o.groups)
        case op.TableConvolution():
            return Windows(o.windows)
        case op.Product():
            return WholeVolumes()


def _offsets(value: Packed, taps: Sequence[Sequence[int]]) -> Offsets:
    """Bytes for each combination of steps along the axes, in pixels."""
    axes = zip(taps, value.grid.strides, strict=True)
    along = [[step * stride for step in axis] for axis, stride in axes]
    return np.array([sum(steps) for steps in product(*along)], np.int64)
