"""The plan that all contenders are told."""

from __future__ import annotations

from cnncalc.execution.folding import folded
from cnncalc.execution.operations import Declared, Softmax
from cnncalc.execution.plan import Plan, plan
from cnncalc.graph.graph import Graph


def told_plan(graph: Graph) -> Plan:
    """Batch norms folded, and outputs that say something."""
    return with_logits(without_declared(folded(plan(graph))))


def without_declared(plan: Plan) -> Plan:
    """A plan that gives out what goes into a layer that is only declared in the place of the zeros
    that it makes: runtimes that know that these are always zero would compute nothing."""
    declared = {s.output: s for s in plan.steps if isinstance(s.operation, Declared)}
    outputs: dict[str, int] = {}
    for name, value in plan.outputs.items():
        step = declared.get(value)
        if step is None:
            outputs[name] = value
        else:
            outputs |= {f"{name}, {n}": read for n, read in enumerate(step.inputs)}
    ends = declared.keys() & set(plan.outputs.values())
    read = {value for step in plan.steps for value in step.inputs}
    steps = tuple(s for s in plan.steps if s.output not in ends - read)
    return plan._replace(steps=steps, outputs=outputs)


def with_logits(plan: Plan) -> Plan:
    """A plan that gives out what goes into its last softmax too. Behind random weights that makes
    one 1 and many 0, which are the same however wrong the numbers before it."""
    given = {v: name for name, v in plan.outputs.items()}
    softmaxes = (s for s in plan.steps if isinstance(s.operation, Softmax) and s.output in given)
    logits = {f"{given[step.output]}, logits": step.inputs[0] for step in softmaxes}
    return plan._replace(outputs=plan.outputs | logits)
