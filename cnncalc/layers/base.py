"""What a layer is: options in, a volume and its arrays out. Simple layers say only how they differ.

A kind is one class. Its fields are its options; `infer` is its arithmetic; its docstring is its
page in the manual: a first sentence, then lines `Output:`, `Weights:`, `Biases:`, `State:`,
`MACs:`, `FLOPs:` and worked `Example:` lines, which a test runs.
Nothing here knows files, graphs or costs beyond one layer.
"""

from collections.abc import Iterator
from enum import StrEnum
from math import prod
from types import NoneType
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from cnncalc.diagnostics import Problem
from cnncalc.geometry import Rounding, Window
from cnncalc.reach import Reach
from cnncalc.volume import Volume

RoundingPerAxis = tuple[Rounding, ...]
"""What a misfit means on each spatial axis where a layer says nothing: three entries."""


class Role(StrEnum):
    WEIGHTS = "weights"
    BIASES = "biases"
    STATE = "state"
    """Kept with the weights but not learned, such as batch-norm's running mean."""


class Tensor(NamedTuple):
    """An array that belongs to a layer. Kernel shapes are (*F, channels in, channels out)."""

    name: str
    role: Role
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return prod(self.shape)


class Inferred(NamedTuple):
    """What follows for one layer from its options and its input volumes.

    `macs` are multiply-accumulates for one image; `operations` every other operation: bias
    additions and element-wise work. FLOPs are 2·macs + operations.
    `reach` says per spatial axis which inputs an output reads: `()` each its own, None all.
    `dropped` counts the input pixels at the end of each axis that rounding down left unread;
    `rounded` is how a stride that did not fit was rounded.
    """

    output: Volume
    tensors: tuple[Tensor, ...] = ()
    macs: int = 0
    operations: int = 0
    reach: tuple[Reach, ...] | None = ()
    windows: tuple[Window, ...] = ()
    dropped: tuple[int, ...] = ()
    rounded: Rounding | None = None
    declared: bool = False

    def count(self, role: Role) -> int:
        """Number of elements of the tensors with this role."""
        return sum(tensor.size for tensor in self.tensors if tensor.role is role)


class Change(NamedTuple):
    """Other values for one option, nearest first, in one direction."""

    option: str
    values: Iterator[Any]


class Layer(BaseModel):
    """A layer with one input. Subclasses that set `kind` are kinds of the language."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        defer_build=True,
        # What a kind says of itself: pydantic would evaluate its annotations anew for every kind,
        # a good part of the time that importing the kinds takes. So the types stand in comments.
        ignored_types=(str, bool, int, tuple, NoneType),
    )

    kind = ""  # type: str
    """Empty where a class is what several kinds share."""
    main = None  # type: str | None
    """The option that a bare value after the kind means."""
    also = ()  # type: tuple[str, ...]
    """PyTorch's and Keras' class names, without 1d/2d/3d."""
    merges = False  # type: bool
    """Takes a list of branches rather than one volume."""
    vectors_have_rank_one = False  # type: bool
    """PyTorch's 1d class takes vectors as well."""
    cancels_bias = False  # type: bool
    """Subtracts each channel's mean, and with it any bias added right before."""

    @property
    def biases_channels(self) -> bool:
        """Whether the layer ends by adding one learned number to each channel."""
        return False

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        """The output volume, arrays and costs. Raises `Problem` naming an option."""
        raise NotImplementedError

    def alternatives(self, inputs: tuple[Volume, ...]) -> Iterator[Change]:
        """Changes to single options after which this layer alone would fit."""
        return iter(())


def axis_names(rank: int) -> tuple[str, ...]:
    """What the spatial axes are called, in the order of a volume."""
    return {1: ("width",), 2: ("height", "width"), 3: ("depth", "height", "width")}[rank]


def need_spatial(layer: Layer, volume: Volume) -> None:
    """Raises `Problem` for a vector."""
    if volume.rank == 0:
        raise Problem(
            "rank-mismatch",
            f"{layer.kind} needs spatial axes, and its input {volume} is a vector",
        )


def learned(
    weights: tuple[int, ...] | None, biases: tuple[int, ...] | None = None
) -> tuple[Tensor, ...]:
    """The usual pair of arrays, either left out where None."""
    pair = []
    if weights is not None:
        pair.append(Tensor("weight", Role.WEIGHTS, weights))
    if biases is not None:
        pair.append(Tensor("bias", Role.BIASES, biases))
    return tuple(pair)
