"""Receptive fields: which stretch of the input an output position depends on.

Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019
(https://distill.pub/2019/computing-receptive-fields), carried through fractional steps by `reach`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from cnncalc.graph.graph import Graph
from cnncalc.reach import IDENTITY, Ends, Reach, compose, join
from cnncalc.volume import Volume

Field = tuple[Reach, ...] | None
"""A reach to the input on every spatial axis; None once an axis is pooled or stretched away."""


class ReceptiveField(NamedTuple):
    """Size, effective stride and effective padding per spatial axis, in input pixels.

    `aligned` is false at a merge whose branches disagree in stride or in where they look; the
    largest stands. `centre` is the pixel on which position 0 is centred, counted from 0: position o
    is centred on centre + o·stride, on average where an upsampling makes positions differ.
    """

    size: tuple[int, ...]
    stride: tuple[Fraction, ...]
    padding: tuple[int, ...]
    centre: tuple[Fraction, ...]
    aligned: bool = True


def receptive_fields(graph: Graph) -> list[ReceptiveField | None]:
    """The receptive field of every node; None where it has none."""
    return [described(field, aligned) if field else None for field, aligned in _fields(graph)]


def reaches(graph: Graph) -> list[Field]:
    """The same, as which pixels each position reads."""
    return [field for field, _ in _fields(graph)]


def of_input(volume: Volume) -> tuple[Reach, ...]:
    """The field of a network's input: every pixel sees itself."""
    return (IDENTITY,) * volume.rank


def _fields(graph: Graph) -> list[tuple[Field, bool]]:
    """The field of every node, and whether what it reads is aligned."""
    inputs = [of_input(volume) for volume in graph.inputs.values()]
    sizes = {volume.spatial for volume in graph.inputs.values()}
    spatial = next(iter(sizes)) if len(sizes) == 1 else None
    fields: list[tuple[Field, bool]] = []
    for node in graph.nodes:
        read = tuple(fields[at][0] if at >= 0 else inputs[-1 - at] for at in node.inputs)
        aligned = True
        field = read[0]
        if len(read) > 1:
            axes = graph.volume(node.inputs[0]).spatial
            ends = tuple(map(Ends, spatial, axes)) if spatial and len(spatial) == len(axes) else ()
            field, aligned = _joined(read, ends)
        fields.append((_through(field, node.inferred.reach), aligned))
    return fields


@lru_cache(maxsize=1024)
def _joined(branches: tuple[Field, ...], ends: tuple[Ends, ...]) -> tuple[Field, bool]:
    known = [branch for branch in branches if branch is not None]
    if len(known) < len(branches) or len({len(branch) for branch in known}) > 1:
        return None, True
    each = ends or (None,) * len(known[0])
    joined = [join(axes, end) for axes, end in zip(zip(*known, strict=True), each, strict=True)]
    return tuple(reach for reach, _ in joined), all(aligned for _, aligned in joined)


def _through(field: Field, reach: tuple[Reach, ...] | None) -> Field:
    """A field seen through one more layer."""
    if field is None or reach is None:
        return None
    if not reach:
        return field
    composed = tuple(compose(inner, outer) for inner, outer in zip(field, reach, strict=True))
    return None if None in composed else composed  # type: ignore[return-value]


@lru_cache(maxsize=4096)
def described(field: tuple[Reach, ...], aligned: bool = True) -> ReceptiveField:
    """The field in numbers."""
    return ReceptiveField(
        tuple(reach.size for reach in field),
        tuple(reach.stride for reach in field),
        tuple(reach.padding for reach in field),
        tuple(reach.offset for reach in field),
        aligned,
    )
