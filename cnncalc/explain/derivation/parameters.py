"""How parameters, MACs and FLOPs come about."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.explain.derivation.case import (
    PER_CHANNEL,
    Case,
    Step,
    fan_in,
    filters_of,
    is_dense,
    letters_of,
    of_role,
    step,
)
from cnncalc.explain.derivation.formulas import Product, Quantity, Term, plus, times, value, worked
from cnncalc.layers.base import Role, Tensor, axis_names
from cnncalc.layers.sliding import Sliding
from cnncalc.volume import Volume


def parameters(case: Case) -> Iterator[Step]:
    """Weights and biases, filter by filter where all filters are alike."""
    tensors = case.inferred.tensors
    if not tensors:
        yield Step("parameters", ("parameters",), None, 0)
        return
    per = "" if case.channels_known else PER_CHANNEL
    one = fan_in(case)
    weights = case.inferred.count(Role.WEIGHTS)
    biases = case.inferred.count(Role.BIASES)
    if one is None:
        for tensor in tensors:
            unit = (
                "values of state" if tensor.role is Role.STATE else f"{tensor.role} {per}".strip()
            )
            yield step("parameters", tensor.name, tensor.size, unit, _shape_of(case, tensor))
        if weights and biases and case.channels_known:
            yield _sum_of_parameters(weights, biases)
        return
    filters = filters_of(case)
    noun = "output" if is_dense(case) else "filter"
    if case.channels_known:
        own = plus(times(*one), 1) if biases else times(*one)
        each = value(own)
        yield step("parameters", f"each {noun}", each, "parameters", own)
        total = times(worked(own), filters)
        yield step("parameters", f"all {noun}s", weights + biases, "parameters", total)
    if not biases and case.channels_known:
        return
    every = times(*one, filters)
    yield step("parameters", "weights", weights, per, every)
    if biases:
        yield step("parameters", "biases", biases, "", filters)


def _shape_of(case: Case, tensor: Tensor) -> Term:
    """A product of plain numbers, or the channels by their letter."""
    if tensor.shape == (case.inputs[0].channels,) and case.channels_known:
        return Quantity("C", tensor.size, "channels")
    return times(*tensor.shape)


def _sum_of_parameters(weights: int, biases: int) -> Step:
    parts = plus(Quantity("weights", weights), Quantity("biases", biases))
    return step("parameters", "together", weights + biases, "parameters", parts)


def costs(case: Case) -> Iterator[Step]:
    inferred = case.inferred
    per = "" if case.channels_known else PER_CHANNEL
    if inferred.macs:
        yield step("MACs", "MACs", inferred.macs, per, *_macs(case))
    if not case.channels_known:
        return
    total: Term | None = None
    if inferred.macs:
        total = times(2, Quantity("MACs", inferred.macs))
        if inferred.operations:
            meaning = "additions of biases and work on single elements"
            total = plus(total, Quantity("operations", inferred.operations, meaning))
    if case.flops:
        yield step("FLOPs", "FLOPs", case.flops, "", total)


def _macs(case: Case) -> Iterator[Term]:
    """Every weight once at each output position, or each input position, or once at all."""
    one = fan_in(case)
    tensors = of_role(case, Role.WEIGHTS)
    if not tensors:
        return
    weights: Term = Quantity("weights", case.inferred.count(Role.WEIGHTS))
    if one is not None:
        weights = Product((*one, filters_of(case)))
    out = _positions(case.inferred.output, 2)
    read = _positions(case.inputs[0], 1)
    spreads = case.inferred.windows and not isinstance(case.layer, Sliding)
    for positions in (read, out) if spreads else (out, read):
        if positions:
            yield times(*positions, worked(weights) if isinstance(weights, Product) else weights)
    yield weights


def _positions(volume: Volume, number: int) -> list[Term]:
    if volume.rank == 0:
        return []
    which = "output" if number == 2 else "input"
    return [
        Quantity(f"{letter}_{number}", side, f"the {which}'s {name}")
        for letter, side, name in zip(
            letters_of(volume.rank), volume.spatial, axis_names(volume.rank), strict=True
        )
    ]
