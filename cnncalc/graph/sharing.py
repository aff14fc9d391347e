"""Shared weights: one owner, counted once."""

from __future__ import annotations

from cnncalc.diagnostics import RuleError
from cnncalc.graph.build_state import BuildState
from cnncalc.graph.graph import Named, Node, ValueRef
from cnncalc.graph.names import Naming
from cnncalc.graph.scope import Context
from cnncalc.language.expressions import UNKNOWN
from cnncalc.language.model import Option
from cnncalc.yaml.nodes import Scalar


def shared(
    state: BuildState, naming: Naming, option: Option, context: Context, current: ValueRef | None
) -> Named | None:
    """What `share` names, or None with a finding, or None where it is not known."""
    name = state.value(option.value, context, current)
    if name is UNKNOWN:
        return None
    if not isinstance(name, str):
        problem = RuleError("wrong-type", "`share` is the name of one earlier layer")
        state.problem(problem, option.span, context)
        return None
    found = naming.find(name, option.span, context)
    return None if found is None or found.point is None else found


def share(
    state: BuildState, option: Option, found: Named, start: int, stop: int, context: Context
) -> None:
    """Give nodes start … stop the weights of the named layer's nodes, one for one."""
    own = state.nodes[start:stop]
    first, last = found.start, found.stop
    if context.copy is not None and last - first == len(own) * context.copy[1]:
        # Copies share with the copies of what was repeated as often.
        first += context.copy[0] * len(own)
        last = first + len(own)
    theirs = state.nodes[first:last]
    if len(own) != len(theirs):
        message = f"{_text(option)} has {len(theirs)} layers and this has {len(own)}"
        state.problem(RuleError("shape-mismatch", message), option.span, context)
        return
    for offset, (node, other) in enumerate(zip(own, theirs, strict=True)):
        if node.inferred.tensors != other.inferred.tensors:
            message = (
                f"{node.name} cannot share the weights of {other.name}: "
                f"{_tensors(node)} against {_tensors(other)}"
            )
            state.problem(RuleError("shape-mismatch", message), option.span, context)
            return
        if node.inferred.tensors:
            owner = other.owner if other.owner is not None else first + offset
            state.nodes[start + offset] = node._replace(owner=owner, trainable=other.trainable)


def _text(option: Option) -> str:
    return option.value.text if isinstance(option.value, Scalar) else option.key.text


def _tensors(node: Node) -> str:
    shapes = ["x".join(map(str, tensor.shape)) for tensor in node.inferred.tensors]
    return " + ".join(shapes) or "no weights"
