"""From options as written to a validated layer: defaults, expressions, types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.diagnostics import Diagnostic, RuleError, did_you_mean
from cnncalc.graph.overrides import TRAINABLE, Overrides
from cnncalc.graph.values import LocatedError, evaluate, is_constant, place_within
from cnncalc.language import options as spelling
from cnncalc.language.expressions import Names, Value
from cnncalc.language.model import Defaults, Document, LayerItem, Option
from cnncalc.layers import registry
from cnncalc.layers.activation import Activation
from cnncalc.layers.base import InvalidOptions, Layer
from cnncalc.layers.options import shown
from cnncalc.yaml.nodes import Mapping, Scalar
from cnncalc.yaml.source import Span

NO_ACTIVATION = (None, "none", "linear", "identity")
_ACTIVATION = "activation"


class Prepared:
    """A layer ready to be placed: its options checked, its activation apart."""

    __slots__ = ("activation", "layer", "options")

    def __init__(
        self, layer: Layer, options: dict[str, Option], activation: LayerItem | None
    ) -> None:
        self.layer = layer
        self.options = options
        self.activation = activation


class InvalidItem(Exception):
    """Options that do not make a layer; the findings say why."""

    def __init__(self, findings: Sequence[Diagnostic | LocatedError]) -> None:
        super().__init__()
        self.findings = findings


class OptionReader:
    """Turns items into layers. Layers that say the same are one object."""

    def __init__(
        self, document: Document, overrides: Overrides, layers: dict[tuple[object, ...], Layer]
    ) -> None:
        self.document = document
        self.overrides = overrides
        self.layers = layers
        self.constant: dict[int, Prepared] = {}
        self.activations: dict[int, LayerItem | None] = {}

    def prepare(
        self,
        item: LayerItem,
        kind: str,
        names: Names,
        volume_known: bool,
        overrides: dict[str, Option],
    ) -> Prepared:
        """Raises `InvalidItem` for wrong options, `UnknownValue` where an unknown volume decides
        one."""
        if not overrides and (known := self.constant.get(id(item))) is not None:
            return known
        layer_class = registry.KINDS[kind]
        options = self.options_of(item, layer_class)
        if overrides:
            options |= self.overriding(overrides, layer_class)
        prepared = self.read(item, layer_class, options, names, volume_known)
        constant = not overrides and not item.dynamic
        if constant and all(is_constant(option.value) for option in options.values()):
            self.constant[id(item)] = prepared
        return prepared

    def options_of(self, item: LayerItem, layer_class: type[Layer]) -> dict[str, Option]:
        """The options of an item over the file's defaults for its kind."""
        own = item.options
        if item.dynamic:
            value = Mapping(item.node.source, item.node.start) if item.written else item.main
            if isinstance(value, Mapping):
                value.entries = [(option.key, option.value) for option in item.written]
            own, findings = spelling.of_value(layer_class, item.kind_key, value)
            if findings:
                raise InvalidItem(findings)
        defaults = self.document.defaults if item.defaults is None else item.defaults
        options = defaults.get(layer_class.kind, {}) | own
        everywhere = self.overrides.kind_options.get(layer_class.kind)
        if everywhere is not None:
            options |= self.overriding(everywhere, layer_class)
        return options

    def overriding(self, overrides: Any, layer_class: type[Layer]) -> dict[str, Option]:
        written = [
            (option.key, option.value) for name, option in overrides.items() if name != TRAINABLE
        ]
        names = layer_class.spellings
        options, findings = spelling.by_own_name(layer_class.kind, names, written)
        if findings:
            raise InvalidItem(findings)
        return options

    def read(
        self,
        item: LayerItem,
        layer_class: type[Layer],
        options: dict[str, Option],
        names: Names,
        volume_known: bool,
    ) -> Prepared:
        values: dict[str, Value] = {}
        findings: list[LocatedError] = []
        activation = None
        for own, option in options.items():
            try:
                if own == _ACTIVATION:
                    activation = self.activation(option, item.defaults, names, volume_known)
                else:
                    values[own] = evaluate(option.value, names, volume_known=volume_known)
            except LocatedError as fault:
                findings.append(fault)
        if findings:
            raise InvalidItem(findings)
        patches = self.overrides.patches
        if patches:
            of_kind = patches.get(layer_class.kind, {}) if item.defaults is None else {}
            values.update((k, v) for k, v in of_kind.items() if k not in item.options)
            values.update(patches.get(id(item), {}))
        key = (layer_class.kind, *map(_exact, values.items()))
        layer = self.layers.get(key)
        if layer is None:
            try:
                layer = layer_class(**values)
            except InvalidOptions as error:
                raise InvalidItem(_findings(error, item, layer_class, options)) from None
            self.layers[key] = layer
        return Prepared(layer, options, activation)

    def activation(
        self, option: Option, defaults: Defaults | None, names: Names, volume_known: bool
    ) -> LayerItem | None:
        """The item that an activation option stands for; None for none.

        Raises `LocatedError`, or `UnknownValue` where an unknown volume decides.
        """
        value = option.value
        arguments = None
        word: Value
        if isinstance(value, Mapping) and len(value.entries) == 1:
            key, arguments = value.entries[0]
            word = key.text
        else:
            key = value if isinstance(value, Scalar) else option.key
            word = evaluate(value, names, volume_known=volume_known)
        if word in NO_ACTIVATION:
            return None
        found = registry.find(word) if isinstance(word, str) else None
        layer_class = registry.KINDS.get(found.kind) if found is not None else None
        if found is None or layer_class is None or not issubclass(layer_class, Activation):
            known = [k for k, c in registry.KINDS.items() if issubclass(c, Activation)]
            help = did_you_mean(str(word), known) or ["there are " + ", ".join(known)]
            problem = RuleError("bad-value", f"`{shown(word)}` is not an activation", help=help)
            raise LocatedError(problem, option.span)
        made = self.activations.get(id(value))
        if made is None or made.kind != found:
            made = LayerItem(value, key)
            made.kind = found
            made.defaults = defaults
            made.options, findings = spelling.of_value(layer_class, key, arguments)
            if findings:
                first = findings[0]
                raise LocatedError(
                    RuleError(first.code, first.message, help=first.help), first.span
                )
            self.activations[id(value)] = made
        return made


def _exact(item: tuple[str, Value]) -> tuple[object, ...]:
    """A key that is different for 1, true and 1.0, which are equal to Python."""
    name, value = item
    if isinstance(value, str):
        return name, str, str(value)
    return name, type(value), repr(value) if isinstance(value, tuple) else value


def option_span(
    item: LayerItem, options: dict[str, Option], at: str | None, within: tuple[int | str, ...] = ()
) -> Span:
    """Where an option stands: in the item, its defaults or `--set`; otherwise the item's kind."""
    if at is not None and at in options:
        return place_within(options[at], within)
    return item.kind_span


def _findings(
    error: InvalidOptions, item: LayerItem, layer_class: type[Layer], options: dict[str, Option]
) -> list[Diagnostic]:
    findings = [
        Diagnostic(p.code, p.message, option_span(item, options, p.at, p.within))
        for p in error.problems
    ]
    if error.missing and not (findings and item.main is not None):
        missing = sorted(error.missing, key=lambda name: name != layer_class.default_option)
        message = f"{layer_class.kind} needs " + " and ".join(f"`{name}`" for name in missing)
        help = tuple(f"`{n}`: {layer_class.options[n].description}" for n in missing)
        findings.append(Diagnostic("missing-option", message, item.kind_span, help=help))
    return findings
