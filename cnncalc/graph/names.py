"""What layers are called while a network grows, and what a name means where it stands."""

from __future__ import annotations

from cnncalc.diagnostics import RuleError, did_you_mean
from cnncalc.graph.build_state import BuildState
from cnncalc.graph.graph import Named, ValueRef
from cnncalc.graph.scope import Context, GivenName
from cnncalc.graph.values import LocatedError
from cnncalc.language.expressions import UNKNOWN, UnknownValue
from cnncalc.language.model import LayerItem
from cnncalc.language.templates import template
from cnncalc.layers import registry
from cnncalc.layers.options import shown
from cnncalc.yaml.nodes import Scalar
from cnncalc.yaml.source import Span

INDEX = "index"
"""What counts the copies of `repeat`, where they do not name it otherwise."""

BLOCK_INPUT = "block_input"
"""A reference to what comes into the innermost block."""

ALL_COPIES = ".*"
"""What ends a reference to all copies of `repeat`."""

LONGEST_NAME = 100
"""Characters of a layer's name, its path aside."""


class Naming:
    """Gives names and finds them again. A name is kept under its full path."""

    def __init__(self, state: BuildState) -> None:
        self.state = state
        self.names = state.names

    def name_of(self, item: LayerItem, context: Context, current: ValueRef | None) -> str:
        """A layer's own name, or the next running one; nothing for a group without a name."""
        if item.name is not None:
            value = self.state.value(item.name.value, context, current)
            if value is UNKNOWN:
                pass
            elif isinstance(value, (str, int)) and not isinstance(value, bool):
                name = str(value)
                if len(name) > LONGEST_NAME:
                    message = f"a name of {len(name):,} characters; {LONGEST_NAME} are enough"
                    self.state.problem(RuleError("bad-value", message), item.name.span, context)
                    return name[:LONGEST_NAME]
                spaced = any(c.isspace() for c in name)
                well_formed = name and "." not in name and not spaced and name.isprintable()
                if well_formed and name != BLOCK_INPUT:
                    return name
                message = f"`{name}` cannot name a layer: names have no dots or spaces"
                self.state.problem(RuleError("bad-value", message), item.name.span, context)
            else:
                problem = RuleError("wrong-type", "`name` is a text")
                self.state.problem(problem, item.name.span, context)
        if item.layers is not None:
            return ""
        if item.branches is not None and item.repeat is None:
            # A merge is numbered when it is placed, after the layers of its branches.
            return ""
        if item.block is not None:
            return self.running_name(item.block, context)
        if item.kind is not None:
            return self.running_name(item.kind.kind, context)
        try:
            word = self.state.evaluated(item.kind_key, context.values, current)
        except (LocatedError, UnknownValue):
            return ""
        if word is None:
            # An item that names no kind: nobody can mean it.
            return ""
        found = registry.find(word) if isinstance(word, str) else None
        return self.running_name(found.kind if found else str(word), context)

    def running_name(self, kind: str, context: Context) -> str:
        scope = context.scope
        while True:
            scope.numbers[kind] += 1
            # The first relu6 is not the sixty-first relu.
            between = "_" if kind[-1:].isdigit() else ""
            name = f"{kind}{between}{scope.numbers[kind]}"
            if name not in scope.reserved and scope.prefix + name not in self.names:
                return name

    def register(self, name: str, named: Named, context: Context) -> None:
        if not name:
            return
        full = context.scope.prefix + name
        first = self.names.setdefault(full, named)
        if first is not named and named.item is not None:
            who = "an input is" if first.item is None else f"the layer at {first.item.node.span} is"
            item = named.item
            span = item.kind_span if item.name is None else item.name.span
            self.state.problem(
                RuleError("duplicate-name", f"{who} called {full} already"), span, context
            )

    def find(self, name: str, span: Span, context: Context) -> Named | None:
        """What a reference means, searched outward; a finding where nothing has the name."""
        there = name.context if isinstance(name, GivenName) else context
        if name == BLOCK_INPUT and there.trail is not None:
            return Named(there.entry, 0, 0, None)
        for prefix in there.scope.outward():
            named = self.names.get(prefix + name)
            if named is not None:
                return named
        if not self.state.names_incomplete:
            message = f"no earlier layer or input is called `{name}`"
            problem = RuleError("unknown-layer", message, help=lambda: self._near(name, context))
            self.state.problem(problem, span, context)
        return None

    def _near(self, name: str, context: Context) -> tuple[str, ...]:
        if name == BLOCK_INPUT:
            return ("it is what comes into a block, and this stands in none",)
        inside = context.scope.prefix + name
        if isinstance(name, GivenName) and inside in self.names:
            return (f"it is given to a block and means a layer outside it, not {inside}",)
        if registry.find(name) is not None:
            return (f"for a branch that is a layer, write a list: [{name}]",)
        return did_you_mean(name, self.names)

    def source_of(
        self, item: LayerItem, context: Context, current: ValueRef | None
    ) -> ValueRef | None:
        assert item.from_ is not None
        value = item.from_.value
        if isinstance(value, Scalar):
            return self.named_point(value, item.from_.span, context, current)
        message = "`from` is the name of one earlier layer or input"
        help = ["several meet in a merge, such as `concat: [a, b]`"]
        self.state.problem(RuleError("wrong-type", message, help=help), item.from_.span, context)
        return None

    def named_point(
        self, reference: Scalar, span: Span, context: Context, current: ValueRef | None
    ) -> ValueRef | None:
        """The point that a reference names, or None with a finding, or where it is not known."""
        name = self.state.value(reference, context, current, quiet=False)
        if name is UNKNOWN:
            return None
        if not isinstance(name, str):
            message = f"`{shown(name)}` is not the name of an earlier layer or input"
            self.state.problem(RuleError("wrong-type", message), span, context)
            return None
        found = self.find(name, span, context)
        return None if found is None else found.point

    def named_points(
        self, reference: Scalar, span: Span, context: Context, current: ValueRef | None
    ) -> list[ValueRef | None]:
        """The points that a branch names: one, or those of all copies as `y.*`."""
        name = self.state.value(reference, context, current, quiet=False)
        if not isinstance(name, str) or not name.endswith(ALL_COPIES):
            return [self.named_point(reference, span, context, current)]
        copies = self.copies(name, span, context)
        return [None] if copies is None else [named.point for named in copies.values()]

    def copies(self, name: str, span: Span, context: Context) -> dict[str, Named] | None:
        """What `y.*` means: the copies of `y` by their names; a finding where there are none."""
        base = name.removesuffix(ALL_COPIES)
        if isinstance(name, GivenName):
            base, context = GivenName.of(base, name.context), name.context
        whole = self.find(base, span, context)
        if whole is None:
            return None
        full = next(p + base for p in context.scope.outward() if self.names.get(p + base) is whole)
        found: dict[str, Named] = {}
        while (copy := self.names.get(f"{full}.{len(found)}")) is not None:
            found[f"{full}.{len(found)}"] = copy
        if not found and (whole.item is None or whole.item.repeat is None):
            message = f"`{base}` has no copies, and `{name}` means all of them"
            self.state.problem(RuleError("unknown-layer", message), span, context)
            return None
        return found


def counter_of(item: LayerItem) -> str:
    """What the copies of an item call their number."""
    counter = None if item.counter is None else item.counter.value
    return counter.text if isinstance(counter, Scalar) else INDEX


def counts_in_name(item: LayerItem) -> bool:
    """Whether copies name themselves by what counts them, as in `name: tower$index`."""
    if item.name is None or not isinstance(item.name.value, Scalar):
        return False
    try:
        return counter_of(item) in template(item.name.value.text).names
    except RuleError:
        return False
