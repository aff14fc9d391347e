"""Receptive fields: which stretch of the input an output position depends on.

Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019
(https://distill.pub/2019/computing-receptive-fields), carried through fractional steps by `reach`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from cnncalc.graph.graph import Graph
from cnncalc.reach import IDENTITY, Reach, compose, join
from cnncalc.volume import Volume

Field = tuple[Reach, ...] | None
"""A reach to the input on every spatial axis; None once an axis is pooled or stretched away."""


class ReceptiveField(NamedTuple):
    """Size, effective stride and effective padding per spatial axis, in input pixels.

    `aligned` is false at a merge whose branches disagree in stride or centre; the largest stands.
    """

    size: tuple[int, ...]
    stride: tuple[Fraction, ...]
    padding: tuple[int, ...]
    aligned: bool = True


def receptive_fields(graph: Graph) -> list[ReceptiveField | None]:
    """The receptive field of every node; None where it has none."""
    return [_described(field, aligned) if field else None for field, aligned in _fields(graph)]


def reaches(graph: Graph) -> list[Field]:
    """The same, as which pixels each position reads."""
    return [field for field, _ in _fields(graph)]


def of_input(volume: Volume) -> Field:
    """The field of a network's input: every pixel sees itself."""
    return (IDENTITY,) * volume.rank


def _fields(graph: Graph) -> list[tuple[Field, bool]]:
    """The field of every node, and whether what it reads is aligned."""
    inputs = [of_input(volume) for volume in graph.inputs.values()]
    fields: list[tuple[Field, bool]] = []
    for node in graph.nodes:
        read = tuple(fields[at][0] if at >= 0 else inputs[-1 - at] for at in node.inputs)
        aligned = True
        field = read[0]
        if len(read) > 1:
            field, aligned = _joined(read)
        fields.append((_through(field, node.inferred.reach), aligned))
    return fields


@lru_cache(maxsize=1024)
def _joined(branches: tuple[Field, ...]) -> tuple[Field, bool]:
    known = [branch for branch in branches if branch is not None]
    if len(known) < len(branches) or len({len(branch) for branch in known}) > 1:
        return None, True
    joined = [join(axes) for axes in zip(*known, strict=True)]
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
def _described(field: tuple[Reach, ...], aligned: bool) -> ReceptiveField:
    return ReceptiveField(
        tuple(reach.size for reach in field),
        tuple(reach.stride for reach in field),
        tuple(reach.padding for reach in field),
        aligned,
    )
