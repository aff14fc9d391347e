"""Tree to graph: blocks, repeats and branches, with volumes inferred as the graph grows.

They have to be: `in.channels` may decide what comes next. After a fault a volume is unknown, and
what depends on it is still looked at for faults of its own but stays quiet about volumes.
No kind is treated by its name: each layer infers its own output.
"""

from __future__ import annotations

from collections import ChainMap

from cnncalc.diagnostics import Diagnostic, RuleError
from cnncalc.graph.arguments import evaluate_arguments, given_arguments
from cnncalc.graph.build_state import BuildState, Stop
from cnncalc.graph.checks import contradicts_rank, hold_what_is_said, need_input
from cnncalc.graph.graph import FailedLayer, Graph, Named, Node, ValueRef
from cnncalc.graph.inference_cache import InferenceCache
from cnncalc.graph.inputs import read_inputs, read_rounding, read_variables
from cnncalc.graph.names import BLOCK_INPUT, INDEX, Naming, counter_of, counts_in_name
from cnncalc.graph.options import InvalidItem, OptionReader, Prepared, option_span
from cnncalc.graph.outputs import read_outputs, report_unused_overrides
from cnncalc.graph.overrides import TRAINABLE, Overrides
from cnncalc.graph.scope import CallStack, Context, Scope, explicit_names
from cnncalc.graph.sharing import share, shared
from cnncalc.graph.values import LocatedError, is_constant
from cnncalc.language.expressions import UNKNOWN, Names, UnknownValue, Value
from cnncalc.language.foreign_names import nearest_kind
from cnncalc.language.model import Branch, Document, LayerItem, Option, Part
from cnncalc.layers import registry
from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis
from cnncalc.layers.options import Count, WrongValue, integer, shown
from cnncalc.volume import NoVolume, Volume

SLICE = "slice"
"""The kind of the parts of a split."""

DEEPEST = 80
"""Levels of blocks, groups and branches inside one another."""


def build(
    document: Document, overrides: Overrides | None = None, known: InferenceCache | None = None
) -> Graph:
    """The graph of a document. Never raises for what a user wrote: see `Graph.faults`."""
    return _Builder(document, overrides or Overrides(), known or InferenceCache()).build()


LONGEST_PATH = 500
"""Characters of the names of the blocks and groups that a layer stands in."""


class _Builder:
    """Walks the items of a document, copies and branches included, and adds the nodes."""

    def __init__(self, document: Document, overrides: Overrides, known: InferenceCache) -> None:
        self.state = BuildState(document, overrides)
        self.naming = Naming(self.state)
        self.known = known
        self.reader = OptionReader(document, overrides, known.layers)
        self.rounding: RoundingPerAxis = ()
        self.inferred: dict[tuple[int, tuple[Volume, ...]], Inferred] = {}
        self.reserved: dict[int, frozenset[str]] = {}
        self.used_options: set[str] = set()
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

    def split(
        self,
        item: LayerItem,
        parts: tuple[Part, ...],
        current: ValueRef | None,
        context: Context,
    ) -> ValueRef | None:
        """Parts of the channels, each a layer with a name; what comes in goes on."""
        if current is None:
            need_input(self.state, item, context, context.scope.prefix + item.kind_key.text)
        sizes = self.sizes(item, parts, current, context) if parts else None
        if current is None or sizes is None:
            self.state.names_incomplete = True
            return current
        stop = 0
        for part, channels in zip(parts, sizes, strict=True):
            self.state.visit(part.item)
            name = self.naming.name_of(part.item, context, current)
            start, stop, first = stop, stop + channels, len(self.state.nodes)
            layer = registry.KINDS[SLICE](channels=(start, stop))
            point = self.place(part.item, layer, {}, name, (current,), context)
            known = Named(point, first, len(self.state.nodes), part.item)
            self.naming.register(name, known, context)
        return current

    def sizes(
        self,
        item: LayerItem,
        parts: tuple[Part, ...],
        current: ValueRef | None,
        context: Context,
    ) -> list[int] | None:
        """The channels of each part of a split; None, with a finding, where they are not all."""
        whole = None if current is None else self.state.volume(current).channels
        said = [part.channels for part in parts if part.channels is not None]
        if not said:
            if whole is None or whole % len(parts) == 0:
                return [(whole or 0) // len(parts)] * len(parts)
            message = f"{len(parts)} parts do not divide the {whole} channels"
            self.state.problem(RuleError("shape-mismatch", message), item.kind_span, context)
            return None
        values = [self.state.value(option.value, context, current) for option in said]
        sizes = []
        for option, value in zip(said, values, strict=True):
            try:
                sizes.append(0 if value is UNKNOWN else Count("").read(value))
            except WrongValue as error:
                problem = RuleError(error.code, f"`{option.key.text}` {error.message}")
                self.state.problem(problem, option.span, context)
        if len(sizes) < len(parts) or 0 in sizes or whole is None:
            return None
        if sum(sizes) != whole:
            sums = " + ".join(map(str, sizes))
            sums += f" = {sum(sizes)}" if len(sizes) > 1 else ""
            message = f"the parts have {sums} channels, and {whole} come in"
            self.state.problem(RuleError("shape-mismatch", message), item.kind_span, context)
            return None
        return sizes

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

    def layer(
        self,
        item: LayerItem,
        kind: registry.NamedKind,
        name: str,
        current: ValueRef | None,
        context: Context,
    ) -> tuple[ValueRef | None, int, int]:
        """Where a layer ends, with its norm and its activation, and the nodes that are its own."""
        start = len(self.state.nodes)
        full = context.scope.prefix + name
        volume = None if current is None else self.state.volume(current)
        prepared = self.prepared(item, kind.kind, name, volume, context)
        if prepared is None:
            return None, start, start
        volumes = () if volume is None else (volume,)
        hold_what_is_said(self.state, item, prepared, volumes, context, full)
        if current is None or volume is None:
            need_input(self.state, item, context, full)
            return None, start, start
        if self.is_broken(item, kind.kind):
            return None, start, start
        if contradicts_rank(self.state, item, kind, prepared.layer, volume, context, full):
            return None, start, start
        around = self.around(full, current, context)
        for other in prepared.before:
            before = self.companion(other, name, current, around)
            if before is None:
                return None, start, len(self.state.nodes)
            current = before
        start = len(self.state.nodes)
        point = self.place(item, prepared.layer, prepared.options, name, (current,), context)
        stop = len(self.state.nodes)
        for other in prepared.after:
            point = self.companion(other, name, point, around)
        return point, start, stop

    def around(self, full: str, current: ValueRef | None, context: Context) -> Context:
        """What surrounds the norm and the activation of a layer."""
        trainable = self.overrides(full, context).get(TRAINABLE)
        return context._replace(trainable=self.trains(trainable, current, context))

    def companion(
        self, item: LayerItem, name: str, current: ValueRef | None, context: Context
    ) -> ValueRef | None:
        """The norm or the activation of a layer, with a row of its own."""
        assert item.kind is not None
        if context.group is None:
            name = self.naming.running_name(item.kind.kind, context)
        else:
            name = f"{name}.{item.kind.kind}"
        first = len(self.state.nodes)
        point, *_ = self.layer(item, item.kind, name, current, context._replace(group=None))
        known = Named(point, first, len(self.state.nodes), item)
        self.naming.register(name, known, context)
        return point

    def is_broken(self, item: LayerItem, kind: str) -> bool:
        return item.broken or kind in self.state.document.broken_defaults

    def prepared(
        self, item: LayerItem, kind: str, name: str, volume: Volume | None, context: Context
    ) -> Prepared | None:
        """The item's options checked; None, with findings, where they make no layer."""
        full = context.scope.prefix + name
        if id(item) not in self.reader.constant:
            # Long lists of expressions are worked out for every copy.
            self.state.visit(item, max(sum(o.value.weight for o in item.options.values()) - 20, 0))
        try:
            return self.reader.prepare(
                item,
                kind,
                Names(context.values, volume),
                volume is not None,
                self.overrides(full, context),
            )
        except InvalidItem as fault:
            for finding in fault.findings:
                # What a broken item misses may stand under the key that broke it.
                if isinstance(finding, LocatedError):
                    self.state.problem(finding.problem, finding.span, context, full)
                elif not (self.is_broken(item, kind) and finding.code == "missing-option"):
                    self.state.report(finding, context, full)
        except UnknownValue:
            pass
        return None

    def overrides(self, full: str, context: Context) -> dict[str, Option]:
        """What `--set` says of a layer, or of all copies that share its name."""
        options: dict[str, Option] = {}
        if not self.state.overrides.options:
            return options
        for name in (context.group, full):
            if name is not None and name in self.state.overrides.options:
                self.used_options.add(name)
                options |= self.state.overrides.options[name]
        return options

    def training_of_group(self, name: str, current: ValueRef | None, context: Context) -> Context:
        """What surrounds the layers of a group, after what `--set` says of it; it has but that."""
        full = context.scope.prefix + name
        overrides = self.state.overrides.options
        for known in (context.group, full if name else None):
            option = overrides.get(known, {}).get(TRAINABLE) if known is not None else None
            if known is not None and option is not None:
                if len(overrides[known]) == 1:
                    self.used_options.add(known)
                context = context._replace(trainable=self.trains(option, current, context))
        return context

    def trains(self, option: Option | None, current: ValueRef | None, context: Context) -> bool:
        """Whether parameters are learned where `--set` may say so; it replaces what the file says
        there."""
        if option is None:
            return context.trainable
        value = self.state.value(option.value, context, current)
        if not isinstance(value, bool) and value is not UNKNOWN:
            message = f"`{TRAINABLE}` takes true or false, not `{shown(value)}`"
            self.state.problem(RuleError("wrong-type", message), option.span, context)
        return value is not False

    def place(
        self,
        item: LayerItem,
        layer: Layer,
        options: dict[str, Option],
        name: str,
        points: tuple[ValueRef, ...],
        context: Context,
    ) -> ValueRef | None:
        """Infer a layer's volume and add its node."""
        volumes = tuple(self.state.volume(point) for point in points)
        key = (id(layer), volumes)
        inferred = self.inferred.get(key)
        if inferred is None:
            try:
                inferred = layer.infer(volumes, self.rounding)
            except NoVolume as error:
                finding = Diagnostic("limit-exceeded", f"the output has {error}", item.kind_span)
                self.state.report(finding, context, context.scope.prefix + name)
                return None
            except RuleError as problem:
                span = option_span(item, options, problem.at, problem.within)
                finding = Diagnostic(problem.code, problem.message, span, help=problem.help)
                fault = FailedLayer(finding, item, layer, volumes, self.rounding, points)
                self.state.report(finding, context, context.scope.prefix + name, fault)
                return None
            self.inferred[key] = inferred
        full = context.scope.prefix + name
        everywhere = self.state.overrides.kind_options.get(layer.kind, {}).get(TRAINABLE)
        trainable = self.overrides(full, context).get(TRAINABLE, everywhere)
        learns = self.trains(trainable, points[0], context)
        node = Node(full, layer, points, inferred, item, learns)
        return self.state.add(node, context)
