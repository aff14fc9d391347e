"""One layer without a file: `cnncalc conv 32x32x3 --filters 10 --kernel 5 --padding 2`.

The layer becomes a network of its own, so that it is read and checked like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.diagnostics import did_you_mean
from cnncalc.errors import UsageError
from cnncalc.layers import registry
from cnncalc.layers.options import integer
from cnncalc.volume import Volume
from cnncalc.yaml.source import Source

_SIDE = re.compile(r"-?[0-9]{1,400}", re.ASCII)
_LIST = re.compile(r"[0-9]{1,400}(?:([x,])[0-9]{1,400})(?:\1[0-9]{1,400})*", re.ASCII | re.I)


class SingleLayer(NamedTuple):
    """A network of one layer called `name`. Where `channels_known` is false the input was a side
    alone, and its one channel is a stand-in; where `filters_known` is, so are the filters."""

    source: Source
    name: str
    channels_known: bool
    filters_known: bool


def single_layer(
    kind: str, input: str | int | tuple[int, ...], options: Mapping[str, object]
) -> SingleLayer:
    """A layer of a kind, by any of its names, on an input volume. Raises `UsageError`.

    A bare number N is an NxN side without channels where the kind has a window, otherwise a vector.
    Without filters only sizes are asked for.
    """
    named = registry.find(kind)
    layer_class = registry.KINDS.get(named.kind) if named is not None else None
    if named is None or layer_class is None:
        near = did_you_mean(kind, registry.KINDS)
        raise UsageError(f"there is no kind `{kind}`" + "".join(f"; {n}" for n in near))
    if layer_class.merges:
        raise UsageError(f"{named.kind} joins several volumes: it is not a layer with one input")
    given = input.strip() if isinstance(input, str) else input
    is_side = isinstance(given, int) or (isinstance(given, str) and bool(_SIDE.fullmatch(given)))
    channels_known = not (is_side and "kernel" in layer_class.options)
    try:
        volume = _volume(given)
        if not channels_known:
            volume = Volume((volume.channels, volume.channels, 1))
    except ValueError as error:
        raise UsageError(f"input: {error}") from None
    for shares in ("groups", "connections"):
        if not channels_known and options.get(shares) not in (None, 1):
            sides = "x".join(map(str, volume.spatial))
            raise UsageError(f"{shares} share out the channels, so say how many: {sides}xC")
    given_names = {layer_class.spellings.get(name) for name in options}
    filters_known = "filters" not in layer_class.options or "filters" in given_names
    if not filters_known:
        options = {**options, "filters": _stand_in(options)}
    item = {"name": named.kind, kind: _plain(options)}
    text = json.dumps({"input": list(volume), "layers": [item]}, ensure_ascii=False)
    return SingleLayer(Source(named.kind, text), named.kind, channels_known, filters_known)


def _stand_in(options: Mapping[str, object]) -> int:
    """A number of filters that the other options allow."""
    groups, connections = options.get("groups"), options.get("connections")
    if isinstance(connections, (list, tuple)):
        return len(connections)
    return groups if isinstance(groups, int) and groups > 0 else 1


def _volume(given: str | int | tuple[int, ...]) -> Volume:
    if isinstance(given, str):
        return Volume.parse(given)
    return Volume(
        integer(axis) for axis in (given if isinstance(given, (list, tuple)) else [given])
    )


def _plain(options: Mapping[str, object]) -> dict[str, object]:
    """Options as a file could say them. Raises `UsageError` for others, and for expressions."""
    for name, value in options.items():
        try:
            written = json.dumps(value)
        except (TypeError, ValueError, RecursionError):
            raise UsageError(f"{name}: {value!r} is not a value of an option") from None
        if "$" in written:
            raise UsageError(f"{name}: `{value}` is an expression, and one layer alone takes none")
    return dict(options)


def value_of(text: str) -> object:
    """An option's value as written on a command line: 3, 3x5 or 3,5, [[1, 2], [1, 2]], same."""
    text = text.strip()
    if _SIDE.fullmatch(text):
        return int(text)
    if found := _LIST.fullmatch(text):
        return [int(part) for part in text.lower().split(found[1].lower())]
    if text.startswith("["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text
