"""Changes to the branches of a merge after which their volumes meet: other paddings, kernels and
strides of the layers nearest to it, a crop, a projection. What is proposed here meets; whether the
network fits with it is for the search to try.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cnncalc.checks.places import Number, Place, compact, places_of
from cnncalc.diagnostics import RuleError
from cnncalc.graph.graph import FailedLayer, Graph, ValueRef
from cnncalc.graph.overrides import Overrides
from cnncalc.language.expressions import Value
from cnncalc.language.model import Branch, LayerItem
from cnncalc.language.parser import parse
from cnncalc.layers.base import InvalidOptions, Layer
from cnncalc.layers.options import shown
from cnncalc.volume import NoVolume, Volume
from cnncalc.yaml.source import Source

MOST_PLACES = 12
"""Items of the branches that are looked at, the nearest to the merge first."""

FARTHEST = {"padding": 4, "kernel": 4, "stride": 2}
"""By how many pixels an option is moved at most."""

WIDTHS = ("filters", "units")
"""Options that are the number of channels."""


MOST_WORK = 50_000
"""Layers that may be looked at or run again over all findings of a network."""


class Work:
    """What may still be done for the findings of one network."""

    def __init__(self) -> None:
        self.left = MOST_WORK


class Meeting(NamedTuple):
    """A change after which the branches meet, in words, and the overrides that make it."""

    option: str
    words: str
    overrides: Overrides


def changed_layers(
    graph: Graph, fault: FailedLayer, overrides: Overrides, work: Work
) -> Iterator[Meeting]:
    """Other values for one option of one layer, those of the nearest layer first."""
    work.left -= len(graph.nodes) // 4
    if work.left <= 0:
        return
    axes = _differing_axes(fault.inputs)
    for place in _nearest_places(graph, fault):
        name, times = graph.nodes[place.indices[0]].name, len(place.indices)
        where = name if times == 1 else f"{name} ({times} layers)"
        for option, value in _values(place, axes, fault.inputs):
            if work.left <= 0:
                return
            changed = place.changed({option: value})
            if changed is not None and _meets(graph, fault, changed, work):
                patches: dict[int | str, dict[str, Value]] = {id(place.item): {option: value}}
                words = f"`{option}: {shown(value)}` in {where}"
                yield Meeting(option, words, overrides._replace(patches=patches))


def added_layers(fault: FailedLayer, overrides: Overrides) -> Iterator[Meeting]:
    """A layer more at the end of one branch: a crop, a projection, an upsampling."""
    item = fault.item
    if item is None or item.branches is None or len(item.branches) != len(fault.points):
        return
    if any(branch.when is not None for branch in item.branches):
        return
    for number, branch in enumerate(item.branches):
        others = {v for i, v in enumerate(fault.inputs) if i != number}
        if len(others) != 1:
            continue
        for first, *rest in _bridges(fault.inputs[number], *others, bare=not branch.items):
            reference = f"from: {branch.reference.text}, " if branch.reference else ""
            source = ", ".join(f"{{{layer}}}" for layer in (reference + first, *rest))
            ended = Branch(branch.node, (*branch.items, *_items(source)))
            branches = (*item.branches[:number], ended, *item.branches[number + 1 :])
            place = f"branch {number + 1}"
            words = (
                f"`{source}` at the end of {place}"
                if branch.items
                else (f"`[{source}]` as {place}")
            )
            yield Meeting("added", words, overrides._replace(branches={id(item): branches}))


def _items(text: str) -> tuple[LayerItem, ...]:
    return parse(Source("<help>", f"input: 1\nlayers: [{text}]\n"))[0].layers


def _bridges(own: Volume, other: Volume, *, bare: bool) -> Iterator[list[str]]:
    """Layers that may make a volume the other one. `bare`: nothing is computed on the branch, so
    that it may be a projection."""
    if own.rank != other.rank or own.rank == 0:
        return
    pairs = list(zip(own.spatial, other.spatial, strict=True))
    surplus = [mine - theirs for mine, theirs in pairs]
    cut = f"crop: {shown(_ends(surplus))}"
    projected = f"conv: {{filters: {other.channels}, kernel: 1}}"
    if all(0 <= more < theirs for more, (_, theirs) in zip(surplus, pairs, strict=True)):
        if any(surplus):
            yield [cut]
        if bare and own.channels != other.channels:
            yield [cut, projected] if any(surplus) else [projected]
    strides = [-(-mine // theirs) for mine, theirs in pairs]
    if bare and min(strides) > 1:
        stride = shown(compact(strides))
        for kernel in ("1", stride):
            yield [f"conv: {{filters: {other.channels}, kernel: {kernel}, stride: {stride}}}"]
    scales = [theirs // mine for mine, theirs in pairs]
    if min(scales) > 1:
        yield [f"upsample: {shown(compact(scales))}"]


def _ends(surplus: list[int]) -> Value:
    """What is cut off before and after each axis, the odd pixel at the end."""
    ends = [(more // 2, more - more // 2) for more in surplus]
    if all(before == after for before, after in ends):
        return compact(before for before, _ in ends)
    return tuple(ends)


def _differing_axes(volumes: tuple[Volume, ...]) -> list[int]:
    """Spatial axes along which volumes of as many axes differ."""
    if len({volume.rank for volume in volumes}) > 1:
        return []
    lengths = zip(*(volume.spatial for volume in volumes), strict=True)
    return [axis for axis, sides in enumerate(lengths) if len(set(sides)) > 1]


def _nearest_places(graph: Graph, fault: FailedLayer) -> list[Place]:
    """The items that made the branches, without those that all of them have in common, the nearest
    to the merge first."""
    above = [_ancestors(graph, point) for point in fault.points]
    common = set.intersection(*above) if above else set()
    places = places_of(graph)
    nearest: dict[int, Place] = {}
    level = [point for point in fault.points if point >= 0]
    seen: set[ValueRef] = set()
    while level and len(nearest) < MOST_PLACES:
        waiting: list[ValueRef] = []
        for point in level:
            if point in seen or point < 0 or point in common:
                continue
            seen.add(point)
            place = places[id(graph.nodes[point].item)]
            if place.tunable or _width(place.layer):
                nearest.setdefault(id(place.item), place)
            waiting.extend(graph.nodes[point].inputs)
        level = waiting
    return list(nearest.values())[:MOST_PLACES]


def _ancestors(graph: Graph, point: ValueRef) -> set[ValueRef]:
    found: set[ValueRef] = set()
    waiting = [point]
    while waiting:
        point = waiting.pop()
        if point >= 0 and point not in found:
            found.add(point)
            waiting.extend(graph.nodes[point].inputs)
    return found


def _width(layer: Layer) -> str | None:
    return next((option for option in WIDTHS if option in layer.options), None)


def _values(
    place: Place, axes: list[int], volumes: tuple[Volume, ...]
) -> Iterator[tuple[str, Value]]:
    """Options of a place with other values, the smallest changes first."""
    if not axes:
        if (option := _width(place.layer)) is not None:
            for channels in dict.fromkeys(volume.channels for volume in volumes):
                yield option, channels
        return
    if not place.tunable:
        return
    if "output_padding" in place.layer.options and getattr(place.layer, "padding", 0) != "same":
        for amount in range(1, max(map(int, place.options["stride"]))):  # type: ignore[arg-type]
            yield "output_padding", amount
    for option, farthest in FARTHEST.items():
        numbers = place.options.get(option)
        if numbers is None or max(axes) >= len(numbers):
            continue
        for amount in (sign * n for n in range(1, farthest + 1) for sign in (1, -1)):
            moved = {axis: _moved(numbers[axis], amount) for axis in axes}
            kept = {axis: number for axis, number in moved.items() if number is not None}
            if len(kept) == len(moved):
                yield option, place.value(option, kept)


def _moved(number: Number, amount: int) -> Number | None:
    """A number moved, or padding moved by as much in all; None where it would be too small."""
    if isinstance(number, tuple):
        total = sum(number) + amount
        return (total // 2, total - total // 2) if total >= 0 else None
    return number + amount if isinstance(number, int) and number + amount >= 1 else None


def _meets(graph: Graph, fault: FailedLayer, changed: Mapping[int, Layer], work: Work) -> bool:
    """Whether the branches meet with other layers in the places of nodes."""
    assert fault.layer is not None
    outputs: dict[ValueRef, Volume] = {}
    work.left -= max(fault.points) - min(changed) + 1

    def volume(point: ValueRef) -> Volume:
        return outputs[point] if point in outputs else graph.volume(point)

    try:
        for index in range(min(changed), max(fault.points) + 1):
            node = graph.nodes[index]
            if index in changed or any(point in outputs for point in node.inputs):
                layer = changed.get(index, node.layer)
                outputs[index] = layer.infer(tuple(map(volume, node.inputs)), fault.rounding).output
        fault.layer.infer(tuple(map(volume, fault.points)), fault.rounding)
    except (RuleError, NoVolume, InvalidOptions):
        return False
    return True
