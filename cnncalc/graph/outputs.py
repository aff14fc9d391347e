"""The end of a build: which volumes are the outputs, and whether overrides name what is there."""

from __future__ import annotations

from cnncalc.diagnostics import RuleError, did_you_mean, listed
from cnncalc.graph.build_state import BuildState
from cnncalc.graph.graph import ValueRef
from cnncalc.graph.inputs import INPUT
from cnncalc.graph.names import ALL_COPIES, Naming
from cnncalc.graph.scope import Context, Scope
from cnncalc.graph.values import place_within
from cnncalc.language.expressions import UNKNOWN
from cnncalc.layers.options import shown
from cnncalc.yaml.source import Source, Span


def read_outputs(state: BuildState, naming: Naming, last: ValueRef | None) -> None:
    """The outputs by name: those the file names, otherwise the end of its last layer."""
    option = state.document.outputs
    key = state.document.layers_key
    if key is not None and not state.document.layers:
        state.problem(RuleError("missing-option", "`layers` is empty"), key.span)
        return
    if key is not None and not state.nodes and _all_is_known(state, last):
        message = "no layer is left: `when` leaves all out, or `repeat` makes no copy"
        state.problem(RuleError("missing-option", message), key.span)
        return
    if option is None:
        if last is not None:
            state.outputs = {_last_name(state, last): last}
        return
    context = Context(Scope("", None, frozenset()), state.variables)
    value = state.value(option.value, context)
    if value is UNKNOWN:
        return
    names = value if isinstance(value, tuple) else (value,)
    if not names:
        state.problem(RuleError("missing-option", "`outputs` names no layer"), option.span)
    for index, name in enumerate(names):
        span = place_within(option, (index,)) if isinstance(value, tuple) else option.span
        if not isinstance(name, str):
            message = f"`outputs` is a list of names of layers, and `{shown(name)}` is none"
            state.problem(RuleError("wrong-type", message), span)
            continue
        if name.endswith(ALL_COPIES):
            copies = naming.copies(name, span, context) or {}
            known = {copy: named.point for copy, named in copies.items()}
            state.outputs |= {copy: point for copy, point in known.items() if point is not None}
            continue
        found = naming.find(name, span, context)
        if found is not None and found.point is not None:
            state.outputs[name] = found.point


def _all_is_known(state: BuildState, last: ValueRef | None) -> bool:
    """Whether the items were all read: after a fault it is not known what they would have made."""
    if state.faults or state.names_incomplete:
        return False
    if last is not None:
        return True
    # Between several inputs nothing flows until a layer says `from:`.
    return len(state.inputs) > 1 and not any(item.broken for item in state.document.layers)


def _last_name(state: BuildState, last: ValueRef) -> str:
    """What the file calls the last layer: a block's instance goes by its own name."""
    if last < 0:
        return list(state.inputs)[-1 - last]
    name = state.nodes[last].name
    for candidate, named in reversed(state.names.items()):
        if "." not in candidate and named.point == last:
            return candidate
    return name


def report_unused_overrides(state: BuildState, used_options: set[str]) -> None:
    """Findings for inputs, layers and kinds that overrides name and that are not there."""
    for name in state.overrides.inputs:
        if name not in state.inputs and not (name == INPUT and len(state.inputs) == 1):
            message = f"there is no input `{name}`; the inputs are {listed(state.inputs)}"
            source = Source("--input", name, is_override=True)
            state.problem(RuleError("unknown-layer", message), Span(source, 0, len(name)))
    for kind, by_name in state.overrides.kind_options.items():
        if not any(node.layer.kind == kind for node in state.nodes) and not state.faults:
            option = next(iter(by_name.values()))
            problem = RuleError("unknown-layer", f"the network has no {kind} layer")
            state.problem(problem, _target(option.key.span))
    for name, options in state.overrides.options.items():
        if name not in used_options and not state.names_incomplete:
            message = f"there is no layer `{name}`"
            help = did_you_mean(name, state.names)
            if name in state.names:
                message, help = f"`{name}` is a group and has no options to set but `trainable`", ()
            state.problem(
                RuleError("unknown-layer", message, help=help),
                _target(next(iter(options.values())).key.span),
            )


def _target(option: Span) -> Span:
    """The layer in front of an option that `--set` names."""
    return Span(option.source, 0, max(option.start - 1, 0))
