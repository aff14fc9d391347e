"""A file's nodes to its typed tree: the head of a file and its sections.

Blocks and layers have modules of their own. Nothing is evaluated here.
"""

from __future__ import annotations

from pathlib import PurePath

from cnncalc.diagnostics import MOST_NEAR_NAMES, Diagnostic, did_you_mean
from cnncalc.language import options as option_names
from cnncalc.language.blocks import borrowed_from, lent_by, read_blocks
from cnncalc.language.extending import Extension, Taking, read_extension
from cnncalc.language.items import ItemReader
from cnncalc.language.model import Document, LayerItem, Option
from cnncalc.language.pasted import pasted
from cnncalc.language.sections import Form
from cnncalc.language.suppressions import remarks_of
from cnncalc.layers import classes, registry
from cnncalc.yaml.nodes import Mapping, Scalar
from cnncalc.yaml.reader import compose
from cnncalc.yaml.source import Source, Span

SECTIONS = (
    "name",
    "description",
    "source",
    "family",
    "extends",
    "input",
    "rounding",
    "vars",
    "defaults",
    "blocks",
    "layers",
    "outputs",
    "expect",
)
"""The sections of a file, in the order in which they are written."""
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


def parse(source: Source) -> tuple[Document, list[Diagnostic]]:
    """The tree of a file by itself, with what is wrong with it; `extends:` is not followed."""
    parser = Parser(source)
    return parser.document(), parser.findings


class Parser:
    """Reads a file in two steps: its sections, and, when the file that it extends is known, its
    tree. `findings` are what is wrong with it."""

    def __init__(self, source: Source) -> None:
        foreign = pasted(source)
        root, self.findings = (None, [foreign]) if foreign else compose(source)
        self.form = Form(source, self.findings)
        self.reader = ItemReader(self.form)
        self.own = Document(source, _stem(source.name), remarks=remarks_of(source, root))
        self.sections: dict[str, Option] = {}
        self.broken_defaults: set[str] = set()
        self.expect_findings: list[Diagnostic] = []
        self.extension: Extension | None = None
        self.is_architecture = isinstance(root, Mapping) and not self.is_foreign(root)
        if isinstance(root, Mapping) and self.is_architecture:
            entries = iter(root.entries)
            self.sections = self.form.fields(entries, SECTIONS, "an architecture file")
            if "extends" in self.sections:
                self.extension = read_extension(self.form, self.sections["extends"])
        elif root is not None and not isinstance(root, Mapping):
            self.form.report(
                "wrong-type",
                "an architecture file is a mapping with `input:` and `layers:`",
                root.span if isinstance(root, Scalar) else Span(source, root.start, root.start),
            )

    @property
    def borrows(self) -> Option | None:
        """Where the file names another one whose blocks it takes."""
        blocks = self.sections.get("blocks")
        return None if blocks is None else borrowed_from(blocks)

    def document(
        self,
        base: Document | None = None,
        lender: Document | None = None,
        *,
        orphaned: bool = False,
    ) -> Document:
        """The file's tree on that of the file it extends, with the blocks of `lender`; `orphaned`
        where one of them is not known."""
        own, source, sections = self.own, self.form.source, self.sections
        if not self.is_architecture:
            return own._replace(orphaned=True)
        for section in ("input", "rounding", "outputs", "vars", "defaults", "expect"):
            if section in sections:
                self.form.check_expressions(sections[section].value)
        others = [other for other in (base, lender) if other is not None]
        self.form.orphaned = orphaned or any(other.orphaned for other in others)
        lent = Document(source, "") if lender is None else lent_by(lender)
        for other in (base, lent):
            if other is not None:
                self.reader.blocks |= other.blocks
        outside, self.form.mentioned = self.form.mentioned, set()
        blocks = {}
        if "blocks" in sections:
            blocks = read_blocks(self.form, sections["blocks"], self.reader)
        in_blocks = frozenset(self.form.mentioned)
        self.form.mentioned |= outside
        layers: tuple[LayerItem, ...] = ()
        if "layers" in sections:
            layers = self.reader.items(sections["layers"], "the file")
        own = own._replace(
            name=self.form.text(sections.get("name")) or own.name,
            description=self.form.text(sections.get("description")),
            citation=self.form.text(sections.get("source")),
            family=self.form.text(sections.get("family")),
            input=sections.get("input"),
            rounding=sections.get("rounding"),
            vars=self.read_vars(),
            defaults=self.read_defaults(),
            broken_defaults=frozenset(self.broken_defaults),
            blocks=lent.blocks | blocks,
            layers=layers,
            layers_key=self.layers_key(),
            outputs=sections.get("outputs"),
            expect=self.read_expect(),
            expect_findings=tuple(self.expect_findings),
            extends=sections.get("extends"),
            borrows=self.borrows,
            mentioned=frozenset(self.form.mentioned),
            mentioned_in_blocks=in_blocks,
        )
        if self.extension is not None and base is not None and not self.form.orphaned:
            own, base = self.taken(own, base)
        if self.form.orphaned:
            orphan = Document(source, own.name, orphaned=True)
            return orphan._replace(extends=own.extends, borrows=own.borrows)
        merged = own
        if base is not None:
            layered = self.extension is not None and self.extension.changes_layers
            merged = _merge(own, base, sections, layered=layered)
        known = merged.vars
        merged = merged._replace(
            vars=known | {name: option for name, option in lent.vars.items() if name not in known},
            mentioned_in_blocks=merged.mentioned_in_blocks | lent.mentioned_in_blocks,
            remarks=lent.remarks + merged.remarks,
        )
        self.require_sections(merged)
        return merged

    def taken(self, own: Document, base: Document) -> tuple[Document, Document]:
        """The file with the layers that it takes of its base, and what is left of the base: what it
        expects, and its outputs, are of other layers."""
        extension = self.extension
        if extension is None or not extension.changes_layers:
            return own, base
        taking = Taking(self.form, self.reader, extension, base)
        layers = taking.layers(own.layers, has_input=own.input is not None)
        if not taking.ok:
            self.form.orphaned = True
        if own.layers or extension.cuts:
            base = base._replace(outputs=None)
        if own.layers or extension.cuts or extension.replace:
            base = base._replace(expect={}, expect_findings=())
        mentioned = frozenset(self.form.mentioned)
        return own._replace(mentioned=mentioned), base._replace(layers=layers)

    def is_foreign(self, root: Mapping) -> bool:
        """Whether no key is an architecture's, or nearly: one finding says so, for all of them."""
        written = [key.text for key, _ in root.entries]
        if not written or any(word in SECTIONS for word in written):
            return False
        if any(did_you_mean(word, SECTIONS) for word in written[:MOST_NEAR_NAMES]):
            return False
        keys = ", ".join(f"`{key.text}`" for key, _ in root.entries[:3])
        more = ", …" if len(root.entries) > 3 else ""
        self.form.report(
            "unknown-key",
            f"this is not an architecture file: it has {keys}{more} and nothing that is known here",
            root.entries[0][0].span,
            "an architecture file has `input:` and `layers:`, or `extends:`",
        )
        return True

    def require_sections(self, document: Document) -> None:
        for section, found in (("input", document.input), ("layers", document.layers_key)):
            if found is None and section not in self.form.mistaken:
                self.form.report(
                    "missing-option",
                    f"the file has no `{section}:`",
                    Span(self.form.source, 0, 0),
                    {
                        "input": "say the input's volume, such as `input: 227x227x3`",
                        "layers": "list the layers, such as `layers: [{dense: 10}, softmax]`",
                    }[section],
                )

    def read_vars(self) -> dict[str, Option]:
        found = {}
        if "vars" in self.sections:
            for key, value in self.form.entries(self.sections["vars"], "names and values"):
                if self.form.is_name(key, "a variable"):
                    found[key.text] = Option(key, value)
        return found

    def read_defaults(self) -> dict[str, dict[str, Option]]:
        found: dict[str, dict[str, Option]] = {}
        if "defaults" not in self.sections:
            return found
        for key, value in self.form.entries(self.sections["defaults"], "kinds and their options"):
            named = registry.find(key.text)
            if named is None or named.kind in registry.NO_LAYERS:
                self.form.report(
                    "unknown-kind",
                    f"there is no kind `{key.text}` to set defaults of",
                    key.span,
                    *self.form.near_kind(key.text, registry.KINDS),
                )
                continue
            if named.kind in found:
                message = f"`{key.text}` sets defaults of {named.kind} a second time"
                self.form.report("duplicate-key", message, key.span)
                continue
            if classes.says(key.text):
                self.form.report(
                    "bad-value",
                    f"`{key.text}` says options of {named.kind}, and defaults are for all of them",
                    key.span,
                    f"say `{named.kind}`, with these options",
                )
                continue
            options, findings = option_names.of_value(registry.KINDS[named.kind], key, value)
            self.form.findings += findings
            if findings:
                self.broken_defaults.add(named.kind)
            found[named.kind] = options
        return found

    def read_expect(self) -> dict[str, Option]:
        if "expect" not in self.sections:
            return {}
        entries = self.form.entries(self.sections["expect"], "quantities and what they should be")
        # Faults in what is expected leave the network itself as known as it was.
        others, self.form.findings = self.form.findings, self.expect_findings
        fields = self.form.fields(entries, EXPECTED_OF_NETWORK, "`expect`")
        self.form.findings = others
        return fields

    def layers_key(self) -> Scalar | None:
        """The key of the list of layers, where it is one."""
        option = self.sections.get("layers")
        return None if option is None or "layers" in self.form.mistaken else option.key


def _merge(
    own: Document, base: Document, sections: dict[str, Option], *, layered: bool
) -> Document:
    """`own` over `base`: four sections key by key, the others whole. The layers are those of `base`
    where it is `layered`: those of both in their order."""
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
        layers=base.layers if layered or "layers" not in sections else own.layers,
        layers_key=own.layers_key or base.layers_key,
        outputs=own.outputs or base.outputs,
        expect=base.expect | own.expect,
        expect_findings=base.expect_findings + own.expect_findings,
        mentioned=base.mentioned | own.mentioned,
        mentioned_in_blocks=base.mentioned_in_blocks | own.mentioned_in_blocks,
        remarks=base.remarks + own.remarks,
    )


def _stem(name: str) -> str:
    return PurePath(name).stem if not name.startswith("<") else name.strip("<>")
