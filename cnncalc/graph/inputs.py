"""The head of a file as the build needs it: variables, rounding and input volumes."""

from __future__ import annotations

from cnncalc.diagnostics import RuleError, did_you_mean, listed
from cnncalc.geometry import Rounding
from cnncalc.graph.build_state import BuildState
from cnncalc.graph.graph import Named
from cnncalc.graph.meant_input import unreadable
from cnncalc.graph.overrides import everywhere
from cnncalc.graph.scope import Context, Scope
from cnncalc.graph.values import LocatedError, evaluate
from cnncalc.language.expressions import UNKNOWN, Names, UnknownValue
from cnncalc.language.model import Option
from cnncalc.layers.base import RoundingPerAxis
from cnncalc.layers.options import integer, shown
from cnncalc.volume import Volume
from cnncalc.yaml.nodes import Mapping, Node, plain
from cnncalc.yaml.source import Span

INPUT = "input"
"""What the one input of a file is called that gives it no name."""

_OF_THE_CALL = {
    "batch": ["a batch is no part of a file: `--batch 32` counts for one"],
    "batch_size": ["a batch is no part of a file: `--batch 32` counts for one"],
    "dtype": ["a type is no part of a file: `--dtype float16` counts for one"],
    "rounding": ["`--rounding floor` says what a misfit means"],
}
"""What a call says in another way than by a variable."""


def read_variables(state: BuildState) -> None:
    """The file's variables, those that were set first."""
    own = state.document.vars
    for name, option in (own | dict(state.overrides.variables)).items():
        if name not in own:
            state.problem(
                RuleError(
                    "unknown-variable",
                    f"the file has no variable `{name}`",
                    help=_OF_THE_CALL.get(name)
                    or did_you_mean(name, own)
                    or ([f"it has {listed(own)}"] if own else ["it has no `vars:`"]),
                ),
                option.span,
            )
            continue
        try:
            state.variables[name] = evaluate(option.value, Names(state.variables))
        except LocatedError as fault:
            state.problem(fault.problem, fault.span)
            state.variables[name] = UNKNOWN
        except UnknownValue:
            state.variables[name] = UNKNOWN


def read_rounding(state: BuildState) -> RoundingPerAxis:
    """What a misfit means where a layer says nothing."""
    option = state.document.rounding
    if state.overrides.rounding is not None:
        return state.overrides.rounding
    if option is None:
        return everywhere(Rounding.EXACT)
    context = Context(Scope("", None, frozenset()), state.variables)
    value = state.value(option.value, context)
    if value is not UNKNOWN:
        if str(value).lower() in tuple(Rounding):
            return everywhere(Rounding(str(value).lower()))
        message = f"`rounding` is exact, floor or ceil, not `{shown(value)}`"
        help = did_you_mean(str(value), Rounding)
        state.problem(RuleError("bad-value", message, help=help), option.span)
    # The rounding is not known, so misfits are not reported.
    return everywhere(Rounding.FLOOR)


def read_inputs(state: BuildState) -> None:
    """The input volumes, each under its name."""
    option = state.document.input
    if option is None:
        return
    if isinstance(option.value, Mapping):
        named = {key.text: (value, key) for key, value in option.value.entries}
        axes = unreadable({name: plain(value) for name, (value, _) in named.items()})
        if axes is not None:
            message = "the axes of a volume have no names: `input` maps the names of several inputs"
            help = [f"write `input: {axes.volume}`"]
            state.problem(RuleError("bad-value", message, help=help), option.span)
            return
        if not named:
            state.problem(RuleError("missing-option", "`input` names no volume"), option.span)
    else:
        named = {INPUT: (option.value, option.key)}
    for name, (node, key) in named.items():
        volume = state.overrides.inputs.get(name)
        if volume is None and len(named) == 1:
            volume = state.overrides.inputs.get(INPUT)
        if volume is None:
            volume = _input_volume(state, node, Option(key, node).span)
        if volume is not None:
            state.names[name] = Named(-1 - len(state.inputs), 0, 0, None)
            state.inputs[name] = volume
            state.input_volumes.append(volume)
        else:
            state.names[name] = Named(None, 0, 0, None)


def _input_volume(state: BuildState, node: Node, span: Span) -> Volume | None:
    try:
        value = evaluate(node, Names(state.variables))
        if isinstance(value, str):
            return Volume.parse(value)
        axes = value if isinstance(value, tuple) else (value,)
        return Volume(integer(axis) for axis in axes)
    except LocatedError as fault:
        state.problem(fault.problem, fault.span)
    except UnknownValue:
        pass
    except ValueError as error:
        message = f"the input is not a volume: {error}"
        found = unreadable(value)
        help = [found.help if found else "write height x width x channels, such as 227x227x3"]
        state.problem(RuleError("bad-value", message, help=help), span)
    return None
