"""Names while a network grows: scopes, running numbers, the trail of blocks one came through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, MutableMapping
from typing import NamedTuple

from cnncalc.graph.graph import ValueRef
from cnncalc.language.expressions import Value
from cnncalc.language.model import LayerItem
from cnncalc.yaml.source import Span


class Scope:
    """A place in which names are given: the file, a block's instance, a named group."""

    __slots__ = ("numbers", "parent", "prefix", "reserved")

    def __init__(self, prefix: str, parent: Scope | None, reserved: frozenset[str]) -> None:
        self.prefix = prefix
        self.parent = parent
        self.reserved = reserved
        self.numbers: Counter[str] = Counter()

    def outward(self) -> Iterator[str]:
        """Prefixes to search a name under: the own scope's, then the enclosing ones'."""
        scope: Scope | None = self
        while scope is not None:
            yield scope.prefix
            scope = scope.parent


class GivenName(str):
    """A text given to a block: as the name of a layer it means what it means where it is given."""

    context: Context

    @classmethod
    def of(cls, text: str, context: Context) -> GivenName:
        given = cls(text)
        given.context = context
        return given


def given_in(value: Value, context: Context) -> Value:
    """A value given to a block where it is used. What was given further out stays as it is."""
    if isinstance(value, tuple):
        return tuple(given_in(item, context) for item in value)
    if isinstance(value, str) and not isinstance(value, GivenName):
        return GivenName.of(value, context)
    return value


class CallStack(NamedTuple):
    """How a layer came to be where it is: the block it stands in, and who used that."""

    block: str
    used: Span
    parent: CallStack | None
    copy: tuple[int, int] | None = None
    conditional: bool = False
    """Whether a condition, in the block that used this one, decided that it is there."""

    def passes(self, block: str) -> CallStack | None:
        """The last use of a block on the way here."""
        trail: CallStack | None = self
        while trail is not None and trail.block != block:
            trail = trail.parent
        return trail

    def has_condition_since(self, earlier: CallStack) -> bool:
        """Whether a condition stands on the way here from an earlier use."""
        trail: CallStack | None = self
        while trail is not None and trail is not earlier:
            if trail.conditional:
                return True
            trail = trail.parent
        return False

    def notes(self) -> tuple[str, ...]:
        """One line for each block, innermost first."""
        times: dict[str, int] = {}
        trail: CallStack | None = self
        while trail is not None:
            which = f", repeat {trail.copy[0] + 1} of {trail.copy[1]}" if trail.copy else ""
            note = f"in block {trail.block}{which}, used at {trail.used}"
            times[note] = times.get(note, 0) + 1
            trail = trail.parent
        return tuple(note + f", {n} levels deep" * (n > 1) for note, n in times.items())


class Context(NamedTuple):
    """What surrounds an item while it is built."""

    scope: Scope
    values: MutableMapping[str, Value]
    trail: CallStack | None = None
    trainable: bool = True
    copy: tuple[int, int] | None = None
    group: str | None = None
    """The full name that the copies of the item at hand share."""
    depth: int = 0
    counter: str | None = None
    """What counts the copies of the innermost repeat."""
    entry: ValueRef | None = None
    """What comes into the innermost block."""
    conditional: bool = False
    """Whether a condition, in the innermost block, decided that the item is there."""


def explicit_names(items: tuple[LayerItem, ...]) -> frozenset[str]:
    """Names that items of one scope give themselves, which running numbers keep clear of."""
    names: set[str] = set()
    waiting = list(items)
    while waiting:
        item = waiting.pop()
        if item.name is not None and hasattr(item.name.value, "text"):
            names.add(item.name.value.text)
        if item.branches is not None or item.name is None:
            waiting.extend(item.children)
    return frozenset(names)
