"""Nodes to tree: the form of a file. Unknown, missing and repeated keys are found here.

Every section reports on its own and the rest goes on, so that one run finds all that is wrong.
Values are left as nodes; only the syntax of their expressions is checked.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator
from pathlib import PurePath

from cnncalc import expressions
from cnncalc.diagnostics import Diagnostic, Problem, did_you_mean, printable
from cnncalc.document import options as option_names
from cnncalc.document.model import BlockDefinition, Branch, Document, LayerItem, Option
from cnncalc.document.nodes import OUT_OF_RANGE, Mapping, Node, Scalar, Sequence, compose
from cnncalc.document.remarks import remarks_of
from cnncalc.layers import registry
from cnncalc.source import Source, Span

WIRING = ("name", "from", "repeat", "when", "share", "trainable")
SECTIONS = (
    "name",
    "description",
    "source",
    "family",
    "input",
    "rounding",
    "vars",
    "defaults",
    "blocks",
    "layers",
    "outputs",
    "expect",
    "extends",
)
EXPECTED_OF_NETWORK = (
    "output",
    "params",
    "weights",
    "biases",
    "macs",
    "flops",
    "memory",
    "layers",
)

MOST_NEAR_NAMES = 100
"""Findings after which near names are no longer looked for: that takes time."""

RESERVED = ("in", "true", "false", "index")
"""Names that no variable, argument or block may have, beside Python's keywords."""

BLOCK_SECTIONS = ("args", "layers", "description")

_BARE_EXPRESSIONS = ("when", "repeat")


def parse(
    source: Source, inherit: Callable[[Option], Document | None] | None = None
) -> tuple[Document, list[Diagnostic]]:
    """Read a file's tree. `inherit` finds the document that `extends:` names."""
    root, findings = compose(source)
    parser = _Parser(source, findings)
    return parser.document(root, inherit), findings


class _Parser:
    def __init__(self, source: Source, findings: list[Diagnostic]) -> None:
        self.source = source
        self.findings = findings
        self.blocks: dict[str, BlockDefinition | None] = {}
        self.mentioned: set[str] = set()
        self.sections: dict[str, Option] = {}
        self.broken_defaults: set[str] = set()
        self.expect_findings: list[Diagnostic] = []
        self.refused_blocks: set[str] = set()
        self.mistaken: set[str] = set()
        """Keys that misspelt ones were probably meant to be: their absence has been told."""
        self.orphaned = False
        """The file extends one that could not be read: what seems missing may be there."""

    # --- small things -----------------------------------------------------------------------

    def report(self, code: str, message: str, span: Span, *help: str) -> None:
        self.findings.append(Diagnostic(code, message, span, help=help))

    def entries(self, option: Option, what: str) -> Iterator[tuple[Scalar, Node]]:
        """Entries of a mapping; nothing for null; a finding for anything else."""
        node = option.value
        if isinstance(node, Mapping):
            yield from node.entries
        elif not _is_null(node):
            self.report("wrong-type", f"`{option.key.text}` is a mapping of {what}", option.span)

    def fields(
        self, entries: Iterator[tuple[Scalar, Node]], known: tuple[str, ...], owner: str
    ) -> dict[str, Option]:
        """Entries of a mapping whose keys are fixed."""
        found = {}
        for key, value in entries:
            if key.text in known:
                found[key.text] = Option(key, value)
                continue
            near = did_you_mean(key.text, known)
            self.mistaken.update(name for name in known if f"did you mean `{name}`?" in near)
            help = near or [f"{owner} has " + ", ".join(known)]
            self.report("unknown-key", f"{owner} has no `{key.text}`", key.span, *help)
        return found

    def text(self, option: Option | None) -> str | None:
        if option is None or _is_null(option.value):
            return None
        if isinstance(option.value, Scalar):
            return printable(option.value.text)
        self.report("wrong-type", f"`{option.key.text}` is a text", option.span)
        return None

    def check_expressions(self, node: Node, *, bare: bool = False) -> None:
        """Report what is wrong in the syntax of expressions, and note the names they mention."""
        if isinstance(node, Scalar):
            if not isinstance(node.value, str) or node.value is OUT_OF_RANGE:
                return
            if not (bare or expressions.has_expression(node.text)):
                return
            try:
                read = expressions.bare if bare else expressions.template
                self.mentioned |= read(node.text).names
            except Problem as problem:
                self.report(problem.code, problem.message, node.span, *problem.help)
        elif isinstance(node, Sequence):
            for item in node.items:
                self.check_expressions(item)
        elif isinstance(node, Mapping):
            for _, value in node.entries:
                self.check_expressions(value)

    # --- the file ---------------------------------------------------------------------------

    def document(
        self, root: Node | None, inherit: Callable[[Option], Document | None] | None
    ) -> Document:
        own = Document(self.source, _stem(self.source.name), remarks=remarks_of(self.source, root))
        if root is None:
            return own._replace(orphaned=True)
        if not isinstance(root, Mapping):
            self.report(
                "wrong-type",
                "an architecture file is a mapping with `input:` and `layers:`",
                root.span
                if isinstance(root, Scalar)
                else Span(self.source, root.start, root.start),
            )
            return own._replace(orphaned=True)
        self.sections = sections = self.fields(iter(root.entries), SECTIONS, "an architecture file")
        for section in ("input", "rounding", "outputs", "vars", "defaults", "expect"):
            if section in sections:
                self.check_expressions(sections[section].value)
        base = None
        if "extends" in sections and inherit is not None:
            base = inherit(sections["extends"])
            self.orphaned = base is None or base.orphaned
        if base is not None:
            self.blocks |= base.blocks
        blocks = self.read_blocks()
        layers = self.read_layers()
        own = own._replace(
            name=self.text(sections.get("name")) or own.name,
            description=self.text(sections.get("description")),
            citation=self.text(sections.get("source")),
            family=self.text(sections.get("family")),
            input=sections.get("input"),
            rounding=sections.get("rounding"),
            vars=self.read_vars(),
            defaults=self.read_defaults(),
            broken_defaults=frozenset(self.broken_defaults),
            blocks=blocks,
            layers=layers,
            layers_key=self.layers_key(),
            outputs=sections.get("outputs"),
            expect=self.read_expect(),
            expect_findings=tuple(self.expect_findings),
            extends=sections.get("extends"),
            mentioned=frozenset(self.mentioned),
        )
        if self.orphaned:
            return Document(self.source, own.name, orphaned=True)
        merged = own if base is None else _merge(own, base, sections)
        self.require_sections(merged)
        return merged

    def require_sections(self, document: Document) -> None:
        for section, found in (("input", document.input), ("layers", document.layers_key)):
            if found is None and section not in self.mistaken:
                self.report(
                    "missing-option",
                    f"the file has no `{section}:`",
                    Span(self.source, 0, 0),
                    {
                        "input": "say the input's volume, such as `input: 227x227x3`",
                        "layers": "list the layers, such as `layers: [{dense: 10}, softmax]`",
                    }[section],
                )

    def read_vars(self) -> dict[str, Option]:
        found = {}
        if "vars" in self.sections:
            for key, value in self.entries(self.sections["vars"], "names and values"):
                if self.is_name(key, "a variable"):
                    found[key.text] = Option(key, value)
        return found

    def is_name(self, key: Scalar, what: str) -> bool:
        name = key.text
        well_formed = name.isascii() and name.isidentifier()
        if (
            well_formed
            and not keyword.iskeyword(name)
            and name not in RESERVED
            and "__" not in name
        ):
            return True
        why = "is a reserved word" if well_formed else "is no name"
        self.report(
            "bad-value",
            f"`{name}` {why}: {what} is called by letters, digits and underscores",
            key.span,
        )
        return False

    def read_defaults(self) -> dict[str, dict[str, Option]]:
        found: dict[str, dict[str, Option]] = {}
        if "defaults" not in self.sections:
            return found
        for key, value in self.entries(self.sections["defaults"], "kinds and their options"):
            named = registry.find(key.text)
            if named is None or named.kind == registry.SEQUENTIAL:
                self.report(
                    "unknown-kind",
                    f"there is no kind `{key.text}` to set defaults of",
                    key.span,
                    *did_you_mean(key.text, registry.KINDS),
                )
                continue
            if named.kind in found:
                message = f"`{key.text}` sets defaults of {named.kind} a second time"
                self.report("duplicate-key", message, key.span)
                continue
            options, findings = option_names.of_value(registry.KINDS[named.kind], key, value)
            self.findings += findings
            if findings:
                self.broken_defaults.add(named.kind)
            found[named.kind] = options
        return found

    def read_expect(self) -> dict[str, Option]:
        if "expect" not in self.sections:
            return {}
        entries = self.entries(self.sections["expect"], "quantities and what they should be")
        # Faults in what is expected leave the network itself as known as it was.
        others, self.findings = self.findings, self.expect_findings
        fields = self.fields(entries, EXPECTED_OF_NETWORK, "`expect`")
        self.findings = others
        return fields

    # --- blocks -----------------------------------------------------------------------------

    def read_blocks(self) -> dict[str, BlockDefinition]:
        if "blocks" not in self.sections:
            return {}
        entries = []
        for key, value in self.entries(self.sections["blocks"], "names and blocks"):
            if self.is_block_name(key):
                entries.append((key, value))
                self.blocks[key.text] = None
            elif registry.find(key.text) is None:
                self.refused_blocks.add(key.text)
        # Arguments first: blocks may use blocks that stand below them.
        headers = []
        for key, value in entries:
            before = len(self.findings)
            arguments, required, body = self.read_header(key, value)
            broken = len(self.findings) > before
            definition = BlockDefinition(key, arguments, required, (), broken)
            self.blocks[key.text] = definition
            headers.append((definition, body))
        found = {}
        for definition, body in headers:
            name = definition.key.text
            layers = self.items(body, f"block {name}") if body is not None else ()
            found[name] = definition._replace(layers=layers)
        return found

    def is_block_name(self, key: Scalar) -> bool:
        name = key.text
        if registry.find(name) is not None or name in WIRING:
            what = "a kind" if registry.find(name) else "a wiring key"
            message = f"a block cannot be called `{name}`, which is {what} of the language"
            self.report("bad-value", message, key.span)
            return False
        return self.is_name(key, "a block")

    def read_header(
        self, key: Scalar, value: Node
    ) -> tuple[dict[str, Option], frozenset[str], Option | None]:
        option = Option(key, value)
        entries = self.entries(option, "args and layers")
        fields = self.fields(entries, BLOCK_SECTIONS, "a block")
        arguments, required = {}, set()
        if "args" in fields:
            self.check_expressions(fields["args"].value)
            for name, default in self.entries(fields["args"], "arguments and their defaults"):
                if self.is_name(name, "an argument"):
                    arguments[name.text] = Option(name, default)
                    if _is_null(default):
                        required.add(name.text)
        readable = isinstance(value, Mapping) or _is_null(value)
        if readable and "layers" not in fields and "layers" not in self.mistaken:
            self.report("missing-option", f"block {key.text} has no `layers:`", key.span)
        return arguments, frozenset(required), fields.get("layers")

    # --- layers -----------------------------------------------------------------------------

    def layers_key(self) -> Scalar | None:
        """The key of the list of layers, where it is one."""
        option = self.sections.get("layers")
        return None if option is None or "layers" in self.mistaken else option.key

    def read_layers(self) -> tuple[LayerItem, ...]:
        if "layers" not in self.sections:
            return ()
        return self.items(self.sections["layers"], "the file")

    def items(self, option: Option, owner: str) -> tuple[LayerItem, ...]:
        if isinstance(option.value, Sequence):
            return self.list_of_items(option.value)
        if not _is_null(option.value):
            self.report("wrong-type", f"the layers of {owner} are a list", option.span)
            self.mistaken.add("layers")
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
            self.report("wrong-type", message, _first_line(node), *help)
            return _broken(node, Scalar(node.source, node.start, node.end, "", None))
        wiring, others = {}, []
        for key, value in node.entries:
            if key.text in WIRING:
                wiring[key.text] = Option(key, value)
            else:
                others.append(Option(key, value))
        before = len(self.findings)
        chosen = self.choose_kind(node, others)
        first = node.entries[0][0] if node.entries else None
        named = chosen.key if chosen is not None else first
        # Only the place of the mapping is needed any more; its entries go.
        place = Node(node.source, node.start, node.end)
        item = LayerItem(place, named or Scalar(node.source, node.start, node.end, "", None))
        for name, option in wiring.items():
            self.check_expressions(option.value, bare=name in _BARE_EXPRESSIONS)
            setattr(item, "from_" if name == "from" else name, option)
        if chosen is None:
            item.broken = True
            return item
        item.broken = len(self.findings) > before
        return self.of_kind(item, chosen.key, chosen.value)

    def choose_kind(self, node: Mapping, others: list[Option]) -> Option | None:
        """The key that names the kind; findings for all others."""
        kinds = [option for option in others if self.is_kind(option.key.text)]
        unknown = [option for option in others if not self.is_kind(option.key.text)]
        if not kinds:
            if unknown:
                self.unknown_kind(unknown[0].key)
            else:
                message = "this item names no kind of layer"
                self.report("missing-option", message, _first_line(node))
            return None
        chosen = kinds[0]
        for option in kinds[1:]:
            self.report(
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
        help = did_you_mean(key, WIRING)
        if layer is not None and key in registry.spellings(layer):
            example = f"{chosen.key.text}: {{…, {key}: …}}"
            help = (f"it is an option of {layer.kind} and goes inside it: `{example}`",)
        self.report("unknown-key", f"a layer has no key `{key}`", option.key.span, *help)

    def is_kind(self, name: str) -> bool:
        return (
            name in self.blocks
            or name in self.refused_blocks
            or registry.find(name) is not None
            or expressions.has_expression(name)
        )

    def unknown_kind(self, key: Scalar) -> None:
        if self.orphaned:
            return
        known = (*registry.KINDS, registry.SEQUENTIAL, *self.blocks)
        near = did_you_mean(key.text, known) if len(self.findings) < MOST_NEAR_NAMES else ()
        help = near or ("`cnncalc layers` lists the kinds; what has none is `custom`",)
        self.report("unknown-kind", f"there is no kind or block `{key.text}`", key.span, *help)

    def of_kind(self, item: LayerItem, key: Scalar, value: Node | None) -> LayerItem:
        """Fill in what the kind's value says."""
        if value is not None and not isinstance(value, Mapping):
            item.main = value
        if key.text in self.refused_blocks:
            item.broken = True
            return item
        if key.text in self.blocks:
            return self.of_block(item, key, value)
        if expressions.has_expression(key.text):
            self.check_expressions(key)
            item.dynamic = True
            if isinstance(value, Mapping):
                item.written = tuple(Option(*entry) for entry in value.entries)
            if value is not None:
                self.check_expressions(value)
            return item
        named = registry.find(key.text)
        if named is None:
            self.unknown_kind(key)
            item.broken = True
            return item
        item.kind = named
        if named.kind == registry.SEQUENTIAL:
            item.layers = self.group(key, value)
            return item
        layer = registry.KINDS[named.kind]
        if layer.merges:
            item.branches = self.read_branches(key, value)
            return item
        item.options, findings = option_names.of_value(layer, key, value)
        self.findings += findings
        item.broken = item.broken or bool(findings)
        if value is not None:
            self.check_expressions(value)
        return item

    def of_block(self, item: LayerItem, key: Scalar, value: Node | None) -> LayerItem:
        item.block = key.text
        definition = self.blocks[key.text]
        arguments = {} if definition is None else {name: name for name in definition.arguments}
        if isinstance(value, Mapping):
            item.options, findings = option_names.by_own_name(key.text, arguments, value.entries)
            self.findings += findings
            item.broken = item.broken or bool(findings)
        elif value is not None and not _is_null(value):
            if arguments:
                item.options = {next(iter(arguments)): Option(key, value)}
            elif definition is None or not definition.broken:
                message = f"block {key.text} takes no arguments"
                self.report("wrong-type", message, Option(key, value).span)
                item.broken = True
        if value is not None:
            self.check_expressions(value)
        return item

    def group(self, key: Scalar, value: Node | None) -> tuple[LayerItem, ...]:
        if isinstance(value, Sequence):
            return self.list_of_items(value)
        if value is not None and not _is_null(value):
            span = Option(key, value).span
            self.report("wrong-type", f"{key.text} takes a list of layers", span)
        return ()

    def read_branches(self, key: Scalar, value: Node | None) -> tuple[Branch, ...]:
        example = f"{key.text}: [[…], []]"
        if not isinstance(value, Sequence):
            span = key.span if value is None else Option(key, value).span
            message = f"{key.text} takes a list of branches"
            self.report("wrong-type", message, span, f"such as `{example}`")
            return ()
        if not value.items:
            message = f"{key.text} has no branches"
            self.report("missing-option", message, Option(key, value).span, f"such as `{example}`")
        branches = []
        for node in value.items:
            if isinstance(node, Sequence):
                branches.append(Branch(node, self.list_of_items(node)))
            elif isinstance(node, Scalar) and isinstance(node.value, str):
                self.check_expressions(node)
                branches.append(Branch(node, reference=node))
            else:
                self.report(
                    "wrong-type",
                    "a branch is a list of layers, `[]`, or the name of an earlier layer",
                    _first_line(node),
                    *(
                        ("put it into brackets: a list of one",)
                        if isinstance(node, Mapping)
                        else ()
                    ),
                )
                branches.append(Branch(node, self.items_of_lone(node), broken=True))
        return tuple(branches)

    def items_of_lone(self, node: Node) -> tuple[LayerItem, ...]:
        """A mapping in place of a list: read on as if it were one item, to report its faults."""
        return (self.item(node),) if isinstance(node, Mapping) else ()


def _merge(own: Document, base: Document, sections: dict[str, Option]) -> Document:
    """`own` over `base`: four sections key by key, the others whole."""
    return own._replace(
        name=own.name if "name" in sections else base.name,
        description=own.description if "description" in sections else base.description,
        citation=own.citation if "source" in sections else base.citation,
        family=own.family if "family" in sections else base.family,
        input=own.input or base.input,
        rounding=own.rounding or base.rounding,
        vars=base.vars | own.vars,
        defaults=base.defaults | own.defaults,
        broken_defaults=base.broken_defaults | own.broken_defaults,
        blocks=base.blocks | own.blocks,
        layers=own.layers if "layers" in sections else base.layers,
        layers_key=own.layers_key or base.layers_key,
        outputs=own.outputs or base.outputs,
        expect=base.expect | own.expect,
        expect_findings=base.expect_findings + own.expect_findings,
        mentioned=base.mentioned | own.mentioned,
        remarks=base.remarks + own.remarks,
    )


def _broken(node: Node, key: Scalar) -> LayerItem:
    item = LayerItem(node, key)
    item.broken = True
    return item


def _stem(name: str) -> str:
    return PurePath(name).stem if not name.startswith("<") else name.strip("<>")


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


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
