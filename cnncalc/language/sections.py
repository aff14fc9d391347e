"""The form of a file, whatever its parts mean: mappings and their keys, texts, expressions."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator

from cnncalc.diagnostics import MOST_NEAR_NAMES, Diagnostic, RuleError, did_you_mean
from cnncalc.language import templates
from cnncalc.language.foreign_names import nearest_kind
from cnncalc.language.model import Option
from cnncalc.yaml.nodes import OUT_OF_RANGE, Mapping, Node, Scalar, Sequence
from cnncalc.yaml.source import Source, Span

RESERVED = ("in", "true", "false", "index", "block_input")
"""Names that no variable, argument or block may have, beside Python's keywords."""


class Form:
    """What is read of one file so far, and what is wrong with its form."""

    def __init__(self, source: Source, findings: list[Diagnostic]) -> None:
        self.source = source
        self.findings = findings
        self.mentioned: set[str] = set()
        """Names that expressions mention."""
        self.mistaken: set[str] = set()
        """Keys that misspelt ones were probably meant to be: that they are missing is reported
        already."""
        self.orphaned = False
        """The file extends one that could not be read: what seems missing may be there."""

    def near(self, word: str, known: Iterable[str]) -> tuple[str, ...]:
        """Help that names the word a misspelt one was probably meant to be, for the first ones."""
        return did_you_mean(word, known) if len(self.findings) < MOST_NEAR_NAMES else ()

    def near_kind(self, name: str, known: Iterable[str]) -> tuple[str, ...]:
        """Help for a name that no kind or block has, where few names are unknown so far."""
        return nearest_kind(name, known) if len(self.findings) < MOST_NEAR_NAMES else ()

    def report(self, code: str, message: str, span: Span, *help: str) -> None:
        self.findings.append(Diagnostic(code, message, span, help=help))

    def entries(self, option: Option, what: str) -> Iterator[tuple[Scalar, Node]]:
        """Entries of a mapping; nothing for null; a finding for anything else."""
        node = option.value
        if isinstance(node, Mapping):
            yield from node.entries
        elif not is_null(node):
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
            near = self.near(key.text, known)
            self.mistaken.update(name for name in known if f"did you mean `{name}`?" in near)
            help = near or [f"{owner} has " + ", ".join(known)]
            self.report("unknown-key", f"{owner} has no `{key.text}`", key.span, *help)
        return found

    def text(self, option: Option | None) -> str | None:
        if option is None or is_null(option.value):
            return None
        if isinstance(option.value, Scalar):
            return option.value.text
        self.report("wrong-type", f"`{option.key.text}` is a text", option.span)
        return None

    def check_expressions(self, node: Node, *, bare: bool = False) -> None:
        """Report what is wrong in the syntax of expressions, and note the names they mention."""
        if isinstance(node, Scalar):
            if not isinstance(node.value, str) or node.value is OUT_OF_RANGE:
                return
            if not (bare or templates.has_expression(node.text)):
                return
            try:
                read = templates.bare if bare else templates.template
                self.mentioned |= read(node.text).names
            except RuleError as problem:
                self.report(problem.code, problem.message, node.span, *problem.help)
        elif isinstance(node, Sequence):
            for item in node.items:
                self.check_expressions(item)
        elif isinstance(node, Mapping):
            for _, value in node.entries:
                self.check_expressions(value)

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


def is_null(node: Node) -> bool:
    """Whether a node is null: as the value of a kind, a section or a text, it says nothing at all.

    As the value of an option it is one: the default, where that is none, whatever `defaults:` say.
    Other options refuse it. As the default of a block's argument it marks one that must be given.
    """
    return isinstance(node, Scalar) and node.value is None
