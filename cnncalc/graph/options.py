"""From options as written to a validated layer: defaults, expressions, types."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as SequenceOf
from functools import partial
from typing import Any, NamedTuple

from cnncalc.diagnostics import Diagnostic, RuleError
from cnncalc.graph.meant_value import without_dashes, written_instead
from cnncalc.graph.overrides import TRAINABLE, Overrides
from cnncalc.graph.values import LocatedError, evaluate, is_constant, place_within
from cnncalc.language import options as spelling
from cnncalc.language.expressions import Names, UnknownValue, Value
from cnncalc.language.foreign_names import nearest_kind
from cnncalc.language.model import Defaults, Document, LayerItem, Option
from cnncalc.layers import activation, classes, normalization, registry
from cnncalc.layers.arguments import Argument
from cnncalc.layers.base import InvalidOptions, Layer
from cnncalc.layers.options import Order, shown
from cnncalc.yaml.nodes import Mapping, Scalar, Sequence
from cnncalc.yaml.source import Span

NO_ACTIVATION = (None, "none", "linear", "identity")
COMPANIONS = {
    "norm": ("a normalization", registry.of_family(normalization)),
    "activation": ("an activation", registry.of_family(activation)),
}
"""Options that are layers of their own: what each is, and the kinds it may be."""


class Said(NamedTuple):
    """What an argument of a framework's class says, to be held against what comes in."""

    name: str
    argument: Argument
    value: Value
    span: Span


class Prepared:
    """A layer ready to be placed: its options checked; the layers that options stand for, those
    before and those after it, and what else is said of it, apart."""

    __slots__ = ("after", "before", "layer", "options", "said")

    def __init__(
        self,
        layer: Layer,
        options: dict[str, Option],
        before: tuple[LayerItem, ...],
        after: tuple[LayerItem, ...],
        said: tuple[Said, ...] = (),
    ) -> None:
        self.layer = layer
        self.options = options
        self.before = before
        self.after = after
        self.said = said


class InvalidItem(Exception):
    """Options that do not make a layer; the findings say why."""

    def __init__(self, findings: SequenceOf[Diagnostic | LocatedError]) -> None:
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
        self.companions: dict[int, LayerItem] = {}

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
        options = self.options_of(item, layer_class, names)
        if overrides:
            name = self.class_name(item, names)
            options |= self.overriding(overrides, layer_class, name)
        prepared = self.read(item, layer_class, options, names, volume_known)
        constant = not overrides and not item.dynamic
        if constant and all(is_constant(option.value) for option in options.values()):
            self.constant[id(item)] = prepared
        return prepared

    def options_of(
        self, item: LayerItem, layer_class: type[Layer], names: Names
    ) -> dict[str, Option]:
        """The options of an item over the file's defaults for its kind."""
        own = item.options
        if item.dynamic:
            value = Mapping(item.node.source, item.node.start) if item.written else item.main
            if isinstance(value, Mapping):
                value.entries = [(option.key, option.value) for option in item.written]
            key, word = item.kind_key, self.class_name(item, names)
            named = Scalar(key.source, key.start, key.end, word, word)
            own, findings = spelling.of_value(layer_class, named, value)
            if findings:
                raise InvalidItem(findings)
        options = self.defaults_of(item, layer_class) | own
        everywhere = self.overrides.kind_options.get(layer_class.kind)
        if everywhere is not None:
            options |= self.overriding(everywhere, layer_class, layer_class.kind)
        return options

    def defaults_of(self, item: LayerItem, layer_class: type[Layer]) -> dict[str, Option]:
        """The file's defaults for a kind. What is said of `Upsample` holds where its arguments make
        another kind of it, too."""
        defaults = self.document.defaults if item.defaults is None else item.defaults
        named = registry.find(item.kind_key.text)
        others = (
            {} if named is None or named.kind == layer_class.kind else defaults.get(named.kind, {})
        )
        common = {name: option for name, option in others.items() if name in layer_class.options}
        return common | defaults.get(layer_class.kind, {})

    def overriding(self, overrides: Any, layer_class: type[Layer], name: str) -> dict[str, Option]:
        """What `--set` says of a layer by the name that its kind has in the file."""
        written = [
            (option.key, option.value) for own, option in overrides.items() if own != TRAINABLE
        ]
        kind, names = layer_class.kind, layer_class.spellings
        find = partial(classes.argument, layer_class, name)
        options, findings = spelling.by_own_name(kind, names, written, find)
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
        values, said, companions = self.values_of(item, layer_class, options, names, volume_known)
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
                raise InvalidItem(
                    _findings(error, item, layer_class, options, values, names)
                ) from None
            self.layers[key] = layer
        before, after = _around(companions, layer.values.get("order") or Order.usual)
        return Prepared(layer, options, before, after, said)

    def values_of(
        self,
        item: LayerItem,
        layer_class: type[Layer],
        options: dict[str, Option],
        names: Names,
        volume_known: bool,
    ) -> tuple[dict[str, Value], tuple[Said, ...], dict[str, LayerItem]]:
        """What the options come to, what else is said, and the layers that options stand for.

        Raises `InvalidItem`, or `UnknownValue` where an unknown volume decides one."""
        known = classes.class_of(self.class_name(item, names))
        values: dict[str, Value] = {}
        said: list[Said] = []
        if known is not None:
            values, said = _by_default(known, item.kind_span, layer_class, options)
        findings: list[Diagnostic | LocatedError] = []
        companions: dict[str, LayerItem] = {}
        unknown = None
        for own, option in options.items():
            try:
                if own in COMPANIONS and option.argument is None:
                    companion = self.companion(own, option, item.defaults, names, volume_known)
                    companions |= {} if companion is None else {own: companion}
                elif option.argument is None:
                    values[own] = evaluate(option.value, names, volume_known=volume_known)
                elif option.argument.read_at_all:
                    value = evaluate(option.value, names, volume_known=volume_known)
                    said.append(Said(own, option.argument, value, option.span))
            except LocatedError as fault:
                findings.append(_with_help(fault, option))
            except UnknownValue as doubt:
                unknown = doubt
        values |= {} if known is None else known.says
        findings += _given(said, values)
        if known is not None and known.constraint is not None:
            said.append(Said("", known.constraint, None, item.kind_span))
        if unknown is not None:
            findings += _of_known(layer_class, values, item, options)
        if findings:
            raise InvalidItem(findings)
        if unknown is not None:
            raise unknown
        return values, tuple(said), companions

    def class_name(self, item: LayerItem, names: Names) -> str:
        """The name of an item's kind as it was written, or what its expression comes to."""
        return str(evaluate(item.kind_key, names)) if item.dynamic else item.kind_key.text

    def companion(
        self,
        own: str,
        option: Option,
        defaults: Defaults | None,
        names: Names,
        volume_known: bool,
    ) -> LayerItem | None:
        """The item that a `norm` or an `activation` stands for; None for none.

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
        if word in NO_ACTIVATION or (isinstance(word, str) and word.lower() in NO_ACTIVATION):
            return None
        found = registry.find(word) if isinstance(word, str) else None
        layer_class = registry.KINDS.get(found.kind) if found is not None else None
        what, known = COMPANIONS[own]
        if found is None or layer_class is None or found.kind not in known:
            help = nearest_kind(str(word), known) or ["there are " + ", ".join(known)]
            problem = RuleError("bad-value", f"`{shown(word)}` is not {what}", help=help)
            raise LocatedError(problem, option.span)
        made = self.companions.get(id(value))
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
            self.companions[id(value)] = made
        return made


def _around(
    companions: dict[str, LayerItem], order: tuple[str, ...]
) -> tuple[tuple[LayerItem, ...], tuple[LayerItem, ...]]:
    """The items before a layer and those after it."""
    own = order.index("layer")
    return tuple(
        tuple(companions[word] for word in part if word in companions)
        for part in (order[:own], order[own + 1 :])
    )  # type: ignore[return-value]


def _by_default(
    known: classes.FrameworkClass, span: Span, layer_class: type[Layer], options: dict[str, Option]
) -> tuple[dict[str, Value], list[Said]]:
    """The options, and the other arguments, that a framework's class has where they are not
    given."""
    values: dict[str, Value] = {}
    said = []
    for word, default in known.defaults.items():
        argument = classes.ARGUMENTS.get(layer_class.kind, {}).get(word)
        if argument is None:
            values[word] = default
        elif word not in options:
            said.append(Said(word, argument, default, span))
    return values, said


def _given(said: list[Said], values: dict[str, Value]) -> Iterator[LocatedError]:
    """Put what arguments of framework's classes mean into the values of options."""
    for one in said:
        try:
            one.argument.give(one.value, values)
        except RuleError as problem:
            yield LocatedError(problem, one.span)


def _exact(item: tuple[str, Value]) -> tuple[object, ...]:
    """A key that is different for 1, true and 1.0, which are equal to Python."""
    name, value = item
    if isinstance(value, str):
        return name, str, str(value)
    return name, type(value), repr(value) if isinstance(value, tuple) else value


def _with_help(fault: LocatedError, option: Option) -> LocatedError:
    """The error with help, where options are written as a list of mappings."""
    help = without_dashes(option.value, option.key.text)
    if not help or fault.problem.help:
        return fault
    problem = RuleError(fault.problem.code, fault.problem.message, help=help)
    return LocatedError(problem, fault.span)


def option_span(
    item: LayerItem, options: dict[str, Option], at: str | None, within: tuple[int | str, ...] = ()
) -> Span:
    """Where an option stands: in the item, its defaults or `--set`; otherwise the item's kind."""
    if at is not None and at in options:
        return place_within(options[at], within)
    return item.kind_span


def _of_known(
    layer_class: type[Layer],
    values: dict[str, Value],
    item: LayerItem,
    options: dict[str, Option],
) -> Iterator[Diagnostic]:
    """What is wrong with single options where the values of others are not known."""
    for name, value in values.items():
        try:
            layer_class.options[name].value(value)
        except RuleError as p:
            yield Diagnostic(p.code, p.message, option_span(item, options, p.at, p.within))


def _by_name(item: LayerItem, layer_class: type[Layer], problem: RuleError) -> tuple[str, ...]:
    """Help for a list in the place of one number: arguments by their order, as in a call."""
    is_main = problem.at == layer_class.default_option
    if not (is_main and isinstance(item.main, Sequence) and problem.code == "wrong-type"):
        return problem.help
    main = str(layer_class.default_option)
    others = [n for n, option in layer_class.options.items() if option.required and n != main]
    required = [main, *others]
    said = ", ".join(f"{name}: …" for name in required)
    return (*problem.help, f"options go by their names: `{item.kind_key.text}: {{{said}}}`")


def _findings(
    error: InvalidOptions,
    item: LayerItem,
    layer_class: type[Layer],
    options: dict[str, Option],
    values: dict[str, Value],
    names: Names,
) -> list[Diagnostic]:
    findings = []
    for problem in error.problems:
        span = option_span(item, options, problem.at, problem.within)
        help = problem.help
        if problem.at in options and problem.at in values:
            own, value = layer_class.options[problem.at], values[problem.at]
            help = help or written_instead(options[problem.at], value, own, layer_class, names)
        help = help or _by_name(item, layer_class, problem)
        findings.append(Diagnostic(problem.code, problem.message, span, help=help))
    if error.missing and not (findings and item.main is not None):
        missing = sorted(error.missing, key=lambda name: name != layer_class.default_option)
        message = f"{layer_class.kind} needs " + " and ".join(f"`{name}`" for name in missing)
        help = tuple(f"`{n}`: {layer_class.options[n].description}" for n in missing)
        findings.append(Diagnostic("missing-option", message, item.kind_span, help=help))
    return findings
