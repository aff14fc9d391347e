"""What a file says, apart from how it is written: equal for two texts that mean the same.

Read from the parser's tree, which does not depend on the layout. Unlike a
report it covers what no layer is made of: blocks without instances, items that `when` leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.graph.options import COMPANIONS
from cnncalc.language.model import Branch, Document, LayerItem, Option
from cnncalc.layers import registry
from cnncalc.volume import NoVolume, Volume
from cnncalc.yaml.nodes import Node, plain

Written = tuple[Any, ...]


def written(document: Document) -> Written:
    """Everything that a document says."""
    return (
        document.name,
        document.description,
        document.citation,
        document.family,
        _volumes(document.input),
        _value(document.rounding),
        [(name, _value(option)) for name, option in document.vars.items()],
        {kind: _options(options, kind) for kind, options in document.defaults.items()},
        {
            name: (
                [(argument, _value(default)) for argument, default in block.arguments.items()],
                block.required,
                [_item(item) for item in block.layers],
            )
            for name, block in document.blocks.items()
        },
        [_item(item) for item in document.layers],
        _value(document.outputs),
        _extends(document.extends),
        _value(document.borrows),
        {name: _expected(name, option.value) for name, option in document.expect.items()},
        document.mentioned,
    )


def _item(item: LayerItem) -> Written:
    branches = item.branches and [_branch(branch) for branch in item.branches]
    kind = item.kind.kind if item.kind is not None else None
    return (
        kind or item.block or item.kind_key.text,
        item.dynamic,
        item.broken,
        [
            (option.key.text, _value(option))
            for option in item.wiring
            if option not in (item.first, item.last)
        ],
        [_options(own.options, kind) for own in item.copies.values()],
        _options(item.options, kind),
        {option.key.text: _value(option) for option in item.written},
        _exact(plain(item.main)) if item.dynamic and item.main is not None else "None",
        branches,
        item.layers and [_item(inner) for inner in item.layers],
        item.parts and [(_value(part.item.name), _value(part.channels)) for part in item.parts],
    )


def _branch(branch: Branch) -> Written:
    return (
        branch.reference and branch.reference.text,
        [_item(item) for item in branch.items],
        _value(branch.when),
        branch.otherwise and _branch(branch.otherwise),
    )


def _options(options: Mapping[str, Option], kind: str | None) -> dict[str, str]:
    return {own: _option(own, option.value, kind) for own, option in options.items()}


def _option(own: str, node: Node, kind: str | None) -> str:
    value = plain(node)
    if kind is None:
        return _exact(value)
    if own in COMPANIONS and isinstance(value, str):
        named = registry.find(value)
        return value if named is None else named.kind
    if own == "output":
        return _volume(node)
    # One number for all axes: that it means as much as a list is for the report to say.
    if isinstance(value, list) and len({repr(entry) for entry in value}) == 1:
        value = value[0]
    return _exact(value)


def _value(option: Option | None) -> str:
    return _exact(None if option is None else plain(option.value))


def _extends(option: Option | None) -> object:
    """What is said of the other file; what replaces its layers is among the layers."""
    value = None if option is None else plain(option.value)
    if not isinstance(value, dict):
        return _exact(value)
    others = {key: _exact(said) for key, said in value.items() if key != "replace"}
    return others, list(value.get("replace") or ())


def _exact(value: object) -> str:
    """A text that is different for 1, 1.0 and "1"."""
    if isinstance(value, dict):
        return repr({key: _exact(inner) for key, inner in sorted(value.items())})
    return repr(value)


def _volumes(option: Option | None) -> object:
    if option is None:
        return None
    value = plain(option.value)
    if isinstance(value, dict):
        return {name: _axes(inner) for name, inner in value.items()}
    return _axes(value)


def _volume(node: Node) -> str:
    return _axes(plain(node))


def _axes(value: object) -> str:
    """A volume, however it is written; anything else as it is."""
    try:
        if isinstance(value, str):
            return str(Volume.parse(value))
        if isinstance(value, list) and all(type(axis) is int for axis in value):
            return str(Volume(value))
    except NoVolume:
        pass
    return _exact(value)


def _expected(name: str, node: Node) -> object:
    value = plain(node)
    if name == "output":
        if isinstance(value, dict):
            return {layer: _axes(volume) for layer, volume in value.items()}
        return _axes(value)
    if name == "layers" and isinstance(value, dict):
        return {
            layer: {key: _axes(v) if key == "output" else _exact(v) for key, v in inner.items()}
            if isinstance(inner, dict) else _exact(inner)
            for layer, inner in value.items()
        }  # fmt: skip
    return _exact(value)
