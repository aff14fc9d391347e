"""The plan as it is told, held to the network that it carries out."""

from __future__ import annotations

import pytest

from cnncalc.execution.explaining import explained
from cnncalc.execution.folding import folded
from cnncalc.execution.native import banding
from cnncalc.execution.native.backend import Native
from cnncalc.execution.plan import plan
from cnncalc.execution.reference.backend import Reference
from cnncalc.execution.weights import Weights
from cnncalc.network import Network
from cnncalc.report.execution_plan import ExecutionPlan
from cnncalc.report.report import Report
from tests.execution.networks import graph
from tests.networks import branching, written
from tests.together import together

BACKENDS = (Reference(), Native())


def told(text: str, backend: Reference | Native, batch: int = 1) -> tuple[Report, ExecutionPlan]:
    made = graph(text)
    report = Network.loads(text, batch=batch).report
    planned = folded(plan(made))
    program = backend.prepare(planned, Weights(made, 0), batch, 2, lambda _: None)
    return report, explained(planned, program.pieces, report)


RESIDUAL = written(
    [8, 8, 16],
    {"name": "a", "conv": {"filters": 16, "kernel": 3, "padding": 1}},
    {"name": "norm", "batch_norm": {}},
    {"name": "act", "relu": {}},
    {"name": "b", "conv": {"filters": 16, "kernel": 3, "padding": 1}},
    {"name": "sum", "add": ["b", "act"]},
    {"name": "drop", "dropout": {}},
    {"name": "c", "conv": {"filters": 20, "kernel": 1}},
)


class TestByHand:
    def test_native(self) -> None:
        _, plan = told(RESIDUAL, Native(), batch=3)
        assert [step.layers for step in plan.steps] == [
            ("a", "norm", "act"), ("b", "sum", "drop"), ("c",)
        ]  # fmt: skip
        assert [step.number for step in plan.steps] == [1, 2, 3]
        assert [step.reads for step in plan.steps] == [(), (1,), (2,)]
        assert [step.inputs for step in plan.steps] == [("input",), (), ()]
        places = [step.place for step in plan.steps]
        assert [place and place.until for place in places] == [2, 3, 3]
        assert [step.numbers for step in plan.steps] == [3 * 4 * 64 * n for n in (16, 16, 20)]
        for step in plan.steps:
            if step.place is not None:
                assert step.place.bytes > step.numbers
        assert (plan.layers, plan.fused, plan.placed) == (7, 4, 3)

    def test_reference(self) -> None:
        _, plan = told(RESIDUAL, Reference())
        assert [step.layers for step in plan.steps] == [
            ("a", "norm"), ("act",), ("b",), ("sum",), ("drop",), ("c",)
        ]  # fmt: skip
        assert [step.reads for step in plan.steps] == [(), (1,), (2,), (2, 3), (4,), (5,)]
        assert {step.place for step in plan.steps} == {None}
        assert (plan.placed, plan.apart_bytes, plan.shared_bytes) == (0, 0, 0)

    @pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
    def test_what_is_declared_has_no_algorithm(self, backend: Reference | Native) -> None:
        _, plan = told(written([4, 4, 3], {"custom": {"output": [2, 2, 3]}}, "relu"), backend)
        assert plan.steps[0].algorithm == ""
        assert plan.steps[1].algorithm

    @pytest.mark.parametrize("between", [0, 1 << 40])
    def test_a_layer_of_two_steps(self, monkeypatch: pytest.MonkeyPatch, between: int) -> None:
        """In one piece where it is done in bands of rows, and otherwise in two."""
        monkeypatch.setattr(banding, "WORTH_BYTES", between)
        monkeypatch.setattr(banding, "TIMES_WEIGHTS", 0)
        item = {"name": "s", "separable_conv": {"filters": 32, "kernel": 3, "padding": 1}}
        norm = {"name": "n", "batch_norm": {}}
        _, plan = told(written([8, 8, 16], item, norm, {"name": "r", "relu": {}}), Native())
        layers, reads = (
            ([("s", "n", "r")], [()]) if not between else ([("s",), ("s", "n", "r")], [(), (1,)])
        )
        assert [step.layers for step in plan.steps] == layers
        assert [step.reads for step in plan.steps] == reads
        assert [step.inputs for step in plan.steps] == [("input",), ()][: len(layers)]
        assert plan.steps[-1].numbers == 4 * 8 * 8 * 32
        assert (plan.layers, plan.fused) == (3, 2)

    def test_several_inputs(self) -> None:
        text = written({"x": [4], "y": [4]}, {"add": ["y", "x"]})
        _, plan = told(text, Native())
        assert [set(step.inputs) for step in plan.steps] == [{"x", "y"}]


@together("backend", BACKENDS)
@together("seed", range(12))
def test_steps_are_those_of_the_network(backend: Reference | Native, seed: int) -> None:
    report, plan = told(branching(seed), backend)
    assert plan.layers == len(report.rows)
    rows = {row.name: row for row in report.rows}
    done: dict[str, int] = {}
    for step in plan.steps:
        expected = set()
        for name in step.layers:
            # A layer that takes several steps reads in the first one, and goes on in the others.
            for read in [name] if name in done else rows[name].inputs:
                if read in done:
                    expected.add(done[read])
        assert set(step.reads) == expected
        assert all(number < step.number for number in step.reads)
        done |= dict.fromkeys(step.layers, step.number)


@together("seed", range(12))
def test_no_result_lies_where_one_is_still_needed(seed: int) -> None:
    _, plan = told(branching(seed), Native())
    for step in plan.steps:
        for other in plan.steps[: step.number - 1]:
            if step.place and other.place and other.place.until >= step.number:
                assert step.place.end <= other.place.offset or other.place.end <= step.place.offset
