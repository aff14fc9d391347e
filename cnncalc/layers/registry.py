"""Every kind of the language by every name it answers to."""

from __future__ import annotations

import re
from functools import lru_cache
from types import ModuleType
from typing import NamedTuple

from cnncalc.layers import (
    activation,
    convolution,
    dense,
    merge,
    normalization,
    plain,
    pooling,
    recurrent,
    regularization,
    reshape,
    resize,
    sequence,
)
from cnncalc.layers.base import Layer

FAMILIES = (
    convolution,
    dense,
    pooling,
    normalization,
    activation,
    merge,
    reshape,
    resize,
    sequence,
    recurrent,
    regularization,
    plain,
)
"""The modules kinds live in, in the order of the manual."""

KINDS: dict[str, type[Layer]] = {
    thing.kind: thing
    for family in FAMILIES
    for thing in vars(family).values()
    if isinstance(thing, type) and issubclass(thing, Layer) and vars(thing).get("kind")
}


def of_family(family: ModuleType) -> tuple[str, ...]:
    """The kinds of a module."""
    return tuple(kind for kind, layer in KINDS.items() if layer.__module__ == family.__name__)


SEQUENTIAL = "sequential"
"""A group of items, spelled like a kind."""

SPLIT = "split"
"""Parts of the channels, each a `slice` with a name, spelled like a kind."""

NO_LAYERS = (SEQUENTIAL, SPLIT)
"""What is spelled like a kind and is no layer itself."""

_DIMENSIONS = re.compile(r"(?<=[a-z])([123])d")


class NamedKind(NamedTuple):
    """A kind, and the number of spatial axes that the name it was called by asks for."""

    kind: str
    rank: int | None


def _folded(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def without_dimensions(name: str) -> str:
    """A name as it is looked up: in small letters, without separators and 1d/2d/3d."""
    return _DIMENSIONS.sub("", _folded(name))


_BY_FOLDED_NAME = {
    without_dimensions(name): kind
    for kind, layer in KINDS.items()
    for name in (kind, *layer.aliases)
} | {name: name for name in NO_LAYERS}


@lru_cache(maxsize=1024)
def find(name: str) -> NamedKind | None:
    """The kind that a name means, case, underscores and a 1d/2d/3d aside."""
    folded = _folded(name)
    dimensions = _DIMENSIONS.findall(folded)
    kind = _BY_FOLDED_NAME.get(without_dimensions(name))
    if kind is None or len(dimensions) > 1:
        return None
    return NamedKind(kind, int(dimensions[0]) if dimensions else None)
