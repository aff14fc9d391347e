"""Items of lists of layers: which kind they name, with which options, and how they are wired."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

from cnncalc.language import options as option_names
from cnncalc.language import templates
from cnncalc.language.framework_hints import said_otherwise
from cnncalc.language.model import BlockDefinition, Branch, LayerItem, Option, Part
from cnncalc.language.near_kinds import as_list, near_kind
from cnncalc.language.sections import Form, is_null
from cnncalc.layers import classes, registry
from cnncalc.layers.base import Layer
from cnncalc.layers.translations import is_none
from cnncalc.yaml.nodes import OUT_OF_RANGE, Mapping, Node, Scalar, Sequence
from cnncalc.yaml.source import Span

WIRING = ("name", "from", "repeat", "counter", "first", "last", "when", "share", "trainable")

BRANCHES = "branches"
"""The key of a kind's branches among its options."""

CONDITIONAL = ("when", "branch", "else")
"""The keys of a branch with a condition."""

BRANCHES = "branches"
"""The key of a kind's branches among its options."""


class ItemReader:
    """Reads items, given the blocks of the file by name. Where a block's own arguments cannot be
    read it stands there as None; in `refused` are names that something is wrong with."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.blocks: dict[str, BlockDefinition | None] = {}
        self.refused: set[str] = set()

    def items(self, option: Option, owner: str) -> tuple[LayerItem, ...]:
        if isinstance(option.value, Sequence):
            return self.list_of_items(option.value)
        if not is_null(option.value):
            help = as_list(option.value) if isinstance(option.value, Mapping) else ()
            message = f"the layers of {owner} are a list"
            self.form.report("wrong-type", message, option.span, *help)
            self.form.mistaken.add("layers")
        return ()

    def list_of_items(self, sequence: Sequence) -> tuple[LayerItem, ...]:
        return tuple(self.item(node) for node in sequence.items)

    def item(self, node: Node) -> LayerItem:
        """An item of a list of layers, broken where its form is wrong."""
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self.of_kind(LayerItem(node, node), node, None)
        if not isinstance(node, Mapping):
            message = "a layer is a kind such as `relu`, or a mapping such as `{dense: 10}`"
            help: tuple[str, ...] = ()
            if isinstance(node, Sequence):
                help = ("a list stands in a branch of a merge only: is this one `- ` too many?",)
            self.form.report("wrong-type", message, _first_line(node), *help)
            return _broken(node, Scalar(node.source, node.start, node.end, "", None))
        wiring, others = {}, []
        for key, value in node.entries:
            if key.text in WIRING:
                wiring[key.text] = Option(key, value)
            else:
                others.append(Option(key, value))
        before = len(self.form.findings)
        chosen = self.choose_kind(node, others)
        # Of an item without a kind, the key that was meant for one, wherever it stands.
        named = chosen.key if chosen is not None else others[0].key if others else None
        # Only the place of the mapping is needed any more; its entries go.
        place = Node(node.source, node.start, node.end)
        item = LayerItem(place, named or Scalar(node.source, node.start, node.end, "", None))
        if "repeat" in wiring:
            self.form.check_expressions(wiring["repeat"].value, bare=True)
        outside, self.form.mentioned = self.form.mentioned, set()
        for name, option in wiring.items():
            if name not in ("repeat", "counter"):
                self.form.check_expressions(option.value, bare=name == "when")
            setattr(item, "from_" if name == "from" else name, option)
        if item.counter is not None:
            self.check_counter(item, item.counter)
        item.broken = chosen is None or len(self.form.findings) > before
        if chosen is not None:
            self.of_kind(item, chosen.key, chosen.value)
        if (item.first is not None or item.last is not None) and not item.broken:
            self.of_copies(item)
        if item.repeat is not None:
            item.mentioned = frozenset(self.form.mentioned)
        self.form.mentioned |= outside
        return item

    def check_counter(self, item: LayerItem, counter: Option) -> None:
        if item.repeat is None:
            message = "`counter` names what `repeat` counts, and this item has no `repeat`"
            self.form.report("missing-option", message, counter.span)
        elif isinstance(counter.value, Scalar) and counter.value.value is OUT_OF_RANGE:
            pass
        elif isinstance(counter.value, Scalar) and isinstance(counter.value.value, str):
            self.form.is_name(counter.value, "a counter")
        else:
            self.form.report("wrong-type", "`counter` is a name", counter.span)

    def of_copies(self, item: LayerItem) -> None:
        """The items that the first and the last copy are, which say some options otherwise."""
        before = len(self.form.findings)
        said = [
            {} if option is None else self.options_of_copy(item, option)
            for option in (item.first, item.last)
        ]
        item.broken = item.broken or len(self.form.findings) > before
        for is_first, is_last in ((True, False), (False, True), (True, True)):
            own = copy(item)
            own.copies = {}
            own.options = (
                item.options | (said[1] if is_last else {}) | (said[0] if is_first else {})
            )
            item.copies[is_first, is_last] = own

    def options_of_copy(self, item: LayerItem, option: Option) -> dict[str, Option]:
        word, kind = option.key.text, item.kind_key.text
        if isinstance(option.value, Scalar) and option.value.value is OUT_OF_RANGE:
            return {}
        if item.repeat is None:
            message = f"`{word}` is about a copy of `repeat`, and this item has no `repeat`"
            self.form.report("missing-option", message, option.span)
        elif not isinstance(option.value, Mapping):
            message = f"`{word}` is a mapping of options, such as `{{stride: 2}}`"
            self.form.report("wrong-type", message, option.span)
        elif item.dynamic:
            message = f"`{word}` gives options, and which {kind} has is not known"
            help = "say it by `index`: `$(2 if index == 0 else 1)`"
            self.form.report("bad-value", message, option.span, help)
        elif item.block is not None:
            definition = self.blocks[item.block]
            names = [] if definition is None else definition.arguments
            owner, known = item.block, {name: name for name in names}
            return self.read_options(owner, known, option.value)
        elif item.kind is not None and item.kind.kind in registry.KINDS and item.branches is None:
            layer = registry.KINDS[item.kind.kind]
            return self.read_options(layer.kind, layer.spellings, option.value)
        elif item.kind is not None:
            message = f"`{word}` gives options, and {kind} has none"
            help = f"`{{when: …}}` inside says what the {word} copy has"
            self.form.report("bad-value", message, option.span, help)
        return {}

    def read_options(self, owner: str, known: dict[str, str], value: Mapping) -> dict[str, Option]:
        options, findings = option_names.by_own_name(owner, known, value.entries)
        self.form.findings += findings
        return options

    def choose_kind(self, node: Mapping, others: list[Option]) -> Option | None:
        """The key that names the kind; findings for all others."""
        kinds = [option for option in others if self.is_kind(option.key.text)]
        unknown = [option for option in others if not self.is_kind(option.key.text)]
        if not kinds:
            if unknown:
                self.unknown_kind(unknown[0].key, unknown)
            else:
                message = "this item names no kind of layer"
                self.form.report("missing-option", message, _first_line(node))
            return None
        chosen = kinds[0]
        for option in kinds[1:]:
            self.form.report(
                "bad-value",
                f"an item names one kind, and this one names {chosen.key.text} and "
                f"{option.key.text}",
                option.key.span,
                "make them two items",
            )
        for option in unknown:
            self.stray_key(option, chosen)
        return chosen

    def stray_key(self, option: Option, chosen: Option) -> None:
        key = option.key.text
        named = registry.find(chosen.key.text)
        layer = registry.KINDS.get(named.kind) if named else None
        help = self.form.near(key, WIRING)
        if key.isdigit():
            help = (f"inside {{…}} a comma ends the value: write `{chosen.key.text}: {{…}}`",)
        if layer is not None and key in layer.spellings:
            before = f"{BRANCHES}: […]" if layer.merges else "…"
            example = f"{chosen.key.text}: {{{before}, {key}: …}}"
            help = (f"it is an option of {layer.kind} and goes inside it: `{example}`",)
        self.form.report("unknown-key", f"a layer has no key `{key}`", option.key.span, *help)

    def is_kind(self, name: str) -> bool:
        return (
            name in self.blocks
            or name in self.refused
            or registry.find(name) is not None
            or templates.has_expression(name)
        )

    def unknown_kind(self, key: Scalar, others: Iterable[Option] = ()) -> None:
        if self.form.orphaned:
            return
        known = (*registry.KINDS, *registry.NO_LAYERS, *self.blocks)
        near = self.form.near_kind(key.text, known)
        listed = ("`cnncalc layers` lists the kinds; what has none is `custom`",)
        help = near_kind(key, list(others)) or said_otherwise(key.text) or near or listed
        self.form.report("unknown-kind", f"there is no kind or block `{key.text}`", key.span, *help)

    def of_kind(self, item: LayerItem, key: Scalar, value: Node | None) -> LayerItem:
        """Fill in what the kind's value says; null is no value."""
        if value is not None and is_null(value):
            value = None
        if value is not None and not isinstance(value, Mapping):
            item.main = value
        if key.text in self.refused:
            item.broken = True
            return item
        if key.text in self.blocks:
            return self.of_block(item, key, value)
        if templates.has_expression(key.text):
            self.form.check_expressions(key)
            item.dynamic = True
            if isinstance(value, Mapping):
                item.written = tuple(Option(*entry) for entry in value.entries)
            if value is not None:
                self.form.check_expressions(value)
            return item
        named = _kind_meant(key, value)
        if named is None:
            self.unknown_kind(key)
            item.broken = True
            return item
        item.kind = named
        if named.kind == registry.SEQUENTIAL:
            item.layers = self.group(key, value)
            return item
        if named.kind == registry.SPLIT:
            item.parts = self.parts(key, value)
            item.broken = item.broken or not item.parts
            return item
        return self.of_layer(item, registry.KINDS[named.kind], key, value)

    def of_layer(
        self, item: LayerItem, layer: type[Layer], key: Scalar, value: Node | None
    ) -> LayerItem:
        if layer.merges or layer.may_merge:
            item.branches, value = self.branches_of(layer, key, value)
        item.options, findings = option_names.of_value(layer, key, value)
        self.form.findings += findings
        item.broken = item.broken or bool(findings)
        if value is not None:
            self.form.check_expressions(value)
        return item

    def of_block(self, item: LayerItem, key: Scalar, value: Node | None) -> LayerItem:
        item.block = key.text
        definition = self.blocks[key.text]
        arguments = {} if definition is None else {name: name for name in definition.arguments}
        if isinstance(value, Mapping):
            item.options, findings = option_names.by_own_name(key.text, arguments, value.entries)
            self.form.findings += findings
            item.broken = item.broken or bool(findings)
        elif value is not None:
            if arguments:
                item.options = {next(iter(arguments)): Option(key, value)}
            elif definition is None or not definition.broken:
                message = f"block {key.text} takes no arguments"
                self.form.report("wrong-type", message, Option(key, value).span)
                item.broken = True
        if value is not None:
            self.form.check_expressions(value)
        return item

    def group(self, key: Scalar, value: Node | None) -> tuple[LayerItem, ...]:
        if isinstance(value, Sequence):
            return self.list_of_items(value)
        if value is not None:
            span = Option(key, value).span
            self.form.report("wrong-type", f"{key.text} takes a list of layers", span)
        return ()

    def parts(self, key: Scalar, value: Node | None) -> tuple[Part, ...]:
        """The parts of a split: a list of names, or names with the channels of each."""
        sizes: list[tuple[Node, Node | None]] = []
        if isinstance(value, Sequence):
            sizes = [(name, None) for name in value.items]
        elif isinstance(value, Mapping):
            sizes = list(value.entries)
        names = [name for name, _ in sizes if isinstance(name, Scalar) and name.text]
        if not names or len(names) < len(sizes):
            span = key.span if value is None else Option(key, value).span
            message = f"{key.text} takes a list of names, or a mapping from names to channels"
            help = f"such as `{key.text}: [a, b]` or `{key.text}: {{a: 16, b: 48}}`"
            self.form.report("wrong-type", message, span, help)
            return ()
        if value is not None:
            self.form.check_expressions(value)
        found = []
        for name, (_, size) in zip(names, sizes, strict=True):
            self.form.check_expressions(name)
            part = LayerItem(name, name)
            part.kind = registry.find("slice")
            part.name = Option(name, name)
            found.append(Part(part, None if size is None else Option(name, size)))
        return tuple(found)

    def branches_of(
        self, layer: type[Layer], key: Scalar, value: Node | None
    ) -> tuple[tuple[Branch, ...] | None, Node | None]:
        """The branches of a kind that merges, and what is left of its value: its options."""
        if isinstance(value, Mapping):
            entries = [entry for entry in value.entries if entry[0].text != BRANCHES]
            for name, branches in value.entries:
                if name.text == BRANCHES and (layer.merges or layer.may_merge):
                    options = Mapping(value.source, value.start)
                    options.entries = entries
                    return self.read_branches(key, branches, name), options
        if not layer.merges:
            return None, value
        return self.read_branches(key, value), None

    def read_branches(
        self, key: Scalar, value: Node | None, within: Scalar | None = None
    ) -> tuple[Branch, ...]:
        """Branches after a kind, or after `branches` within its options."""
        example = f"{key.text}: [[…], []]"
        if within is not None:
            example = f"{key.text}: {{{within.text}: [[…], []]}}"
        if not isinstance(value, Sequence):
            span = key.span if value is None else Option(within or key, value).span
            message = f"{key.text} takes a list of branches"
            instead = _branches(key, value) or example
            self.form.report("wrong-type", message, span, f"such as `{instead}`")
            return ()
        if not value.items:
            message = f"{key.text} has no branches"
            span = Option(within or key, value).span
            self.form.report("missing-option", message, span, f"such as `{example}`")
        return tuple(map(self.branch, value.items))

    def branch(self, node: Node) -> Branch:
        if isinstance(node, Sequence):
            return Branch(node, self.list_of_items(node))
        if isinstance(node, Scalar) and isinstance(node.value, str):
            self.form.check_expressions(node)
            return Branch(node, reference=node)
        keys = {key.text for key, _ in node.entries} if isinstance(node, Mapping) else set()
        if isinstance(node, Mapping) and keys & {"branch", "else"}:
            return self.conditional(node)
        help: tuple[str, ...] = ()
        if "when" in keys:
            help = ("say `{when: …, branch: […]}` for a branch that may be left out",)
        elif keys:
            help = ("put it into brackets: a list of one",)
        message = "a branch is a list of layers, `[]`, or the name of an earlier layer"
        self.form.report("wrong-type", message, _first_line(node), *help)
        # A mapping in place of a list is read on as if it were one item, to report its faults.
        items = (self.item(node),) if isinstance(node, Mapping) and "when" not in keys else ()
        return Branch(node, items, broken=True)

    def conditional(self, node: Mapping) -> Branch:
        """A branch with a condition: `{when: …, branch: […], else: […]}`."""
        fields = self.form.fields(iter(node.entries), CONDITIONAL, "a branch with a condition")
        for key in ("when", "branch"):
            if key not in fields and key not in self.form.mistaken:
                message = f"a branch with a condition says `{key}`"
                help = "write `{when: …, branch: […]}`, and `else: […]` for what comes in its place"
                self.form.report("missing-option", message, _first_line(node), help)
        if "when" in fields:
            self.form.check_expressions(fields["when"].value, bare=True)
        chosen = self.branch(fields["branch"].value) if "branch" in fields else Branch(node)
        other = self.branch(fields["else"].value) if "else" in fields else None
        if chosen.when is not None:
            message = "a branch with a condition stands in another one: join them by `and`"
            self.form.report("wrong-type", message, fields["branch"].key.span)
        broken = chosen.broken or len(fields) < len(node.entries) or "when" not in fields
        return chosen._replace(broken=broken, when=fields.get("when"), otherwise=other)


def _kind_meant(key: Scalar, value: Node | None) -> registry.NamedKind | None:
    """The kind that a name means, with the arguments that a framework's class is given."""
    named = registry.find(key.text)
    if named is None or not isinstance(value, Mapping):
        return named
    given = (k.text for k, v in value.entries if not is_none(getattr(v, "value", v)))
    other = classes.other_kind(key.text, given)
    return named if other is None else named._replace(kind=other)


def _branches(key: Scalar, value: Node | None) -> str:
    """What is written for a merge whose branches are one name, or stand under a key."""
    if isinstance(value, Scalar) and isinstance(value.value, str):
        return f"{key.text}: [[], {value.text}]"
    if isinstance(value, Mapping) and len(value.entries) == 1:
        inner = value.entries[0][1]
        if isinstance(inner, Sequence) and all(isinstance(item, Scalar) for item in inner.items):
            names = ", ".join(item.text for item in inner.items if isinstance(item, Scalar))
            return f"{key.text}: [{names}]"
    return ""


def _broken(node: Node, key: Scalar) -> LayerItem:
    item = LayerItem(node, key)
    item.broken = True
    return item


def _first_line(node: Node) -> Span:
    """A node's span, cut at the end of its first line."""
    span = node.span
    if span.end_line == span.line:
        return span
    return Span(
        span.source,
        span.start,
        span.start + len(span.source.line_text(span.line)) - span.column + 1,
    )
