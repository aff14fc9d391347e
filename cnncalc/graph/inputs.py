"""The head of a file as the build needs it: variables, rounding and input volumes."""

from __future__ import annotations

from cnncalc.diagnostics import RuleError, did_you_mean, listed
from cnncalc.geometry import Rounding
from cnncalc.graph.build_state import BuildState
from cnncalc.graph.graph import Named
from cnncalc.graph.overrides import everywhere
from cnncalc.graph.scope import Context, Scope
from cnncalc.graph.values import LocatedError, evaluate
from cnncalc.language.expressions import UNKNOWN, Names, UnknownValue
from cnncalc.language.model import Option
from cnncalc.layers.base import RoundingPerAxis
from cnncalc.layers.options import integer, shown
from cnncalc.volume import Volume
from cnncalc.yaml.nodes import Mapping, Node
from cnncalc.yaml.source import Span

INPUT = "input"
"""What the one input of a file is called that gives it no name."""


def read_variables(growth: BuildState) -> None:
    """The file's variables, those that were set first."""
    own = growth.document.vars
    for name, option in (own | dict(growth.overrides.variables)).items():
        if name not in own:
            growth.problem(
                RuleError(
                    "unknown-variable",
                    f"the file has no variable `{name}`",
                    help=did_you_mean(name, own)
                    or ([f"it has {listed(own)}"] if own else ["it has no `vars:`"]),
                ),
                option.span,
            )
            continue
        try:
            growth.variables[name] = evaluate(option.value, Names(growth.variables))
        except LocatedError as fault:
            growth.problem(fault.problem, fault.span)
            growth.variables[name] = UNKNOWN
        except UnknownValue:
            growth.variables[name] = UNKNOWN


def read_rounding(growth: BuildState) -> RoundingPerAxis:
    """What a misfit means where a layer says nothing."""
    option = growth.document.rounding
    if growth.overrides.rounding is not None:
        return growth.overrides.rounding
    if option is None:
        return everywhere(Rounding.EXACT)
    context = Context(Scope("", None, frozenset()), growth.variables)
    value = growth.value(option.value, context)
    if value is not UNKNOWN:
        if str(value).lower() in tuple(Rounding):
            return everywhere(Rounding(str(value).lower()))
        message = f"`rounding` is exact, floor or ceil, not `{shown(value)}`"
        help = did_you_mean(str(value), Rounding)
        growth.problem(RuleError("bad-value", message, help=help), option.span)
    # The rounding is not known, so misfits are not reported.
    return everywhere(Rounding.FLOOR)


def read_inputs(growth: BuildState) -> None:
    """The input volumes, each under its name."""
    option = growth.document.input
    if option is None:
        return
    if isinstance(option.value, Mapping):
        named = {key.text: (value, key) for key, value in option.value.entries}
        if not named:
            growth.problem(RuleError("missing-option", "`input` names no volume"), option.span)
    else:
        named = {INPUT: (option.value, option.key)}
    for name, (node, key) in named.items():
        volume = growth.overrides.inputs.get(name)
        if volume is None and len(named) == 1:
            volume = growth.overrides.inputs.get(INPUT)
        if volume is None:
            volume = _input_volume(growth, node, Option(key, node).span)
        if volume is not None:
            growth.names[name] = Named(-1 - len(growth.inputs), 0, 0, None)
            growth.inputs[name] = volume
            growth.input_volumes.append(volume)
        else:
            growth.names[name] = Named(None, 0, 0, None)


def _input_volume(growth: BuildState, node: Node, span: Span) -> Volume | None:
    try:
        value = evaluate(node, Names(growth.variables))
        if isinstance(value, str):
            return Volume.parse(value)
        axes = value if isinstance(value, tuple) else (value,)
        return Volume(integer(axis) for axis in axes)
    except LocatedError as fault:
        growth.problem(fault.problem, fault.span)
    except UnknownValue:
        pass
    except ValueError as error:
        message = f"the input is not a volume: {error}"
        help = ["write height x width x channels, such as 227x227x3"]
        growth.problem(RuleError("bad-value", message, help=help), span)
    return None
