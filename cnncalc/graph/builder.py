"""Tree to graph: blocks, repeats and branches, with volumes inferred as the graph grows.

They have to be: `in.channels` may decide what comes next. After a fault a volume is unknown, and
what depends on it is still looked at for faults of its own but stays quiet about volumes.
No kind is treated by its name: each layer infers its own output.
"""

from __future__ import annotations

from collections import ChainMap

from cnncalc.diagnostics import Diagnostic, RuleError
from cnncalc.graph.arguments import evaluate_arguments, given_arguments
from cnncalc.graph.build_state import Stop
from cnncalc.graph.checks import hold_what_is_said, need_input
from cnncalc.graph.graph import Graph, Named, ValueRef
from cnncalc.graph.inference_cache import InferenceCache
from cnncalc.graph.inputs import read_inputs, read_rounding, read_variables
from cnncalc.graph.layer_builder import LayerBuilder
from cnncalc.graph.names import BLOCK_INPUT, INDEX, counter_of, counts_in_name
from cnncalc.graph.outputs import read_outputs, report_unused_overrides
from cnncalc.graph.overrides import TRAINABLE, Overrides
from cnncalc.graph.scope import CallStack, Context, Scope, explicit_names
from cnncalc.graph.sharing import share, shared
from cnncalc.graph.values import is_constant
from cnncalc.language.expressions import UNKNOWN, Value
from cnncalc.language.foreign_names import nearest_kind
from cnncalc.language.model import Branch, Document, LayerItem, Option
from cnncalc.layers import registry
from cnncalc.layers.options import WrongValue, integer, shown

DEEPEST = 80
"""Levels of blocks, groups and branches inside one another."""


def build(
    document: Document, overrides: Overrides | None = None, known: InferenceCache | None = None
) -> Graph:
    """The graph of a document. Never raises for what a user wrote: see `Graph.faults`."""
    return _Builder(document, overrides or Overrides(), known or InferenceCache()).build()


LONGEST_PATH = 500
"""Characters of the names of the blocks and groups that a layer stands in."""


class _Builder(LayerBuilder):
    """Walks the items of a document, copies and branches included, and adds the nodes."""

    def __init__(self, document: Document, overrides: Overrides, known: InferenceCache) -> None:
        super().__init__(document, overrides, known)
        self.known = known
        self.reserved: dict[int, frozenset[str]] = {}
        self.left_out = 0
        """Items that `when` or `repeat: 0` left out so far."""

    def build(self) -> Graph:
        state = self.state
        layers = state.document.layers
        try:
            read_variables(state)
            self.rounding = read_rounding(state)
            self.inferred = self.known.inferred.setdefault(self.rounding, {})
            read_inputs(state)
            scope = Scope("", None, self.explicit(layers))
            first = -1 if len(state.inputs) == 1 else None
            last = self.items(layers, first, Context(scope, state.variables))
            read_outputs(state, self.naming, last)
            report_unused_overrides(state, self.used_options)
        except Stop:
            pass
        return state.graph()

    # --- items --------------------------------------------------------------------------------

    def explicit(self, items: tuple[LayerItem, ...]) -> frozenset[str]:
        names = self.reserved.get(id(items))
        if names is None:
            names = self.reserved[id(items)] = explicit_names(items)
        return names

    def items(
        self, items: tuple[LayerItem, ...], current: ValueRef | None, context: Context
    ) -> ValueRef | None:
        """Build items one after the other; the point where the last one ends."""
        if context.depth > DEEPEST and items:
            raise self.state.limit(
                f"blocks, groups and branches are more than {DEEPEST} levels deep",
                items[0].kind_span,
            )
        for item in items:
            current = self.item(item, current, context)
        return current

    def item(self, item: LayerItem, current: ValueRef | None, context: Context) -> ValueRef | None:
        self.state.visit(item)
        if item.from_ is not None:
            current = self.naming.source_of(item, context, current)
        if item.repeat is None:
            return self.copy(item, self.naming.name_of(item, context, current), current, context)
        count = self.count(item.repeat, current, context)
        base = "" if counts_in_name(item) else self.naming.name_of(item, context, current)
        group = context.scope.prefix + base if base else None
        counter = self.counter(item, context)
        start = len(self.state.nodes)
        self.left_out += count == 0
        for index in range(count):
            own: dict[str, Value] = {counter: index}
            values = ChainMap(own, context.values)
            inner = context._replace(
                values=values,
                copy=(index, count),
                group=group,
                counter=counter,
                conditional=context.conditional or not is_constant(item.repeat.value, bare=True),
            )
            self.state.visit(item)
            name = f"{base}.{index}" if base else self.naming.name_of(item, inner, current)
            current = self.copy(item.copy_at(index, count), name, current, inner)
        if base:
            self.naming.register(base, Named(current, start, len(self.state.nodes), item), context)
        return current

    def count(self, repeat: Option, current: ValueRef | None, context: Context) -> int:
        value = self.state.value(repeat.value, context, current, bare=True)
        if value is UNKNOWN:
            return 1
        try:
            count = integer(value)
        except WrongValue as error:
            problem = RuleError(error.code, f"`repeat` {error.message}")
            self.state.problem(problem, repeat.span, context)
            return 1
        if count < 0:
            message = f"`repeat` must be 0 or more, not {count}"
            self.state.problem(RuleError("bad-value", message), repeat.span, context)
            return 1
        most = self.state.overrides.max_layers
        if count > most:
            message = f"{count:,} copies; a network has at most {most:,} layers"
            raise self.state.limit(message, repeat.span, "`--max-layers` raises the bound")
        return count

    def counter(self, item: LayerItem, context: Context) -> str:
        """What the copies of an item call their number; a finding where that hides another."""
        name = counter_of(item)
        if name not in context.values:
            return name
        if item.counter is not None:
            message = f"`{name}` has a meaning here already, which a counter would hide"
            self.state.problem(RuleError("bad-value", message), item.counter.span, context)
        elif name in item.mentioned and item.repeat is not None:
            message = f"`{name}` counts these copies here, and no longer those around them"
            help = ("name one of the two: `counter: i` beside `repeat`, and then `$i`",)
            finding = Diagnostic("hidden-counter", message, item.repeat.span, help=help)
            self.state.warn(finding, context)
        return name

    def copy(
        self, item: LayerItem, name: str, current: ValueRef | None, context: Context
    ) -> ValueRef | None:
        """One copy of an item: a block's instance, a group, a merge or a layer."""
        start = len(self.state.nodes)
        if item.when is not None and not self.holds(item.when, current, context):
            self.naming.register(name, Named(current, start, start, item), context)
            self.left_out += 1
            return current
        if item.when is not None:
            context = context._replace(conditional=True)
        if item.trainable is not None:
            value = self.state.value(item.trainable.value, context, current)
            if not isinstance(value, bool) and value is not UNKNOWN:
                problem = RuleError(
                    "wrong-type", f"`trainable` takes true or false, not `{shown(value)}`"
                )
                self.state.problem(problem, item.trainable.span, context)
            context = context._replace(trainable=context.trainable and value is not False)
        if item.layers is not None:
            context = self.training_of_group(name, current, context)
        point, start, stop = self.expand(item, name, current, context)
        if item.share is not None:
            found = shared(self.state, self.naming, item.share, context, current)
            if found is not None and point is not None:
                share(self.state, item.share, found, start, stop, context)
        if name:
            self.naming.register(name, Named(point, start, stop, item), context)
        return point

    def holds(self, when: Option, current: ValueRef | None, context: Context) -> bool:
        value = self.state.value(when.value, context, current, bare=True)
        if value is UNKNOWN:
            return True
        if isinstance(value, (bool, int, float)):
            return bool(value)
        message = f"`when` is a condition, true or false, not `{shown(value)}`"
        self.state.problem(RuleError("wrong-type", message), when.span, context)
        return True

    def expand(
        self, item: LayerItem, name: str, current: ValueRef | None, context: Context
    ) -> tuple[ValueRef | None, int, int]:
        """Build what an item stands for; its last point, and the end of the nodes that are its."""
        start = len(self.state.nodes)
        if item.layers is not None:
            inner = context._replace(depth=context.depth + 1, group=None)
            if name:
                inner = inner._replace(scope=self.open(name, item.layers, context))
            point = self.items(item.layers, current, inner)
        elif item.parts is not None:
            point = self.split(item, item.parts, current, context)
        elif item.branches is not None:
            point = self.merge(item, name, current, context)
        elif item.block is not None:
            point = self.block(item, item.block, name, current, context)
        elif item.dynamic:
            point, start, stop = self.dynamic(item, name, current, context)
            return None if item.broken else point, start, stop
        elif item.kind is not None:
            return self.layer(item, item.kind, name, current, context)
        else:
            point = None
        return None if item.broken else point, start, len(self.state.nodes)

    def open(self, name: str, items: tuple[LayerItem, ...], context: Context) -> Scope:
        prefix = f"{context.scope.prefix}{name}."
        if items and len(prefix) > LONGEST_PATH:
            message = f"names of more than {LONGEST_PATH} characters, paths included"
            raise self.state.limit(message, items[0].kind_span)
        return Scope(prefix, context.scope, self.explicit(items))

    def dynamic(
        self, item: LayerItem, name: str, current: ValueRef | None, context: Context
    ) -> tuple[ValueRef | None, int, int]:
        start = len(self.state.nodes)
        word = self.state.value(item.kind_key, context, current)
        if word is UNKNOWN:
            return None, start, start
        if isinstance(word, str) and word in self.state.document.blocks:
            point = self.block(item, word, name, current, context)
            return point, start, len(self.state.nodes)
        found = registry.find(word) if isinstance(word, str) else None
        if found is not None and found.kind in registry.KINDS:
            assert isinstance(word, str)
            if not registry.KINDS[found.kind].merges:
                return self.layer(item, found, name, current, context)
            message = f"{word} has branches and cannot be named by an expression"
            self.state.problem(RuleError("bad-value", message), item.kind_key.span, context, name)
        else:
            problem = RuleError(
                "unknown-kind",
                f"there is no kind or block `{shown(word)}`",
                help=lambda: nearest_kind(
                    str(word), (*registry.KINDS, *self.state.document.blocks)
                ),
            )
            self.state.problem(problem, item.kind_key.span, context, name)
        return None, start, start

    # --- blocks -------------------------------------------------------------------------------

    def block(
        self, item: LayerItem, block: str, name: str, current: ValueRef | None, context: Context
    ) -> ValueRef | None:
        definition = self.state.document.blocks[block]
        full = context.scope.prefix + name
        self.state.visit(item)
        if self.is_endless(block, item, context):
            message = f"block {block} reaches itself"
            if context.depth >= DEEPEST:
                message += f", and no condition ends it within {DEEPEST} levels"
            self.state.problem(RuleError("recursive-block", message), item.kind_span, context, full)
            return None
        overrides = self.overrides(full, context)
        if TRAINABLE not in definition.arguments:
            trainable = overrides.pop(TRAINABLE, None)
            context = context._replace(trainable=self.trains(trainable, current, context))
        given = given_arguments(self.state, item, definition, overrides, full, context)
        if given is None:
            return None
        if definition.broken:
            self.state.names_incomplete = True
            return None
        arguments = evaluate_arguments(self.state, item, definition, given, full, current, context)
        if arguments is None:
            return None
        arguments[BLOCK_INPUT] = UNKNOWN if current is None else self.state.volume(current)
        conditional = context.conditional or item.dynamic
        used = item.kind_key.span
        inner = Context(
            self.open(name, definition.layers, context),
            ChainMap(arguments, self.state.variables),
            CallStack(block, used, context.trail, context.copy, conditional),
            context.trainable,
            depth=context.depth + 1,
            counter=INDEX if context.counter is not None else None,
            entry=current,
        )
        return self.items(definition.layers, current, inner)

    def is_endless(self, block: str, item: LayerItem, context: Context) -> bool:
        """Whether a block reaches itself, and no condition on the way can end that."""
        earlier = None if context.trail is None else context.trail.passes(block)
        if context.trail is None or earlier is None:
            return False
        ends = context.conditional or item.dynamic or context.trail.has_condition_since(earlier)
        return not ends or context.depth >= DEEPEST

    # --- layers -------------------------------------------------------------------------------

    def merge(
        self, item: LayerItem, name: str, current: ValueRef | None, context: Context
    ) -> ValueRef | None:
        assert item.branches is not None
        assert item.kind is not None
        inner = context._replace(depth=context.depth + 1, group=None)
        self.state.visit(item, len(item.branches))
        start = len(self.state.nodes)
        tried = self.state.overrides.branches.get(id(item), item.branches)
        branches = [kept for b in tried if (kept := self.chosen(b, current, inner))]
        ends = [end for branch in branches for end in self.branch(branch, current, inner)]
        if item.branches and not branches:
            message = f"{item.kind.kind} is left without a branch: `when` leaves out all of them"
            self.state.problem(RuleError("missing-option", message), item.kind_key.span, context)
        if current is None and None in ends:
            need_input(self.state, item, context, context.scope.prefix + name)
        points = tuple(end for end in ends if end is not None)
        unnamed = not name
        name = name or self.naming.running_name(item.kind.kind, context)
        point = None
        if ends and len(points) == len(ends):
            volume = None if current is None else self.state.volume(current)
            prepared = self.prepared(item, item.kind.kind, name, volume, context)
            if prepared is not None and not item.broken:
                volumes = tuple(map(self.state.volume, points))
                hold_what_is_said(
                    self.state, item, prepared, volumes, context, context.scope.prefix + name
                )
                point = self.place(item, prepared.layer, prepared.options, name, points, context)
        if unnamed:
            self.naming.register(name, Named(point, start, len(self.state.nodes), item), context)
        return point

    def chosen(self, branch: Branch, current: ValueRef | None, context: Context) -> Branch | None:
        """What its condition makes of a branch: itself, the one in its place, or nothing."""
        if branch.when is None or self.holds(branch.when, current, context):
            return branch
        return branch.otherwise and self.chosen(branch.otherwise, current, context)

    def branch(
        self, branch: Branch, current: ValueRef | None, context: Context
    ) -> list[ValueRef | None]:
        """Where a branch ends; several points where it names all copies of something."""
        if branch.when is not None:
            context = context._replace(conditional=True)
        if branch.reference is None:
            before, left_out = len(self.state.nodes), self.left_out
            point = self.items(branch.items, current, context)
            if self.left_out > left_out and len(self.state.nodes) == before and point == current:
                message = "all items of this branch are left out, so it is what comes in"
                help = (
                    "`{when: …, branch: […]}` leaves out the branch",
                    "`{when: …, branch: […], else: []}` says that what comes in takes its place",
                )
                finding = Diagnostic(
                    "emptied-branch", message, branch.items[0].kind_span, help=help
                )
                self.state.warn(finding, context)
            return [None if branch.broken else point]
        span = branch.reference.span
        return self.naming.named_points(branch.reference, span, context, current)
