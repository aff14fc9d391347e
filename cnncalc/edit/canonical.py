"""What keys mean, for their order and spelling: sections, items, options and volumes.

Works on the pieces of a file in place. Whatever is not as the language wants it is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cnncalc.edit.pieces import Collection, File, Piece, Unit, Word, walk
from cnncalc.edit.spelling import is_null, null, plain
from cnncalc.graph.options import COMPANIONS
from cnncalc.language.blocks import FROM
from cnncalc.language.extending import EXTENDS
from cnncalc.language.items import BRANCHES, CONDITIONAL, WIRING
from cnncalc.language.parser import SECTIONS
from cnncalc.layers import classes, registry
from cnncalc.layers.base import Layer
from cnncalc.layers.dense import last_axis_elsewhere

Ranks = Mapping[int, frozenset[int]]
"""The numbers of spatial axes that the layers of an item have, by where the item begins."""

_FOLDED = ("name", "from", "share", "when", "", "trainable", "repeat", "counter", "first", "last")
_UNFOLDED = ("name", "from", "share", "trainable", "when", "repeat", "counter", "first", "last", "")
"""The order of an item's keys on one line, and on several; "" is the kind."""

_OF_BLOCK = ("description", "args", "layers")
_PER_AXIS = ("kernel", "stride", "dilation", "output_padding", "size", "scale", "padding")
_SPREAD = ("defaults", "blocks", "layers", "expect")
_VOLUME = re.compile(r"[1-9][0-9]*( *x *[1-9][0-9]*)*", re.IGNORECASE)
_NUMBER = re.compile(r"[1-9][0-9]*")


def canonical(file: File, ranks: Ranks) -> None:
    """Put a file's keys in order, and spell what is in it as the manual does."""
    file.root.spread = True
    _Speller(ranks, movable=not file.has_anchors).sections(file.root)


class _Speller:
    def __init__(self, ranks: Ranks, *, movable: bool) -> None:
        self.ranks = ranks
        self.movable = movable
        """An alias has to stay after its anchor: with any, everything keeps its place."""

    def order(self, units: list[Unit], names: tuple[str, ...]) -> list[Unit]:
        """Units in the order of their names; those with none take the place of "" or the end."""
        if not self.movable:
            return units
        other = names.index("") if "" in names else len(names)

        def rank(unit: Unit) -> int:
            key = "" if unit.key is None else unit.key.value
            return names.index(key) if key in names else other

        return sorted(units, key=rank)

    # --- the file ---------------------------------------------------------------------------

    def sections(self, root: Collection) -> None:
        root.units = self.order(root.units, SECTIONS)
        for unit in root.units:
            name = "" if unit.key is None else unit.key.value
            match name:
                case "extends":
                    self.extends(unit)
                case "input":
                    self.volumes(unit)
                case "vars":
                    _tildes(_units(unit))
                case "defaults":
                    self.defaults(unit)
                case "blocks":
                    if isinstance(unit.value, Collection) and not unit.value.anchor:
                        unit.value.units = self.order(unit.value.units, (FROM, ""))
                    for block in _units(unit):
                        self.block(block)
                case "layers":
                    self.items(unit.value)
                case "expect":
                    self.expect(unit)
            if isinstance(unit.value, Collection) and name in _SPREAD:
                unit.value.spread = True

    def extends(self, section: Unit) -> None:
        if not isinstance(section.value, Collection) or section.value.anchor:
            return
        section.value.units = self.order(section.value.units, EXTENDS)
        for unit in _units(section):
            if _key(unit) == "replace":
                for replaced in _units(unit):
                    value = replaced.value
                    if isinstance(value, Word):
                        self.kind_alone(replaced)
                    elif value.is_mapping and not value.anchor:
                        self.item(replaced, value)

    def defaults(self, section: Unit) -> None:
        for unit in _units(section):
            named = registry.find(_key(unit))
            if named is not None and named.kind in registry.KINDS and not _says_more(unit):
                unit.key = plain(named.kind)
                self.options(unit, registry.KINDS[named.kind], frozenset())

    def block(self, unit: Unit) -> None:
        if not isinstance(unit.value, Collection) or unit.value.anchor:
            return
        unit.value.spread = not unit.value.flow
        unit.value.units = self.order(unit.value.units, _OF_BLOCK)
        for part in unit.value.units:
            if _key(part) == "args":
                _tildes(_units(part))
            elif _key(part) == "layers":
                self.items(part.value)

    def expect(self, section: Unit) -> None:
        _tildes(_units(section))
        for unit in _units(section):
            if _key(unit) == "output":
                self.volumes(unit)
            elif _key(unit) == "layers" and isinstance(unit.value, Collection):
                unit.value.spread = True
                for layer in _units(unit):
                    _tildes(_units(layer))
                    for expected in _units(layer):
                        if _key(expected) == "output":
                            self.volume(expected)

    # --- items ------------------------------------------------------------------------------

    def items(self, value: Piece) -> None:
        """A list of layers: a line for each, unless it was written in brackets."""
        if not isinstance(value, Collection) or value.is_mapping or value.anchor:
            return
        value.spread = not value.flow
        for unit in value.units:
            if isinstance(unit.value, Word):
                self.kind_alone(unit)
            elif unit.value.is_mapping and not unit.value.anchor:
                self.item(unit, unit.value)

    def item(self, unit: Unit, item: Collection) -> None:
        item.bare = True
        others = [entry for entry in item.units if _key(entry) not in WIRING]
        if len(others) == 1:
            self.kind(item, others[0])
        lists = any(isinstance(e.value, Collection) and not e.value.is_mapping for e in others)
        item.spread = not item.flow and any(_holds_items(entry.value) for entry in others)
        folded = self.order(item.units, _UNFOLDED if lists else _FOLDED)
        item.unfolded = self.order(item.units, _UNFOLDED)
        item.units = folded
        if len(item.units) == 1 and _is_empty(entry := item.units[0]) and not _commented(entry):
            assert entry.key is not None
            named = registry.find(entry.key.value)
            if named is None or not _merges(named.kind):
                unit.value = entry.key
                unit.trailing = [*entry.trailing, *unit.trailing]

    def kind(self, item: Collection, entry: Unit) -> None:
        """The kind of an item, with its value."""
        name = _key(entry)
        named = registry.find(name)
        if named is None:
            # A block of the file, or a kind that an expression names.
            _no_options(entry)
            _tildes(_units(entry))
            return
        ranks = self.ranks.get(item.start, frozenset())
        if _says_more(entry):
            _no_options(entry)
            return
        if _keeps_promise(named, ranks) and not _stretches(entry, ranks):
            entry.key = plain(named.kind)
        if named.kind == registry.SEQUENTIAL:
            self.items(entry.value)
        elif named.kind == registry.SPLIT:
            pass
        elif _merges(named.kind) and not _is_mapping(entry.value):
            self.branches(entry.value)
        else:
            layer = registry.KINDS[named.kind]
            self.options(entry, layer, ranks)
            for other in item.units:
                if _key(other) in ("first", "last"):
                    self.named_options(other, layer, ranks)
            for unit in _units(entry):
                if _key(unit) == BRANCHES and (layer.merges or layer.may_merge):
                    self.branches(unit.value)
            _no_options(entry)

    def kind_alone(self, unit: Unit) -> None:
        """A kind that is an item by itself."""
        word = unit.value
        if not isinstance(word, Word) or word.anchor or word.style in ("*", "|", ">"):
            return
        named = registry.find(word.value)
        if named is None or classes.keeps_name(word.value, ()):
            return
        if _keeps_promise(named, self.ranks.get(word.start, frozenset())):
            unit.value = plain(named.kind)

    def branches(self, value: Piece) -> None:
        if not isinstance(value, Collection) or value.is_mapping or value.anchor:
            return
        value.spread = not value.flow
        for unit in value.units:
            self.branch(unit.value)

    def branch(self, value: Piece) -> None:
        """A list of layers, or a mapping with a condition."""
        if not isinstance(value, Collection) or not value.is_mapping or value.anchor:
            self.items(value)
            return
        value.bare = True
        value.spread = not value.flow
        value.units = self.order(value.units, CONDITIONAL)
        for unit in value.units:
            if _key(unit) != "when":
                self.branch(unit.value)

    # --- options ----------------------------------------------------------------------------

    def options(self, owner: Unit, layer: type[Layer], ranks: frozenset[int]) -> None:
        """A kind's options by their own names; the main one alone as a bare value."""
        value = owner.value
        if isinstance(value, Word) or not value.is_mapping:
            self.option(owner, layer.default_option, ranks)
            return
        if value.anchor:
            return
        self.named_options(owner, layer, ranks)
        only = value.units[0] if len(value.units) == 1 else None
        if only is None or _key(only) != layer.default_option or _commented(only) or value.dangling:
            return
        if _is_bare_value(only.value):
            owner.value = only.value
            owner.trailing = [*only.trailing, *owner.trailing]

    def named_options(self, owner: Unit, layer: type[Layer], ranks: frozenset[int]) -> None:
        for unit in _units(owner):
            own = layer.spellings.get(_key(unit))
            if own is not None:
                unit.key = plain(own)
                self.option(unit, own, ranks)

    def option(self, unit: Unit, own: str | None, ranks: frozenset[int]) -> None:
        if own == "output":
            self.volume(unit)
        elif own in _PER_AXIS:
            _one_for_all_axes(unit, ranks)
        elif own in COMPANIONS:
            _companion(unit, own)
        _tildes([unit])

    # --- volumes ----------------------------------------------------------------------------

    def volumes(self, unit: Unit) -> None:
        """One volume, or several by name."""
        if isinstance(unit.value, Collection) and unit.value.is_mapping:
            for named in _units(unit):
                self.volume(named)
        else:
            self.volume(unit)

    def volume(self, unit: Unit) -> None:
        """`227x227x3` for `[227, 227, 3]` and `227 X 227 X 3`."""
        value = unit.value
        if isinstance(value, Word):
            if value.anchor or value.style in ("*", "|", ">") or "x" not in value.value.lower():
                return
            if _VOLUME.fullmatch(value.value):
                unit.value = plain(value.value.replace(" ", "").lower())
        elif not value.is_mapping and not value.anchor and not _has_comments(value):
            axes = _whole_numbers(value)
            if axes:
                unit.value = plain("x".join(axes))


def _says_more(entry: Unit) -> bool:
    """Whether a framework's class, with the arguments it has, means what the kind's own name and
    options would not."""
    value = entry.value
    if isinstance(value, Collection) and value.is_mapping:
        return classes.keeps_name(_key(entry), map(_key, value.units))
    empty = isinstance(value, Word) and is_null(value)
    return classes.keeps_name(_key(entry), () if empty else None)


def _stretches(entry: Unit, ranks: frozenset[int]) -> bool:
    """Whether a name reminds of the last axis where the layer sees all of a volume."""
    told = {"axes", "in_features"} & set(map(_key, _units(entry)))
    return last_axis_elsewhere(_key(entry)) is not None and ranks != {0} and not told


def _keeps_promise(named: registry.NamedKind, ranks: frozenset[int]) -> bool:
    """Whether all layers made of an item have the axes that its kind's name asks for, so that the
    name need not say so: `Conv2d`."""
    if named.rank is None:
        return True
    allowed = {named.rank}
    layer = registry.KINDS.get(named.kind)
    if named.rank == 1 and layer is not None and layer.vectors_have_rank_one:
        allowed.add(0)
    return bool(ranks) and ranks <= allowed


def _one_for_all_axes(unit: Unit, ranks: frozenset[int]) -> None:
    """`3` for `[3, 3]` where all that is made of it has two spatial axes."""
    value = unit.value
    if isinstance(value, Word) or value.is_mapping or value.anchor or _has_comments(value):
        return
    numbers = _whole_numbers(value)
    if len(set(numbers)) == 1 and ranks == {len(numbers)}:
        unit.value = plain(numbers[0])


def _companion(unit: Unit, own: str) -> None:
    """The name that a normalization or an activation has here, for another library's."""
    word = unit.value
    if not isinstance(word, Word) or word.anchor or word.style in ("*", "|", ">"):
        return
    named = registry.find(word.value)
    if named is not None and named.kind in COMPANIONS[own][1]:
        unit.value = plain(named.kind)


def _whole_numbers(value: Collection) -> list[str]:
    """The numbers of a list of positive whole numbers; none for any other list."""
    words = [unit.value for unit in value.units]
    numbers = [w.value for w in words if isinstance(w, Word) and not w.style and not w.anchor]
    whole = len(numbers) == len(words) and all(map(_NUMBER.fullmatch, numbers))
    return numbers if whole else []


def _no_options(entry: Unit) -> None:
    """`{}` where a kind has a key but nothing after it."""
    value = entry.value
    if isinstance(value, Word) and is_null(value) and not value.anchor:
        entry.value = Collection(True, True, value.start, value.end)


def _tildes(units: Iterable[Unit]) -> None:
    """`~` where nothing stands."""
    for unit in units:
        value = unit.value
        if isinstance(value, Word) and is_null(value) and not value.anchor:
            unit.value = null()


def _units(unit: Unit) -> list[Unit]:
    """What is in a unit whose value is a mapping."""
    value = unit.value
    known = isinstance(value, Collection) and value.is_mapping and not value.anchor
    return value.units if known and isinstance(value, Collection) else []


def _key(unit: Unit) -> str:
    return "" if unit.key is None else unit.key.value


def _merges(kind: str) -> bool:
    return kind in registry.NO_LAYERS or registry.KINDS[kind].merges


def _holds_items(value: Piece) -> bool:
    """Whether a value is a list with more in it than names."""
    return (
        isinstance(value, Collection)
        and not value.is_mapping
        and any(isinstance(piece, Collection) and piece.is_mapping for piece in walk(value))
    )


def _is_mapping(value: Piece) -> bool:
    return isinstance(value, Collection) and value.is_mapping


def _is_empty(entry: Unit) -> bool:
    value = entry.value
    return isinstance(value, Collection) and value.is_mapping and not value.units


def _is_bare_value(value: Piece) -> bool:
    """Whether a value may stand for an option without its name; `scale: true` would be unclear."""
    if isinstance(value, Word):
        unclear = is_null(value) or value.value.lower() in ("true", "false")
        return value.style not in ("|", ">") and not unclear
    return not value.is_mapping


def _commented(unit: Unit) -> bool:
    """Whether comments need a line of the unit's own."""
    return bool(unit.leading or unit.header or len(unit.trailing) > 1)


def _has_comments(value: Collection) -> bool:
    return bool(value.dangling) or any(
        unit.leading or unit.header or unit.trailing for unit in value.units
    )
