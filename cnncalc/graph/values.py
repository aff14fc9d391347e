"""Nodes to values: expressions evaluated where they stand. Faults carry the span they are at."""

from __future__ import annotations

from cnncalc.diagnostics import RuleError
from cnncalc.language import templates
from cnncalc.language.expressions import Names, UnknownValue, Value
from cnncalc.language.model import Option
from cnncalc.yaml.nodes import OUT_OF_RANGE, Mapping, Node, Scalar, Sequence
from cnncalc.yaml.source import Span


class LocatedError(Exception):
    """A `RuleError` whose place in the file is known."""

    def __init__(self, problem: RuleError, span: Span) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.span = span


def evaluate(node: Node, names: Names, *, bare: bool = False, volume_known: bool = True) -> Value:
    """The value of a node; `bare`: the sigil of an expression may be left out.

    Raises `LocatedError`, or `UnknownValue` where what decides is not known after an earlier fault.
    """
    if isinstance(node, Scalar):
        value = node.value
        if value is OUT_OF_RANGE:
            raise UnknownValue
        if not isinstance(value, str) or not (bare or "$" in value):
            return value
        try:
            template = templates.bare(value) if bare else templates.template(value)
            if not volume_known and template.reads_volume:
                raise UnknownValue
            return template.value(names)
        except RuleError as problem:
            raise LocatedError(problem, node.span) from None
    if isinstance(node, Sequence):
        items = []
        for item in node.items:
            entry = evaluate(item, names, volume_known=volume_known)
            if isinstance(entry, tuple) and isinstance(item, Scalar):
                message = "a list inside a list has to be written out"
                raise LocatedError(RuleError("wrong-type", message), item.span)
            items.append(entry)
        return tuple(items)
    raise LocatedError(RuleError("wrong-type", "a mapping cannot stand here"), node.span)


def is_constant(node: Node, *, bare: bool = False) -> bool:
    """Whether a node's value is the same wherever it is evaluated; `bare`: the sigil of an
    expression may be left out."""
    if isinstance(node, Scalar):
        return not (isinstance(node.value, str) and (bare or "$" in node.value))
    if isinstance(node, Sequence):
        return all(is_constant(item) for item in node.items)
    assert isinstance(node, Mapping)
    return all(is_constant(value) for _, value in node.entries)


def place_within(option: Option, path: tuple[int | str, ...]) -> Span:
    """The span of a part of an option's value; the whole option where it has no such part."""
    node: Node = option.value
    for step in path:
        if not (isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items)):
            return option.span
        node = node.items[step]
    return node.span if path else option.span
