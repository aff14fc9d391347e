"""From what a caller changes about a network to edits of its file, and what no file can say.

An option of one layer can be written where the layer's item makes this layer alone: not in a block
that is used several times, not under `repeat`, not in a file that this one extends.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.graph.graph import Graph
from cnncalc.graph.overrides import TRAINABLE, Overrides
from cnncalc.language.items import BRANCHES
from cnncalc.language.model import Document, LayerItem, Option
from cnncalc.layers import classes, registry
from cnncalc.layers.base import Layer
from cnncalc.yaml.edit import CannotRewrite, Edit, Step
from cnncalc.yaml.nodes import Mapping, plain
from cnncalc.yaml.reader import compose
from cnncalc.yaml.spelling import spelled


def edits(graph: Graph, overrides: Overrides) -> list[Edit]:
    """The edits after which the file alone makes the network that it makes under `overrides`.

    `graph` is that network. Raises `CannotRewrite`, naming the block or the file in the way.
    """
    placer = _Placer(graph, overrides)
    return [*placer.sections(), *placer.of_kinds(), *placer.of_layers()]


class _Placer:
    def __init__(self, graph: Graph, overrides: Overrides) -> None:
        self.graph = graph
        self.document: Document = graph.document
        self.overrides = overrides

    # --- sections of the file -------------------------------------------------------------------

    def sections(self) -> Iterator[Edit]:
        if self.overrides.inputs:
            yield from self.inputs()
        if self.overrides.rounding is not None:
            yield Edit((("rounding",),), str(self.overrides.rounding[0]))
        for name, option in self.overrides.variables.items():
            yield Edit((("vars",), (name,)), _text(option))

    def inputs(self) -> Iterator[Edit]:
        option = self.document.input
        if option is None or not isinstance(option.value, Mapping):
            for volume in self.graph.inputs.values():
                yield Edit((("input",),), str(volume))
        elif option.value.source is not self.document.source:
            named = {name: str(volume) for name, volume in self.graph.inputs.items()}
            yield Edit((("input",),), spelled(named))
        else:
            for name, volume in self.graph.inputs.items():
                if name in self.overrides.inputs or len(self.graph.inputs) == 1:
                    yield Edit((("input",), (name,)), str(volume))

    # --- all layers of a kind -------------------------------------------------------------------

    def of_kinds(self) -> Iterator[Edit]:
        for kind, options in self.overrides.kind_options.items():
            layer = registry.KINDS[kind]
            for option in options.values():
                if option.key.text == TRAINABLE:
                    yield from self.training_of_kind(layer, option)
                    continue
                own = layer.spellings.get(option.key.text, option.key.text)
                yield from self.of_kind(layer, own, option)

    def of_kind(self, layer: type[Layer], own: str, option: Option) -> Iterator[Edit]:
        """Where an item says the option itself it is written again; the others hear it from the
        defaults."""
        target = f"{layer.kind}.*.{option.key.text}"
        says_itself: set[int] = set()
        for item in self.items_of(layer):
            written = {layer.spellings.get(o.key.text) for o in item.written}
            if own not in item.options and own not in written:
                continue
            self.refuse_elsewhere(item, target, f"and says `{own}` itself")
            if classes.differs(layer, item.kind_key.text, own):
                name = item.kind_key.text
                self.refuse_elsewhere(item, target)
                raise CannotRewrite(f"{target} cannot be written: {name} means another by `{own}`")
            says_itself.add(id(item))
            yield self.edit(item, layer, own, _text(option))
        if any(
            node.layer.kind == layer.kind and id(node.item) not in says_itself
            for node in self.graph.nodes
        ):
            yield self.default(layer, own, _text(option))

    def training_of_kind(self, layer: type[Layer], option: Option) -> Iterator[Edit]:
        """`trainable` stands beside the kind of every item that has something to learn."""
        target = f"{layer.kind}.*.{TRAINABLE}"
        learning = {id(node.item) for node in self.graph.nodes if node.inferred.tensors}
        written = {id(item.node) for item in _all_items(self.document)}
        items = {id(item.node): item for item in self.items_of(layer) if id(item) in learning}
        for place, item in items.items():
            self.refuse_elsewhere(item, target)
            if place not in written:
                message = f"{target} cannot be written: `activation:` has no `{TRAINABLE}`"
                raise CannotRewrite(message)
            yield Edit(((TRAINABLE,),), _text(option), item.node.start)

    def items_of(self, layer: type[Layer]) -> list[LayerItem]:
        """The items of a kind in the order of the file, those that make no layer now included."""
        found = {id(node.item): node.item for node in self.graph.nodes
                 if node.layer.kind == layer.kind}  # fmt: skip
        for item in _all_items(self.document):
            if item.kind is not None and item.kind.kind == layer.kind:
                found[id(item)] = item
        return list(found.values())

    def default(self, layer: type[Layer], own: str, value: str) -> Edit:
        names = _names(layer, own)
        key = _defaults_key(self.document, layer.kind)
        known = self.document.defaults.get(layer.kind)
        if key is not None or not known:
            path = (("defaults",), (key or layer.kind,), names)
            return Edit(path, value, main=layer.default_option)
        # The defaults of a kind are replaced as a whole by the file that extends another.
        parts = [f"{name}: {spelled(plain(o.value))}" for name, o in known.items() if name != own]
        whole = "{" + ", ".join([*parts, f"{own}: {value}"]) + "}"
        return Edit((("defaults",), (layer.kind,)), whole)

    # --- one layer ------------------------------------------------------------------------------

    def of_layers(self) -> Iterator[Edit]:
        for name, options in self.overrides.options.items():
            named = self.graph.names.get(name)
            if named is None or named.item is None:
                raise CannotRewrite(f"there is no layer `{name}` to write to")
            for option in options.values():
                target = f"{name}.{option.key.text}"
                self.refuse_elsewhere(named.item, target)
                self.refuse_copies(named.item, name, option)
                yield self.of_layer(named.item, name, option, target)

    def of_layer(self, item: LayerItem, name: str, option: Option, target: str) -> Edit:
        takes = self.document.blocks[item.block].arguments if item.block is not None else {}
        if option.key.text == TRAINABLE and TRAINABLE not in takes:
            return Edit(((TRAINABLE,),), _text(option), item.node.start)
        layer = next((n.layer for n in self.graph.nodes if n.name == name), None)
        if item.block is None and layer is not None:
            kind, key = type(layer), option.key.text
            argument = classes.argument(kind, item.kind_key.text, key)
            own = kind.spellings.get(key, key) if argument is None else argument.option or key
            return self.edit(item, kind, own, _text(option))
        if item.block is None:
            raise CannotRewrite(f"{target}: the kind of {name} is an expression; set its variable")
        definition = self.document.blocks[item.block]
        path: tuple[Step, ...] = ((item.kind_key.text,), (option.key.text,))
        return Edit(path, _text(option), item.node.start, next(iter(definition.arguments), None))

    def edit(self, item: LayerItem, layer: type[Layer], own: str, value: str) -> Edit:
        names = (*_names(layer, own), *classes.names_of(layer, item.kind_key.text, own))
        path = ((item.kind_key.text,), tuple(dict.fromkeys(names)))
        main = BRANCHES if layer.merges else layer.default_option
        return Edit(path, value, item.node.start, main)

    def refuse_elsewhere(self, item: LayerItem, target: str, why: str = "") -> None:
        """Raises `CannotRewrite` for an item of another file."""
        if item.node.source is not self.document.source:
            place = item.node.span
            raise CannotRewrite(
                f"{target} cannot be written here: the layer stands in {place}, which this file "
                f"extends{', ' + why if why else ''}; change that file, or copy it"
            )

    def refuse_copies(self, item: LayerItem, name: str, option: Option) -> None:
        """Raises `CannotRewrite` where an item makes layers that are not to change alike."""
        copies = [
            other for other, named in self.graph.names.items()
            if named.item is item and f"{other}.0" not in self.graph.names
        ] or [name]  # fmt: skip
        if name not in copies:
            copies.append(name)
        wanted = [self.overrides.options.get(other, {}).get(option.key.text) for other in copies]
        if all(w is not None and _text(w) == _text(option) for w in wanted):
            return
        others = [other for other in copies if other != name]
        block = _block_of(self.document, item)
        made = f"and {others[0]}" if len(others) == 1 else f"{others[0]} and {len(others) - 1} more"
        where = f"stands in block {block}" if block else "is repeated"
        place = f"line {item.node.span.line}"
        raise CannotRewrite(
            f"{name}.{option.key.text} cannot be written for {name} alone: its item ({place}) "
            f"{where}, and makes {made.removeprefix('and ')} too"
        )


def _text(option: Option) -> str:
    """An option's value as it was written."""
    node = option.value
    return node.source.text[node.start : node.end]


def _names(layer: type[Layer], own: str) -> Step:
    """An option by all its names, its own first."""
    others = [name for name, o in layer.spellings.items() if o == own and name != own]
    return (own, *others)


def _defaults_key(document: Document, kind: str) -> str | None:
    """What the file's own `defaults:` call a kind, None where they do not mention it."""
    root, _ = compose(document.source)
    sections = {key.text: value for key, value in root.entries} if isinstance(root, Mapping) else {}
    defaults = sections.get("defaults")
    for key, _ in reversed(defaults.entries) if isinstance(defaults, Mapping) else ():
        named = registry.find(key.text)
        if named is not None and named.kind == kind:
            return key.text
    return None


def _all_items(document: Document) -> Iterator[LayerItem]:
    waiting = [*document.layers]
    for block in document.blocks.values():
        waiting += block.layers
    while waiting:
        item = waiting.pop()
        yield item
        waiting.extend(item.children)


def _block_of(document: Document, item: LayerItem) -> str | None:
    """The block whose text an item is part of."""
    for name, block in document.blocks.items():
        waiting = [*block.layers]
        while waiting:
            other = waiting.pop()
            inside = other.node.start <= item.node.start < max(other.node.end, other.node.start + 1)
            if other is item or (other.node.source is item.node.source and inside):
                return name
            waiting.extend(other.children)
    return None
