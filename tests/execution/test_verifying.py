"""Outputs held to the reference on request, and runs traced."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import cnncalc
from cnncalc.errors import UsageError
from cnncalc.execution import memory
from cnncalc.execution.entry import Disagreement, Refused, run
from cnncalc.execution.native import program
from cnncalc.execution.native.program import NativeProgram
from cnncalc.execution.reference.backend import Reference
from cnncalc.execution.request import Algorithms, ArrayFiles, BackendName, RunRequest
from cnncalc.execution.weights import Array
from cnncalc.network import Network
from cnncalc.report.report import Report
from cnncalc.report.timing import Verified
from tests.networks import written

TEXT = written(
    [12, 12, 8],
    {"name": "a", "conv": {"filters": 16, "kernel": 3, "padding": 1}},
    {"name": "act", "relu": {}},
    {"name": "b", "conv": {"filters": 8, "kernel": 3}},
    {"name": "c", "global_avg_pool": {}},
)
NONE = ArrayFiles()
WANTED = RunRequest(threads=2, repeat=1, verify=True)


def ran(text: str = TEXT, wanted: RunRequest = WANTED, files: ArrayFiles = NONE) -> Report:
    return run(Network.loads(text), wanted, files)


def errors(report: Report) -> tuple[Verified, ...]:
    assert report.run is not None
    assert report.run.verified is not None
    return report.run.verified


@pytest.mark.parametrize("backend", BackendName)
def test_rounding_is_all_there_is(backend: BackendName) -> None:
    (one,) = errors(ran(wanted=WANTED._replace(backend=backend)))
    assert one.output == "c"
    assert one.largest is not None
    assert 0 <= one.error < 1e-5 * one.largest


def test_what_is_not_asked_for_is_not_told() -> None:
    done = ran(wanted=WANTED._replace(verify=False)).run
    assert done is not None
    assert done.verified is None


def test_the_error_is_the_largest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of numbers that are off by 0, 0.25 and 0.5, where the largest is 1,000."""
    taken = NativeProgram.run

    def off(self: NativeProgram, inputs: dict[str, Array]) -> dict[str, Array]:
        return {
            name: y + np.array([0, 0.25, -0.5], np.float32)
            for name, y in taken(self, inputs).items()
        }

    monkeypatch.setattr(NativeProgram, "run", off)
    np.save(tmp_path / "x.npy", np.array([[1000.0, 3.0, -2.0]]))
    (one,) = errors(ran(written(3, "relu"), WANTED, ArrayFiles(tmp_path / "x.npy")))
    assert one == Verified("relu1", 0.5, 1000.0)


@pytest.mark.parametrize("wrong", [1e-2, float("nan")])
def test_what_is_no_rounding_is_a_fault(wrong: float, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = NativeProgram.run

    def off(self: NativeProgram, inputs: dict[str, Array]) -> dict[str, Array]:
        return {name: y * np.float32(1 + wrong) for name, y in taken(self, inputs).items()}

    monkeypatch.setattr(NativeProgram, "run", off)
    with pytest.raises(Disagreement, match=r"c is off by .*, and its largest number is"):
        ran()


def test_infinities_are_left_out(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([[np.inf, 3.0, np.nan]]))
    (one,) = errors(ran(written(3, "relu"), WANTED, ArrayFiles(tmp_path / "x.npy")))
    assert one == Verified("relu1", 0.0, None)


def test_memory_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def needs(bytes: int, network: str) -> None:
        if "--verify" in network:
            raise Refused(f"running {network} takes too much")

    monkeypatch.setattr(memory, "need", needs)
    with pytest.raises(Refused, match="for --verify takes too much"):
        ran()


def test_direct_algorithms_alone() -> None:
    wanted = RunRequest(threads=1, repeat=1, algorithms=Algorithms.DIRECT)
    text = written([32, 32, 16], {"conv": {"filters": 16, "kernel": 3, "padding": 1}})
    (row,) = ran(text, wanted).rows
    assert row.timing is not None
    assert (row.timing.algorithm, row.timing.macs) == ("direct", row.macs)


def test_algorithms_that_nobody_has(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(TEXT)
    with pytest.raises(UsageError, match="`algorithms` is fastest or direct, not 'slow'"):
        cnncalc.run(tmp_path / "net.yaml", algorithms="slow")


class TestTrace:
    @pytest.mark.parametrize("backend", BackendName)
    def test_a_lane_for_each_thread(self, tmp_path: Path, backend: BackendName) -> None:
        (tmp_path / "net.yaml").write_text(TEXT)
        path = tmp_path / "t.json"
        cnncalc.run(tmp_path / "net.yaml", threads=2, repeat=1, backend=backend, trace_file=path)
        events = json.loads(path.read_text())["traceEvents"]
        bars = [event for event in events if event["ph"] == "X"]
        named = [event["args"]["name"] for event in events if event["ph"] == "M"]
        assert named == [f"thread {n}" for n in range(len(named))]
        assert {bar["tid"] for bar in bars} == set(range(len(named)))
        first = {"native": "a", "reference": "a"}[backend]
        layers = [bar["args"]["layers"] for bar in bars if bar["name"] == first]
        assert layers[0] == (["a", "act"] if backend is BackendName.NATIVE else ["a"])
        assert {"a", "b", "c"} <= {bar["name"] for bar in bars}
        for lane in range(len(named)):
            own = [bar for bar in bars if bar["tid"] == lane]
            assert all(bar["dur"] > 0 for bar in own)
            for bar, after in pairwise(own):
                assert bar["ts"] + bar["dur"] <= after["ts"] + 1e-3

    def test_a_processor_without_a_clock(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(program.NativeProgram, "_ticks", False)
        with pytest.raises(Refused, match="--trace: this processor has no clock"):
            ran(files=ArrayFiles(trace=tmp_path / "t.json"))
        report = ran()
        assert all(row.timing and row.timing.seconds for row in report.rows if row.name != "act")

    @pytest.mark.parametrize("name", ["-", ".", "no/t.json"])
    def test_places_that_are_none(self, tmp_path: Path, name: str) -> None:
        path = Path(name) if name == "-" else tmp_path / name
        with pytest.raises(UsageError):
            ran(files=ArrayFiles(trace=path))


def test_the_reference_needs_twice_for_double_precision() -> None:
    """What --verify is refused by is what double precision takes."""
    from cnncalc.execution.plan import plan

    todo = plan(Network.loads(TEXT).graph)
    sizes = [Reference(kind).schedule(todo, 1, 1).bytes for kind in (np.float32, np.float64)]
    assert sizes[1] == 2 * sizes[0]
