"""The arguments of a block's instance: as given, or by default, worked out where each stands."""

from __future__ import annotations

from collections import ChainMap

from cnncalc.diagnostics import RuleError, did_you_mean
from cnncalc.graph.build_state import BuildState
from cnncalc.graph.graph import ValueRef
from cnncalc.graph.names import INDEX
from cnncalc.graph.scope import Context, given_in
from cnncalc.graph.values import LocatedError
from cnncalc.language.expressions import UNKNOWN, UnknownValue, Value
from cnncalc.language.model import BlockDefinition, LayerItem, Option


def given_arguments(
    state: BuildState,
    item: LayerItem,
    definition: BlockDefinition,
    overrides: dict[str, Option],
    full: str,
    context: Context,
) -> dict[str, Option] | None:
    """What an item and `--set` say of a block's arguments; None where it has no such argument."""
    options = dict(item.options)
    if item.dynamic:
        if item.main is not None and definition.arguments:
            options = {next(iter(definition.arguments)): Option(item.kind_key, item.main)}
        else:
            options = {option.key.text: option for option in item.written}
    options |= overrides
    unknown = [option for name, option in options.items() if name not in definition.arguments]
    for option in unknown:
        problem = RuleError(
            "unknown-key",
            f"block {definition.key.text} has no argument `{option.key.text}`",
            help=did_you_mean(option.key.text, definition.arguments),
        )
        state.problem(problem, option.key.span, context, full)
    return None if unknown else options


def evaluate_arguments(
    state: BuildState,
    item: LayerItem,
    definition: BlockDefinition,
    given: dict[str, Option],
    full: str,
    current: ValueRef | None,
    context: Context,
) -> dict[str, Value] | None:
    """The block's arguments, or None where one is missing, wrong or not known."""
    values: dict[str, Value] = {}
    counted = {} if context.counter is None else {INDEX: context.values[context.counter]}
    for name, default in definition.arguments.items():
        option = given.get(name)
        there = context.values
        if option is None:
            option, there = default, ChainMap(values, counted, state.variables)
        if option is default and name in definition.required:
            values[name] = UNKNOWN
            if not item.broken:
                message = f"block {definition.key.text} needs `{name}`"
                state.problem(RuleError("missing-option", message), item.kind_span, context, full)
            continue
        try:
            value = state.evaluated(option.value, there, current)
            own = option is default or value is UNKNOWN
            values[name] = value if own else given_in(value, context)
        except LocatedError as fault:
            state.problem(fault.problem, fault.span, context, full)
            values[name] = UNKNOWN
        except UnknownValue:
            values[name] = UNKNOWN
    if any(value is UNKNOWN for value in values.values()):
        state.names_incomplete = True
        return None
    return values | counted
