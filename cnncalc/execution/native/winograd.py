"""Convolutions by Winograd's method: transformed weights, blocks of tiles, and the records that
make threads go through them.

For a block of tiles the input is transformed, multiplied with the transformed weights and
transformed back. Where there are tiles enough, each thread does so with blocks of its own and a
scratch memory that stays in its cache. Where there are few tiles, or weights too many to be read by
every thread, all threads go through one block together and wait for one another after each stage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cnncalc.execution.native.kernels.interpolation import FORMS, Form

Offsets = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Address = Callable[[str, str], int]
"""The address of a kernel: its family and its name."""


class Layer(NamedTuple):
    """A convolution of stride 1, dilation 1 and one group over two axes. `out` is (H, W) of the
    output, `planes` the planes that hold the input's channels."""

    form: Form
    lanes: int
    batch: int
    out: tuple[int, int]
    channels: int
    planes: int
    filters: int

    @property
    def overhang(self) -> tuple[int, int]:
        """Rows and columns that tiles reach beyond the padded input, at the lower and right end.
        They must be there to be read; what they hold has no influence, but must be finite."""
        height, width = self.out
        return -height % self.form.outputs, -width % self.form.outputs


class Blocks(NamedTuple):
    """How many blocks the tiles come in, all of about the same size, and whether all threads do
    each of them together."""

    number: int
    tiles: int
    """Of the largest block."""
    together: bool


class Place(NamedTuple):
    """A packed value in memory: the address of the first pixel of the first image in each plane;
    bytes from an image to the next, and from a row to the next."""

    planes: Sequence[int]
    image: int
    row: int


class Wiring(NamedTuple):
    """What a layer reads and writes, by address. Channel c of the input is in plane `plane_of[c]`,
    `within[c]` bytes behind the start of a pixel. `before` is the padding above and at the left.

    `ending` has the fields of a step that concern its end: `lower`, `upper`, `after`,
    `after_parameter`, `other_last`. `scratch` lies at a line of cache, as does `weights`.
    """

    input: Place
    plane_of: Offsets
    within: Offsets
    before: tuple[int, int]
    weights: int
    bias: int
    """A vector for each plane of the output."""
    output: Place
    other: Place | None
    ending: Mapping[str, int | float]
    scratch: int


class Tables:
    """Stands in for native.tables.Tables until that is there."""

    def words(self, values: npt.ArrayLike) -> int:
        raise NotImplementedError

    def keep(self, array: npt.NDArray[np.generic]) -> int:
        raise NotImplementedError


Step = tuple[int, tuple[int, ...]]
"""A function's address, and that of a record for each thread; 0 where it has nothing to do."""


def fitting(kernel: Sequence[int]) -> tuple[Form, ...]:
    """The forms for a kernel of so many rows and columns."""
    return tuple(form for form in FORMS if tuple(kernel) == (form.taps, form.taps))


def blocks(layer: Layer, threads: int) -> Blocks:
    """How a layer is cut into blocks."""
    raise NotImplementedError


def weight_bytes(layer: Layer) -> int:
    """What transformed weights take."""
    raise NotImplementedError


def scratch_bytes(layer: Layer, threads: int) -> int:
    """What all threads together need to put down between the stages."""
    raise NotImplementedError


def packed(layer: Layer, weight: npt.NDArray[np.floating], into: Floats) -> None:
    """Transform weight (F, F, C, K) and write it as the products read it: [n²][groups of output
    planes][C][planes of the group][lanes], `weight_bytes` in all."""


def steps(
    layer: Layer, wiring: Wiring, threads: int, address: Address, tables: Tables
) -> list[Step]:
    """What threads do for a layer, step by step with a barrier after each."""
    raise NotImplementedError
