"""Tree to graph: variables, blocks, repeats and branches, with volumes inferred as the graph grows.

They have to be: `in.channels` may decide what comes next. After a fault a volume is unknown, and
what depends on it is still looked at for faults of its own but stays quiet about volumes.
Nothing here knows a kind by name; a layer is asked what it infers.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping

from pydantic_core import PydanticCustomError

from cnncalc.diagnostics import Diagnostic, Problem, did_you_mean, listed
from cnncalc.document.model import BlockDefinition, Branch, Document, LayerItem, Option
from cnncalc.document.nodes import Mapping as MappingNode
from cnncalc.document.nodes import Node as YamlNode
from cnncalc.document.nodes import Scalar
from cnncalc.expressions import UNKNOWN, Names, UnknownValue, Value, template
from cnncalc.geometry import Rounding
from cnncalc.graph.graph import Fault, Graph, Named, Node, Point
from cnncalc.graph.options import Faulty, OptionReader, Prepared, option_span
from cnncalc.graph.scope import Context, Scope, Trail, explicit_names
from cnncalc.graph.settings import Settings, everywhere
from cnncalc.graph.values import Misplaced, evaluate, place_within
from cnncalc.layers import registry
from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis
from cnncalc.layers.options import integer, shown
from cnncalc.source import Source, Span
from cnncalc.volume import NoVolume, Volume

DEEPEST = 80
"""Levels of blocks, groups and branches inside one another."""

INPUT = "input"

MOST_FAULTS = 1000
"""Findings after which building ends."""


class _Stop(Exception):
    """Nothing more is to be found: a bound was passed, or the caller is in a hurry."""


class Known:
    """What the builds of one document's variants share: checked layers and what they infer."""

    def __init__(self) -> None:
        self.layers: dict[tuple[object, ...], Layer] = {}
        self.inferred: dict[RoundingPerAxis, dict[tuple[int, tuple[Volume, ...]], Inferred]] = {}

    def forget(self) -> None:
        self.layers.clear()
        self.inferred.clear()


def build(
    document: Document, settings: Settings | None = None, known: Known | None = None
) -> Graph:
    """The graph of a document. Never raises for what a user wrote: see `Graph.faults`."""
    return _Builder(document, settings or Settings(), known or Known()).build()


class _Builder:
    def __init__(self, document: Document, settings: Settings, known: Known) -> None:
        self.document = document
        self.settings = settings
        self.known = known
        self.reader = OptionReader(document, settings)
        self.reader.layers = known.layers
        self.rounding: RoundingPerAxis = everywhere(Rounding.EXACT)
        self.inputs: dict[str, Volume] = {}
        self.nodes: list[Node] = []
        self.names: dict[str, Named] = {}
        self.outputs: dict[str, Point] = {}
        self.variables: dict[str, Value] = {}
        self.faults: list[Fault] = []
        self.seen: dict[tuple[str, int, int], int] = {}
        self.repeated: dict[int, int] = {}
        self.inferred: dict[tuple[int, tuple[Volume, ...]], Inferred] = {}
        self.reserved: dict[int, frozenset[str]] = {}
        self.visits = 0
        self.names_incomplete = False
        self.used_options: set[str] = set()

    def build(self) -> Graph:
        try:
            self.read_variables()
            self.read_rounding()
            self.inferred = self.known.inferred.setdefault(self.rounding, {})
            self.read_inputs()
            scope = Scope("", None, self.explicit(self.document.layers))
            first = -1 if len(self.inputs) == 1 else None
            last = self.items(self.document.layers, first, Context(scope, self.variables))
            self.read_outputs(last)
            self.report_unused_settings()
        except _Stop:
            pass
        for index, times in self.repeated.items():
            fault = self.faults[index]
            again = f"the same happens {times} more time{'s' if times > 1 else ''}"
            notes = (*fault.diagnostic.notes, again)
            self.faults[index] = fault._replace(diagnostic=fault.diagnostic._replace(notes=notes))
        return Graph(
            self.document,
            self.inputs,
            self.nodes,
            self.outputs,
            self.names,
            self.variables,
            self.faults,
            self.visits,
        )

    # --- findings -----------------------------------------------------------------------------

    def report(
        self,
        finding: Diagnostic,
        context: Context | None = None,
        name: str | None = None,
        fault: Fault | None = None,
    ) -> None:
        """Keep a finding, once for each place: the copies of a block share their causes."""
        key = (finding.code, id(finding.span.source), finding.span.start)
        if key in self.seen:
            first = self.seen[key]
            self.repeated[first] = self.repeated.get(first, 0) + 1
            return
        self.seen[key] = len(self.faults)
        if context is not None and context.trail is not None:
            finding = finding._replace(notes=(*finding.notes, *context.trail.notes()))
        finding = finding._replace(layer=name or finding.layer)
        blank = Fault(finding) if fault is None else fault._replace(diagnostic=finding)
        self.faults.append(blank)
        if self.settings.hurried and finding.is_error:
            raise _Stop
        if len(self.faults) == MOST_FAULTS:
            message = f"more than {MOST_FAULTS:,} findings; the rest is not looked at"
            self.faults.append(Fault(Diagnostic("limit-exceeded", message, finding.span)))
            raise _Stop

    def problem(
        self, problem: Problem, span: Span, context: Context | None = None, name: str | None = None
    ) -> None:
        finding = Diagnostic(problem.code, problem.message, span, help=problem.help)
        self.report(finding, context, name)

    def limit(self, message: str, span: Span, *help: str, context: Context | None = None) -> _Stop:
        self.report(Diagnostic("limit-exceeded", message, span, help=help), context)
        return _Stop()

    # --- the head of the file -----------------------------------------------------------------

    def read_variables(self) -> None:
        own = self.document.vars
        for name, option in (own | dict(self.settings.variables)).items():
            if name not in own:
                self.problem(
                    Problem(
                        "unknown-variable",
                        f"the file has no variable `{name}`",
                        help=did_you_mean(name, own)
                        or ([f"it has {listed(own)}"] if own else ["it has no `vars:`"]),
                    ),
                    option.span,
                )
                continue
            try:
                self.variables[name] = evaluate(option.value, Names(self.variables))
            except Misplaced as fault:
                self.problem(fault.problem, fault.span)
                self.variables[name] = UNKNOWN
            except UnknownValue:
                self.variables[name] = UNKNOWN

    def read_rounding(self) -> None:
        option = self.document.rounding
        if self.settings.rounding is not None:
            self.rounding = self.settings.rounding
        elif option is not None:
            value = self.value(option.value, Context(_NOWHERE, self.variables))
            # Without a rounding it is not known what misfits: none is told then.
            self.rounding = everywhere(Rounding.FLOOR)
            if value is UNKNOWN:
                return
            if str(value).lower() in tuple(Rounding):
                self.rounding = everywhere(Rounding(str(value).lower()))
            else:
                message = f"`rounding` is exact, floor or ceil, not `{shown(value)}`"
                help = did_you_mean(str(value), Rounding)
                self.problem(Problem("bad-value", message, help=help), option.span)

    def read_inputs(self) -> None:
        option = self.document.input
        if option is None:
            return
        if isinstance(option.value, MappingNode):
            named = {key.text: (value, key) for key, value in option.value.entries}
            if not named:
                self.problem(Problem("missing-option", "`input` names no volume"), option.span)
        else:
            named = {INPUT: (option.value, option.key)}
        for name, (node, key) in named.items():
            volume = self.settings.inputs.get(name)
            if volume is None and len(named) == 1:
                volume = self.settings.inputs.get(INPUT)
            if volume is None:
                volume = self.input_volume(node, Option(key, node).span)
            if volume is not None:
                self.names[name] = Named(-1 - len(self.inputs), 0, 0, None)
                self.inputs[name] = volume
            else:
                self.names[name] = Named(None, 0, 0, None)

    def input_volume(self, node: YamlNode, span: Span) -> Volume | None:
        try:
            value = evaluate(node, Names(self.variables))
            if isinstance(value, str):
                return Volume.parse(value)
            axes = value if isinstance(value, tuple) else (value,)
            return Volume(integer(axis) for axis in axes)
        except Misplaced as fault:
            self.problem(fault.problem, fault.span)
        except UnknownValue:
            pass
        except ValueError as error:
            message = f"the input is no volume: {error}"
            help = ["write height x width x channels, such as 227x227x3"]
            self.problem(Problem("bad-value", message, help=help), span)
        return None

    def read_outputs(self, last: Point | None) -> None:
        option = self.document.outputs
        if not self.document.layers and self.document.layers_key is not None:
            problem = Problem("missing-option", "`layers` is empty")
            self.problem(problem, self.document.layers_key.span)
            return
        if option is None:
            if last is not None:
                self.outputs = {self.last_name(last): last}
            return
        context = Context(_NOWHERE, self.variables)
        value = self.value(option.value, context)
        if value is UNKNOWN:
            return
        names = value if isinstance(value, tuple) else (value,)
        if not names:
            self.problem(Problem("missing-option", "`outputs` names no layer"), option.span)
        for index, name in enumerate(names):
            span = place_within(option, (index,)) if isinstance(value, tuple) else option.span
            if not isinstance(name, str):
                message = f"`outputs` is a list of names of layers, and `{shown(name)}` is none"
                self.problem(Problem("wrong-type", message), span)
                continue
            found = self.find(name, span, context)
            if found is not None and found.point is not None:
                self.outputs[name] = found.point

    def last_name(self, last: Point) -> str:
        """What the file calls the last layer: a block's instance goes by its own name."""
        if last < 0:
            return list(self.inputs)[-1 - last]
        name = self.nodes[last].name
        for candidate, named in reversed(self.names.items()):
            if "." not in candidate and named.point == last:
                return candidate
        return name

    def report_unused_settings(self) -> None:
        for name in self.settings.inputs:
            if name not in self.inputs and not (name == INPUT and len(self.inputs) == 1):
                message = f"there is no input `{name}`; the inputs are {listed(self.inputs)}"
                source = Source("--input", name)
                self.problem(Problem("unknown-layer", message), Span(source, 0, len(name)))
        for kind, by_name in self.settings.kind_options.items():
            if not any(node.layer.kind == kind for node in self.nodes) and not self.faults:
                option = next(iter(by_name.values()))
                problem = Problem("unknown-layer", f"the network has no {kind} layer")
                self.problem(problem, _target(option.key.span))
        for name, options in self.settings.options.items():
            if name not in self.used_options and not self.names_incomplete:
                message = f"there is no layer `{name}`"
                help = did_you_mean(name, self.names)
                if name in self.names:
                    message, help = f"`{name}` is a group and has no options to set", ()
                self.problem(
                    Problem("unknown-layer", message, help=help),
                    _target(next(iter(options.values())).key.span),
                )

    # --- items --------------------------------------------------------------------------------

    def explicit(self, items: tuple[LayerItem, ...]) -> frozenset[str]:
        names = self.reserved.get(id(items))
        if names is None:
            names = self.reserved[id(items)] = explicit_names(items)
        return names

    def items(
        self, items: tuple[LayerItem, ...], current: Point | None, context: Context
    ) -> Point | None:
        """Build items one after the other; the point where the last one ends."""
        if context.depth > DEEPEST and items:
            raise self.limit(
                f"blocks, groups and branches are more than {DEEPEST} levels deep",
                items[0].kind_span,
            )
        for item in items:
            current = self.item(item, current, context)
        return current

    def item(self, item: LayerItem, current: Point | None, context: Context) -> Point | None:
        self.visit(item)
        if item.from_ is not None:
            current = self.source_of(item, context)
        if item.repeat is None:
            return self.copy(item, self.name_of(item, context, current), current, context)
        count = self.count(item.repeat, current, context)
        base = "" if _mentions_index(item) else self.name_of(item, context, current)
        group = context.scope.prefix + base if base else None
        start = len(self.nodes)
        for index in range(count):
            own: dict[str, Value] = {"index": index}
            values = ChainMap(own, context.values)
            inner = context._replace(values=values, copy=(index, count), group=group)
            self.visit(item)
            name = f"{base}.{index}" if base else self.name_of(item, inner, current)
            current = self.copy(item, name, current, inner)
        if base:
            self.register(base, Named(current, start, len(self.nodes), item), context)
        return current

    def visit(self, item: LayerItem, work: int = 1) -> None:
        """Bounds the work: an item counts even where it makes no layer."""
        self.visits += work
        bound = 3 * self.settings.max_layers + 1000
        if self.visits > bound:
            message = f"the layers expand to more than {bound:,} steps of work"
            raise self.limit(message, item.kind_span, "`--max-layers` raises the bound")

    def count(self, repeat: Option, current: Point | None, context: Context) -> int:
        value = self.value(repeat.value, context, current, bare=True)
        if value is UNKNOWN:
            return 1
        try:
            count = integer(value)
        except PydanticCustomError as error:
            problem = Problem(error.type, f"`repeat` {error.message()}")
            self.problem(problem, repeat.span, context)
            return 1
        if count < 0:
            message = f"`repeat` must be 0 or more, not {count}"
            self.problem(Problem("bad-value", message), repeat.span, context)
            return 1
        if count > self.settings.max_layers:
            raise self.limit(
                f"{count:,} copies; a network has at most {self.settings.max_layers:,} layers",
                repeat.span,
                "`--max-layers` raises the bound",
            )
        return count

    def copy(
        self, item: LayerItem, name: str, current: Point | None, context: Context
    ) -> Point | None:
        """One copy of an item: a block's instance, a group, a merge or a layer."""
        start = len(self.nodes)
        if item.when is not None and not self.holds(item.when, current, context):
            self.register(name, Named(current, start, start, item), context)
            return current
        if item.trainable is not None:
            value = self.value(item.trainable.value, context, current)
            if not isinstance(value, bool) and value is not UNKNOWN:
                problem = Problem(
                    "wrong-type", f"`trainable` takes true or false, not `{shown(value)}`"
                )
                self.problem(problem, item.trainable.span, context)
            context = context._replace(trainable=context.trainable and value is not False)
        point, stop = self.expand(item, name, current, context)
        if item.share is not None:
            found = self.shared(item.share, context)
            if found is not None and point is not None:
                self.share(item.share, found, start, stop, context)
        if name:
            self.register(name, Named(point, start, stop, item), context)
        return point

    def holds(self, when: Option, current: Point | None, context: Context) -> bool:
        value = self.value(when.value, context, current, bare=True)
        if value is UNKNOWN or isinstance(value, bool):
            return value is not False
        message = f"`when` is a condition, true or false, not `{shown(value)}`"
        self.problem(Problem("wrong-type", message), when.span, context)
        return True

    def expand(
        self, item: LayerItem, name: str, current: Point | None, context: Context
    ) -> tuple[Point | None, int]:
        """Build what an item stands for; its last point, and the end of the nodes that are its."""
        if item.layers is not None:
            inner = context._replace(depth=context.depth + 1, group=None)
            if name:
                inner = inner._replace(scope=self.open(name, item.layers, context))
            point = self.items(item.layers, current, inner)
        elif item.branches is not None:
            point = self.merge(item, name, current, context)
        elif item.block is not None:
            point = self.block(item, item.block, name, current, context)
        elif item.dynamic:
            point, stop = self.dynamic(item, name, current, context)
            return None if item.broken else point, stop
        elif item.kind is not None:
            return self.layer(item, item.kind, name, current, context)
        else:
            point = None
        return None if item.broken else point, len(self.nodes)

    def open(self, name: str, items: tuple[LayerItem, ...], context: Context) -> Scope:
        prefix = f"{context.scope.prefix}{name}."
        return Scope(prefix, context.scope, self.explicit(items))

    def dynamic(
        self, item: LayerItem, name: str, current: Point | None, context: Context
    ) -> tuple[Point | None, int]:
        word = self.value(item.kind_key, context, current)
        if word is UNKNOWN:
            return None, len(self.nodes)
        if isinstance(word, str) and word in self.document.blocks:
            return self.block(item, word, name, current, context), len(self.nodes)
        found = registry.find(word) if isinstance(word, str) else None
        if found is not None and found.kind in registry.KINDS:
            if not registry.KINDS[found.kind].merges:
                return self.layer(item, found, name, current, context)
            message = f"{found.kind} has branches and cannot be named by an expression"
            self.problem(Problem("bad-value", message), item.kind_key.span, context, name)
        else:
            known = (*registry.KINDS, *self.document.blocks)
            problem = Problem(
                "unknown-kind",
                f"there is no kind or block `{shown(word)}`",
                help=did_you_mean(str(word), known),
            )
            self.problem(problem, item.kind_key.span, context, name)
        return None, len(self.nodes)

    # --- blocks -------------------------------------------------------------------------------

    def block(
        self, item: LayerItem, block: str, name: str, current: Point | None, context: Context
    ) -> Point | None:
        definition = self.document.blocks[block]
        full = context.scope.prefix + name
        self.visit(item)
        if self.is_recursive(block, context):
            message = f"block {block} reaches itself"
            self.problem(Problem("recursive-block", message), item.kind_span, context, full)
            return None
        arguments = self.arguments(item, definition, full, current, context)
        if arguments is None:
            return None
        if "index" in context.values and "index" not in arguments:
            arguments["index"] = context.values["index"]
        inner = Context(
            self.open(name, definition.layers, context),
            ChainMap(arguments, self.variables),
            Trail(block, item.kind_key.span, context.trail, context.copy),
            context.trainable,
            depth=context.depth + 1,
        )
        point = self.items(definition.layers, current, inner)
        return None if definition.broken else point

    def is_recursive(self, block: str, context: Context) -> bool:
        trail = context.trail
        while trail is not None:
            if trail.block == block:
                return True
            trail = trail.parent
        return False

    def arguments(
        self,
        item: LayerItem,
        definition: BlockDefinition,
        full: str,
        current: Point | None,
        context: Context,
    ) -> dict[str, Value] | None:
        """The block's arguments, or None where one is missing, wrong or not known."""
        given = self.given_arguments(item, definition, full, context)
        if given is None:
            return None
        values: dict[str, Value] = {}
        for name, default in definition.arguments.items():
            option = given.get(name)
            there = context.values
            if option is None:
                option, there = default, ChainMap(values, self.variables)
            values[name] = UNKNOWN
            if option is default and name in definition.required:
                if not item.broken:
                    message = f"block {definition.key.text} needs `{name}`"
                    self.problem(Problem("missing-option", message), item.kind_span, context, full)
                continue
            try:
                values[name] = self.evaluated(option.value, there, current)
            except Misplaced as fault:
                self.problem(fault.problem, fault.span, context, full)
            except UnknownValue:
                pass
        if any(value is UNKNOWN for value in values.values()):
            self.names_incomplete = True
            return None
        return values

    def given_arguments(
        self, item: LayerItem, definition: BlockDefinition, full: str, context: Context
    ) -> dict[str, Option] | None:
        options = dict(item.options)
        if item.dynamic:
            if item.main is not None and definition.arguments:
                options = {next(iter(definition.arguments)): Option(item.kind_key, item.main)}
            else:
                options = {option.key.text: option for option in item.written}
        options |= self.overrides(full, context)
        unknown = [option for name, option in options.items() if name not in definition.arguments]
        for option in unknown:
            problem = Problem(
                "unknown-key",
                f"block {definition.key.text} has no argument `{option.key.text}`",
                help=did_you_mean(option.key.text, definition.arguments),
            )
            self.problem(problem, option.key.span, context, full)
        return None if unknown else options

    # --- layers -------------------------------------------------------------------------------

    def merge(
        self, item: LayerItem, name: str, current: Point | None, context: Context
    ) -> Point | None:
        assert item.branches is not None
        assert item.kind is not None
        inner = context._replace(depth=context.depth + 1, group=None)
        self.visit(item, len(item.branches))
        start = len(self.nodes)
        ends = [self.branch(branch, current, inner) for branch in item.branches]
        if current is None and None in ends:
            self.need_input(item, context, context.scope.prefix + name)
        points = tuple(end for end in ends if end is not None)
        unnamed = not name
        name = name or self.running_name(item.kind.kind, context)
        point = None
        if ends and len(points) == len(ends):
            prepared = self.prepared(item, item.kind.kind, name, None, context)
            if prepared is not None and not item.broken:
                point = self.place(item, prepared.layer, prepared.options, name, points, context)
        if unnamed:
            self.register(name, Named(point, start, len(self.nodes), item), context)
        return point

    def branch(self, branch: Branch, current: Point | None, context: Context) -> Point | None:
        if branch.reference is None:
            point = self.items(branch.items, current, context)
            return None if branch.broken else point
        span = branch.reference.span
        return self.named_point(branch.reference, span, context, current)

    def layer(
        self,
        item: LayerItem,
        kind: registry.NamedKind,
        name: str,
        current: Point | None,
        context: Context,
    ) -> tuple[Point | None, int]:
        full = context.scope.prefix + name
        volume = None if current is None else self.volume(current)
        prepared = self.prepared(item, kind.kind, name, volume, context)
        if prepared is None:
            return None, len(self.nodes)
        if current is None or volume is None:
            self.need_input(item, context, full)
            return None, len(self.nodes)
        if self.is_broken(item, kind.kind):
            return None, len(self.nodes)
        if self.contradicts_rank(item, kind, prepared.layer, volume, context, full):
            return None, len(self.nodes)
        point = self.place(item, prepared.layer, prepared.options, name, (current,), context)
        stop = len(self.nodes)
        if prepared.activation is not None:
            behind = prepared.activation
            assert behind.kind is not None
            if context.group is None:
                name = self.running_name(behind.kind.kind, context)
            else:
                name = f"{name}.{behind.kind.kind}"
            point, _ = self.layer(behind, behind.kind, name, point, context)
            self.register(name, Named(point, stop, len(self.nodes), behind), context)
        return point, stop

    def is_broken(self, item: LayerItem, kind: str) -> bool:
        return item.broken or kind in self.document.broken_defaults

    def prepared(
        self, item: LayerItem, kind: str, name: str, volume: Volume | None, context: Context
    ) -> Prepared | None:
        """The item's options checked; None, with findings, where they make no layer."""
        full = context.scope.prefix + name
        if id(item) not in self.reader.constant:
            # Long lists of expressions are worked out for every copy.
            self.visit(item, max(sum(o.value.weight for o in item.options.values()) - 20, 0))
        try:
            return self.reader.prepare(
                item,
                kind,
                Names(context.values, volume),
                volume is not None,
                self.overrides(full, context),
            )
        except Faulty as fault:
            for finding in fault.findings:
                # What a broken item misses may stand under the key that broke it.
                if not (self.is_broken(item, kind) and finding.code == "missing-option"):
                    self.report(finding, context, full)
        except UnknownValue:
            pass
        return None

    def overrides(self, full: str, context: Context) -> dict[str, Option]:
        """What `--set` says of a layer, or of all copies that share its name."""
        options: dict[str, Option] = {}
        if not self.settings.options:
            return options
        for name in (context.group, full):
            if name is not None and name in self.settings.options:
                self.used_options.add(name)
                options |= self.settings.options[name]
        return options

    def need_input(self, item: LayerItem, context: Context, name: str) -> None:
        """With several inputs nothing flows before the first layer says `from:`."""
        if not self.nodes and len(self.inputs) > 1 and not self.faults:
            names = " or ".join(f"`from: {name}`" for name in list(self.inputs)[:5])
            message = "the network has several inputs, and this layer does not say which it takes"
            problem = Problem("missing-option", message, help=[f"say {names}"])
            self.problem(problem, item.kind_span, context, name)

    def contradicts_rank(
        self,
        item: LayerItem,
        kind: registry.NamedKind,
        layer: Layer,
        volume: Volume,
        context: Context,
        name: str,
    ) -> bool:
        allowed = (0, 1) if layer.vectors_have_rank_one and kind.rank == 1 else (kind.rank,)
        if kind.rank is None or volume.rank in allowed:
            return False
        axes = "no spatial axes" if volume.rank == 0 else f"{volume.rank} spatial axes"
        axes = "1 spatial axis" if volume.rank == 1 else axes
        message = f"{item.kind_key.text} is for {kind.rank}-D, and its input {volume} has {axes}"
        problem = Problem("rank-mismatch", message, help=[f"say `{kind.kind}`: it fits any input"])
        self.problem(problem, item.kind_key.span, context, name)
        return True

    def place(
        self,
        item: LayerItem,
        layer: Layer,
        options: dict[str, Option],
        name: str,
        points: tuple[Point, ...],
        context: Context,
    ) -> Point | None:
        """Infer a layer's volume and add its node."""
        volumes = tuple(self.volume(point) for point in points)
        key = (id(layer), volumes)
        inferred = self.inferred.get(key)
        if inferred is None:
            try:
                inferred = layer.infer(volumes, self.rounding)
            except NoVolume as error:
                finding = Diagnostic("limit-exceeded", f"the output has {error}", item.kind_span)
                self.report(finding, context, context.scope.prefix + name)
                return None
            except Problem as problem:
                span = option_span(item, options, problem.at, problem.within)
                finding = Diagnostic(problem.code, problem.message, span, help=problem.help)
                fault = Fault(finding, item, layer, volumes, self.rounding)
                self.report(finding, context, context.scope.prefix + name, fault)
                return None
            self.inferred[key] = inferred
        if len(self.nodes) >= self.settings.max_layers:
            raise self.limit(
                f"more than {self.settings.max_layers:,} layers",
                item.kind_span,
                "`--max-layers` raises the bound",
                context=context,
            )
        full = context.scope.prefix + name
        self.nodes.append(Node(full, layer, points, inferred, item, context.trainable))
        return len(self.nodes) - 1

    # --- sharing ------------------------------------------------------------------------------

    def shared(self, option: Option, context: Context) -> Named | None:
        """What `share` names, or None with a finding, or None where it is not known."""
        name = self.value(option.value, context)
        if name is UNKNOWN:
            return None
        if not isinstance(name, str):
            problem = Problem("wrong-type", "`share` is the name of one earlier layer")
            self.problem(problem, option.span, context)
            return None
        found = self.find(name, option.span, context)
        return None if found is None or found.point is None else found

    def share(self, option: Option, found: Named, start: int, stop: int, context: Context) -> None:
        """Give nodes start … stop the weights of the named layer's nodes, one for one."""
        own = self.nodes[start:stop]
        first, last = found.start, found.stop
        if context.copy is not None and last - first == len(own) * context.copy[1]:
            # Copies share with the copies of what was repeated as often.
            first += context.copy[0] * len(own)
            last = first + len(own)
        theirs = self.nodes[first:last]
        if len(own) != len(theirs):
            message = f"{_text(option)} has {len(theirs)} layers and this has {len(own)}"
            self.problem(Problem("shape-mismatch", message), option.span, context)
            return
        for offset, (node, other) in enumerate(zip(own, theirs, strict=True)):
            if node.inferred.tensors != other.inferred.tensors:
                message = (
                    f"{node.name} cannot share the weights of {other.name}: "
                    f"{_tensors(node)} against {_tensors(other)}"
                )
                self.problem(Problem("shape-mismatch", message), option.span, context)
                return
            if node.inferred.tensors:
                owner = other.owner if other.owner is not None else first + offset
                self.nodes[start + offset] = node._replace(owner=owner, trainable=other.trainable)

    # --- names and values ---------------------------------------------------------------------

    def volume(self, point: Point) -> Volume:
        if point < 0:
            return list(self.inputs.values())[-1 - point]
        return self.nodes[point].inferred.output

    def name_of(self, item: LayerItem, context: Context, current: Point | None) -> str:
        """A layer's own name, or the next running one; nothing for a group without a name."""
        if item.name is not None:
            value = self.value(item.name.value, context, current)
            if value is UNKNOWN:
                pass
            elif isinstance(value, (str, int)) and not isinstance(value, bool):
                name = str(value)
                if name and "." not in name and not any(c.isspace() for c in name):
                    return name
                message = f"`{name}` is no name for a layer: dots and spaces have no place in it"
                self.problem(Problem("bad-value", message), item.name.span, context)
            else:
                problem = Problem("wrong-type", "`name` is a text")
                self.problem(problem, item.name.span, context)
        if item.layers is not None:
            return ""
        if item.branches is not None and item.repeat is None:
            # A merge is numbered when it is placed, behind the layers of its branches.
            return ""
        if item.block is not None:
            return self.running_name(item.block, context)
        if item.kind is not None:
            return self.running_name(item.kind.kind, context)
        try:
            word = self.evaluated(item.kind_key, context.values, current)
        except (Misplaced, UnknownValue):
            return ""
        found = registry.find(word) if isinstance(word, str) else None
        return self.running_name(found.kind if found else str(word), context)

    def running_name(self, kind: str, context: Context) -> str:
        scope = context.scope
        while True:
            scope.numbers[kind] += 1
            # The first relu6 is not the sixty-first relu.
            between = "_" if kind[-1].isdigit() else ""
            name = f"{kind}{between}{scope.numbers[kind]}"
            if name not in scope.reserved and scope.prefix + name not in self.names:
                return name

    def register(self, name: str, named: Named, context: Context) -> None:
        full = context.scope.prefix + name
        first = self.names.setdefault(full, named)
        if first is not named and named.item is not None:
            who = "an input is" if first.item is None else f"the layer at {first.item.node.span} is"
            item = named.item
            span = item.kind_span if item.name is None else item.name.span
            self.problem(Problem("duplicate-name", f"{who} called {full} already"), span, context)

    def find(self, name: str, span: Span, context: Context) -> Named | None:
        """What a reference means, searched outward; a finding where nothing has the name."""
        for prefix in context.scope.outward():
            named = self.names.get(prefix + name)
            if named is not None:
                return named
        if not self.names_incomplete:
            help = did_you_mean(name, self.names)
            if registry.find(name) is not None:
                help = (f"for a branch that is a layer, write a list: [{name}]",)
            message = f"no earlier layer or input is called `{name}`"
            self.problem(Problem("unknown-layer", message, help=help), span, context)
        return None

    def source_of(self, item: LayerItem, context: Context) -> Point | None:
        assert item.from_ is not None
        value = item.from_.value
        if isinstance(value, Scalar):
            return self.named_point(value, item.from_.span, context, None)
        message = "`from` is the name of one earlier layer or input"
        help = ["several meet in a merge, such as `concat: [a, b]`"]
        self.problem(Problem("wrong-type", message, help=help), item.from_.span, context)
        return None

    def named_point(
        self, reference: Scalar, span: Span, context: Context, current: Point | None
    ) -> Point | None:
        """The point that a reference names, or None with a finding, or where it is not known."""
        name = self.value(reference, context, current)
        if name is UNKNOWN:
            return None
        if not isinstance(name, str):
            message = f"`{shown(name)}` is not the name of an earlier layer or input"
            self.problem(Problem("wrong-type", message), span, context)
            return None
        found = self.find(name, span, context)
        return None if found is None else found.point

    def evaluated(
        self,
        node: YamlNode,
        values: Mapping[str, Value],
        current: Point | None,
        *,
        bare: bool = False,
    ) -> Value:
        volume = None if current is None else self.volume(current)
        return evaluate(node, Names(values, volume), bare=bare, volume_known=volume is not None)

    def value(
        self,
        node: YamlNode,
        context: Context,
        current: Point | None = None,
        *,
        bare: bool = False,
    ) -> Value:
        """A value; UNKNOWN with a finding, or in silence where it depends on the unknown."""
        try:
            return self.evaluated(node, context.values, current, bare=bare)
        except Misplaced as fault:
            self.problem(fault.problem, fault.span, context)
        except UnknownValue:
            self.names_incomplete = True
            if not self.faults:
                message = "`in` has no meaning here: there is no current volume"
                self.problem(Problem("bad-expression", message), node.span, context)
        return UNKNOWN


def _text(option: Option) -> str:
    return option.value.text if isinstance(option.value, Scalar) else option.key.text


def _target(option: Span) -> Span:
    """The layer in front of an option that `--set` names."""
    return Span(option.source, 0, max(option.start - 1, 0))


def _mentions_index(item: LayerItem) -> bool:
    """Whether copies name themselves by `$index`."""
    if item.name is None or not isinstance(item.name.value, Scalar):
        return False
    try:
        return "index" in template(item.name.value.text).names
    except Problem:
        return False


def _tensors(node: Node) -> str:
    shapes = ["x".join(map(str, tensor.shape)) for tensor in node.inferred.tensors]
    return " + ".join(shapes) or "no weights"


_NOWHERE = Scope("", None, frozenset())
