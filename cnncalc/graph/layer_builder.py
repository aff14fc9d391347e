"""Layers, one at a time: options read, volumes inferred, nodes added to a graph that grows."""

from __future__ import annotations

from cnncalc.diagnostics import Diagnostic, RuleError
from cnncalc.graph.build_state import BuildState
from cnncalc.graph.checks import contradicts_rank, hold_what_is_said, need_input
from cnncalc.graph.graph import FailedLayer, Named, Node, ValueRef
from cnncalc.graph.inference_cache import InferenceCache
from cnncalc.graph.names import Naming
from cnncalc.graph.options import InvalidItem, OptionReader, Prepared, option_span
from cnncalc.graph.overrides import TRAINABLE, Overrides
from cnncalc.graph.scope import Context
from cnncalc.graph.values import LocatedError
from cnncalc.language.expressions import UNKNOWN, Names, UnknownValue
from cnncalc.language.model import Document, LayerItem, Option, Part
from cnncalc.layers import registry
from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis
from cnncalc.layers.options import Count, WrongValue, shown
from cnncalc.volume import NoVolume, Volume

SLICE = "slice"
"""The kind of the parts of a split."""


class LayerBuilder:
    """Adds layers to a graph: with their norms and activations, or as the parts of a split."""

    def __init__(self, document: Document, overrides: Overrides, known: InferenceCache) -> None:
        self.state = BuildState(document, overrides)
        self.naming = Naming(self.state)
        self.reader = OptionReader(document, overrides, known.layers)
        self.rounding: RoundingPerAxis = ()
        self.inferred: dict[tuple[int, tuple[Volume, ...]], Inferred] = {}
        self.used_options: set[str] = set()

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
