"""Memory against a simulation that keeps the volumes alive in a set."""

from __future__ import annotations

from math import ceil, prod

import pytest

import cnncalc
from cnncalc.report.report import Report
from tests.networks import VARIED, branching, report, where_outputs_come_from
from tests.together import together

BYTES = {
    "float64": 8.0,
    "float32": 4.0,
    "float16": 2.0,
    "bfloat16": 2.0,
    "float8": 1.0,
    "int64": 8.0,
    "int32": 4.0,
    "int16": 2.0,
    "int8": 1.0,
    "uint8": 1.0,
    "int4": 0.5,
}


def peak(reported: Report) -> int:
    """Run the rows in order; what no later row and no output of the network needs is dropped."""
    sizes = {name: prod(volume) for name, volume in reported.inputs.items()}
    sizes |= {row.name: prod(row.output_shape) for row in reported.rows}
    outputs = set(where_outputs_come_from(reported))
    alive = set(reported.inputs)
    largest = sum(sizes[name] for name in alive)
    for number, row in enumerate(reported.rows):
        assert set(row.inputs) <= alive, "a volume was dropped too early"
        alive.add(row.name)
        largest = max(largest, sum(sizes[name] for name in alive))
        needed = {name for later in reported.rows[number + 1 :] for name in later.inputs}
        alive &= needed | outputs
    return largest


@together("seed", range(60))
def test_peak_of_branching_networks(seed: int) -> None:
    reported = cnncalc.loads(branching(seed))
    assert reported.complete
    assert reported.totals.peak_activation_bytes == 4 * peak(reported)


@together("name", VARIED)
def test_peak_of_bundled_networks(name: str) -> None:
    reported = cnncalc.load(name)
    assert reported.totals.peak_activation_bytes == 4 * peak(reported)


def test_peak_by_hand() -> None:
    """Sizes 12 (input), 24, 12, 24 and 36: the concat is alive with both of its branches."""
    reported = report([2, 3, 2], {"concat": [[{"conv": {"filters": 4, "kernel": 1}}, "relu"], []]})
    assert [row.output_shape.size for row in reported.rows] == [24, 24, 36]
    assert reported.totals.peak_activation_bytes == 4 * (12 + 24 + 36)


def test_a_long_skip_stays_alive() -> None:
    plain = [{"name": "first", "relu": {}}, *["relu"] * 5]
    without = report([4, 4, 2], *plain)
    skipping = report([4, 4, 2], *plain, {"add": [[], "first"]})
    assert without.totals.peak_activation_bytes == 4 * 2 * 32
    assert skipping.totals.peak_activation_bytes == 4 * 3 * 32


def test_outputs_stay_alive_to_the_end() -> None:
    layers = [{"name": "early", "relu": {}}, "relu", "relu", {"name": "late", "relu": {}}]
    one = report([4, 4, 2], *layers, outputs=["late"])
    both = report([4, 4, 2], *layers, outputs=["early", "late"])
    assert one.totals.peak_activation_bytes == 4 * 2 * 32
    assert both.totals.peak_activation_bytes == 4 * 3 * 32


def test_all_inputs_are_there_from_the_start() -> None:
    inputs = {"left": [4, 4, 2], "right": [4, 4, 6]}
    reported = report(inputs, {"from": "left", "conv": {"filters": 6, "kernel": 1}},
                  {"add": [[], "right"]})  # fmt: skip
    assert reported.totals.peak_activation_bytes == 4 * (96 + 96 + 96)


@together("dtype", BYTES)
@together("batch", [1, 3])
def test_bytes_by_type_and_batch(dtype: str, batch: int) -> None:
    text = branching(7)
    single, reported = cnncalc.loads(text), cnncalc.loads(text, dtype=dtype, batch=batch)
    each = BYTES[dtype]
    for row in reported.rows:
        assert row.activation_bytes == ceil(prod(row.output_shape) * batch * each)
    assert reported.totals.param_bytes == ceil(reported.totals.params * each)
    assert reported.totals.activation_bytes == sum(row.activation_bytes for row in reported.rows)
    assert reported.totals.peak_activation_bytes == ceil(peak(single) * batch * each)


def test_half_bytes_are_rounded_up_once_for_each_volume() -> None:
    reported = cnncalc.loads("input: 3\nlayers: [relu, relu]", dtype="int4")
    assert [row.activation_bytes for row in reported.rows] == [2, 2]
    assert reported.totals.activation_bytes == 4
    assert reported.totals.peak_activation_bytes == 3


def test_a_batch_multiplies_work_and_volumes_but_no_parameters() -> None:
    for name in ("alexnet", "mobilenet_v2"):
        one, many = cnncalc.load(name), cnncalc.load(name, batch=32)
        assert many.totals == one.totals._replace(
            macs=32 * one.totals.macs,
            flops=32 * one.totals.flops,
            activation_bytes=32 * one.totals.activation_bytes,
            peak_activation_bytes=32 * one.totals.peak_activation_bytes,
        )
        assert [row.output_shape for row in many.rows] == [row.output_shape for row in one.rows]


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"batch": -1}, {"dtype": "float31"}])
def test_arguments_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"batch|dtype"):
        cnncalc.load("alexnet", **wrong)  # type: ignore[arg-type]
