"""Checks on how a layer is called and wired, beyond what its own rules say."""

from __future__ import annotations

from cnncalc.diagnostics import RuleError
from cnncalc.graph.build_state import BuildState
from cnncalc.graph.meant_input import meant
from cnncalc.graph.options import Prepared, option_span
from cnncalc.graph.scope import Context
from cnncalc.language.model import LayerItem
from cnncalc.layers.base import Layer
from cnncalc.layers.registry import NamedKind
from cnncalc.volume import Volume


def need_input(state: BuildState, item: LayerItem, context: Context, name: str) -> None:
    """With several inputs nothing flows before the first layer says `from:`."""
    if not state.nodes and len(state.inputs) > 1 and not state.faults:
        names = " or ".join(f"`from: {name}`" for name in list(state.inputs)[:5])
        message = "the network has several inputs, and this layer does not say which it takes"
        problem = RuleError("missing-option", message, help=[f"say {names}"])
        state.problem(problem, item.kind_span, context, name)


def fits_rank(kind: NamedKind, layer: Layer, volume: Volume) -> bool:
    """Whether an input has the number of axes that a name such as Conv1d asks for."""
    allowed = (0, 1) if layer.vectors_have_rank_one and kind.rank == 1 else (kind.rank,)
    return kind.rank is None or volume.rank in allowed


def contradicts_rank(
    state: BuildState,
    item: LayerItem,
    kind: NamedKind,
    layer: Layer,
    volume: Volume,
    context: Context,
    name: str,
) -> bool:
    """Whether a name such as Conv1d asks for another number of axes than the input has."""
    if fits_rank(kind, layer, volume):
        return False
    axes = "no spatial axes" if volume.rank == 0 else f"{volume.rank} spatial axes"
    axes = "1 spatial axis" if volume.rank == 1 else axes
    message = f"{item.kind_key.text} is for {kind.rank}-D, and its input {volume} has {axes}"
    wrong_inputs = map(meant, state.inputs.values())
    fitting = [
        found.help for found in wrong_inputs if found and fits_rank(kind, layer, found.volume)
    ]
    help = fitting or [f"say `{kind.kind}`: it fits any input"]
    problem = RuleError("rank-mismatch", message, help=help)
    state.problem(problem, item.kind_key.span, context, name)
    return True


_NOT_KNOWN = Volume((1,))
"""In the place of a volume that is not looked at."""


def hold_what_is_said(
    state: BuildState,
    item: LayerItem,
    prepared: Prepared,
    volumes: tuple[Volume, ...],
    context: Context,
    name: str,
) -> None:
    """Hold arguments that say what comes in, or how things are here anyway, against that."""
    if volumes and item.kind and not fits_rank(item.kind, prepared.layer, volumes[0]):
        volumes = ()
    for said in prepared.said:
        if not volumes and said.argument.of_volume:
            continue
        volume = volumes[min(said.argument.source, len(volumes) - 1)] if volumes else _NOT_KNOWN
        try:
            said.argument.hold(said.name, said.value, prepared.layer, volume)
        except RuleError as problem:
            span = said.span
            if problem.at is not None:
                span = option_span(item, prepared.options, problem.at)
            other = meant(volume) if volume in state.input_volumes else None
            if other is not None and other.volume.channels == said.value:
                problem = RuleError(problem.code, problem.message, help=[other.help])
            state.problem(problem, span, context, name)
