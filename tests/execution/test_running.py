"""A run as a whole: what is measured, what is checked, what is refused."""

from __future__ import annotations

import json
import os
import tracemalloc
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from cnncalc.errors import UsageError
from cnncalc.execution import cache, machine, memory
from cnncalc.execution.entry import Disagreement, Refused, run
from cnncalc.execution.lowering import RULES
from cnncalc.execution.native.host import host
from cnncalc.execution.operations import Convolution, Elementwise
from cnncalc.execution.reference import backend
from cnncalc.execution.request import ArrayFiles, BackendName, RunRequest
from cnncalc.execution.running import threads_of
from cnncalc.execution.threads import cores, usual
from cnncalc.execution.weights import Array
from cnncalc.layers import registry
from cnncalc.network import Network
from cnncalc.report.report import Report
from tests.networks import Item, written

FILES = ArrayFiles()
QUICK = RunRequest(BackendName.REFERENCE, threads=1, repeat=2, warmup=0)
SMALL: list[Item] = [
    {"name": "c", "conv": {"filters": 4, "kernel": 3}}, {"name": "n", "batch_norm": {}},
    {"name": "r", "relu": {}}, {"name": "p", "global_avg_pool": {}}, {"name": "d", "dense": 3},
]  # fmt: skip


def ran(text: str, wanted: RunRequest = QUICK, files: ArrayFiles = FILES, batch: int = 1) -> Report:
    network = Network.loads(text, batch=batch)
    assert network.report.complete, network.report.diagnostics
    return run(network, wanted, files, lambda _what, _share: None)


def outputs(folder: Path, text: str, wanted: RunRequest = QUICK, batch: int = 1) -> Array:
    path = folder / "y.npy"
    ran(text, wanted, ArrayFiles(None, path), batch)
    y: Array = np.load(path)
    return y


class TestTimings:
    def test_every_layer_has_its_time_and_the_shares_make_a_whole(self) -> None:
        report = ran(written([6, 6, 2], *SMALL), QUICK._replace(fold=False))
        times = [row.timing for row in report.rows if row.timing is not None]
        assert len(times) == len(report.rows)
        assert sum(time.share or 0 for time in times) == pytest.approx(1)
        for row, time in zip(report.rows, times, strict=True):
            assert time.seconds is not None
            assert time.seconds > 0
            assert time.macs == row.macs
            if row.flops:
                assert time.flops_per_second == pytest.approx(row.flops / time.seconds)
        assert report.run is not None
        assert report.run.latency.p10 <= report.run.latency.median <= report.run.latency.p90
        assert sum(time.seconds or 0 for time in times) < 2 * report.run.latency.p90
        assert report.run.images_per_second == pytest.approx(1 / report.run.latency.median)

    def test_a_folded_norm_is_computed_in_its_convolution(self) -> None:
        report = ran(written([6, 6, 2], *SMALL))
        conv, norm = (row.timing for row in report.rows[:2])
        assert conv is not None
        assert norm is not None
        assert (norm.seconds, norm.computed_in) == (None, "c")
        assert conv.flops == report.rows[0].flops
        assert report.run is not None
        executed = sum(row.flops for row in report.rows if row.name != "n")
        rate = executed / report.run.latency.median
        assert report.run.flops_per_second == pytest.approx(rate)

    def test_what_is_declared_is_not_executed_and_says_so(self) -> None:
        report = ran(written(5, {"name": "rbf", "custom": {"output": 3, "macs": 15}}, "relu"))
        assert report.rows[0].timing is not None
        assert report.rows[0].timing.seconds is None
        assert report.run is not None
        assert report.run.declared == ("rbf",)
        assert report.rows[1].timing is not None
        assert report.rows[1].timing.share == 1, "zeros of what is declared take no part"
        assert report.run.flops_per_second * report.run.latency.median == pytest.approx(3)

    @pytest.mark.parametrize("name", BackendName)
    @pytest.mark.parametrize("unknown", ["c", "n", "r", "p", "d", "merged"])
    @pytest.mark.slow
    def test_a_kind_that_cannot_be_executed_is_declared(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: BackendName, unknown: str
    ) -> None:
        """Its layers make zeros, and their multiply-accumulates are held against nobody."""
        items: list[Item] = [
            *SMALL,
            {"name": "merged", "add": [[], []]},
            {"name": "last", "dense": 2},
        ]
        text = written([6, 6, 2], *items)
        wanted = QUICK._replace(backend=name)
        kinds = {row.name: row.kind for row in ran(text, wanted).rows}
        monkeypatch.delitem(RULES, registry.KINDS[kinds[unknown]])
        report = ran(text, wanted)
        assert report.run is not None
        declared = [row for row in report.rows if row.kind == kinds[unknown]]
        assert report.run.declared == tuple(row.name for row in declared)
        assert not any(row.timing and row.timing.seconds for row in declared)
        assert outputs(tmp_path, text, wanted).shape == (1, 2)

    @pytest.mark.parametrize("batch", [1, 3])
    def test_a_batch_is_several_images(self, batch: int, tmp_path: Path) -> None:
        text = written([6, 6, 2], *SMALL)
        y = outputs(tmp_path, text, batch=batch)
        assert y.shape == (batch, 3)
        np.testing.assert_allclose(y[:1], outputs(tmp_path, text), rtol=1e-6)
        report = ran(text, batch=batch)
        assert report.rows[0].timing is not None
        assert report.rows[0].timing.macs == batch * 16 * 9 * 2 * 4

    def test_repetitions(self) -> None:
        report = ran(written([6, 6, 2], *SMALL), QUICK._replace(repeat=7))
        assert report.run is not None
        assert report.run.repeats == 7
        assert ran(written(4, "relu"), RunRequest(threads=1)).run is not None

    def test_results_depend_on_the_seed_and_on_nothing_else(self, tmp_path: Path) -> None:
        text = written([6, 6, 2], *SMALL)
        first = outputs(tmp_path, text)
        np.testing.assert_array_equal(first, outputs(tmp_path, text, QUICK._replace(repeat=3)))
        assert (first != outputs(tmp_path, text, QUICK._replace(seed=1))).all()
        # That folding changes the numbers at all is up to the processor's roundings.
        apart = outputs(tmp_path, text, QUICK._replace(fold=False))
        np.testing.assert_allclose(first, apart, rtol=1e-4, atol=1e-6)


class TestInternalErrors:
    """A layer that comes out otherwise than inferred has to be noticed."""

    def test_a_volume(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(backend.WORK, Elementwise, lambda job: job.x[:, 1:])
        with pytest.raises(Disagreement, match="relu1 came out as 1x3x2, not as 1x4x2, batch"):
            ran(written([4, 2], "relu"))

    def test_multiply_accumulates(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def idle(job: backend.Work) -> Array:
            return np.zeros((len(job.x), *job.out), np.float32)

        monkeypatch.setitem(backend.WORK, Convolution, idle)
        message = "c executed 0 multiply-accumulates, not the 1,152 that were counted"
        with pytest.raises(Disagreement, match=message):
            ran(written([6, 6, 2], *SMALL))


class TestMemory:
    def test_what_does_not_fit_is_refused_with_the_numbers(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(memory, "available", lambda: 3 * 2**30)
        with pytest.raises(
            UsageError, match=r"takes about 3[67],\d{3}\.\d\d GiB .* 3\.00 GiB are free"
        ):
            ran(written(100_000, {"dense": 100_000_000}))

    def test_the_estimate_is_above_what_is_used(self) -> None:
        import tracemalloc

        for item in ({"conv": {"filters": 32, "kernel": 3, "padding": 1}}, {"dense": 50}, "mish",
                     "gelu", {"max_pool": 2}, {"upsample": {"scale": 2, "mode": "bilinear"}},
                     {"conv_transpose": {"filters": 8, "kernel": 4, "stride": 2}}):  # fmt: skip
            text = written([64, 64, 16], item, "relu")
            ran(text)
            tracemalloc.start()
            report = ran(text)
            used = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert report.run is not None
            assert used < 1.2 * report.run.memory + 2**20, item

    def test_this_machine_has_some(self) -> None:
        there = memory.available()
        assert there is None or there > 2**20


class TestMachine:
    def test_the_best_peak_is_remembered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = machine.peak(1)
        assert 1e8 < found < 1e13
        for measured, reported in ((0.5, 1.0), (2.0, 2.0), (1.0, 2.0)):
            monkeypatch.setattr(machine, "_measured", lambda at, threads, f=measured: f * found)
            assert machine.peak(1) == reported * found
        monkeypatch.setattr(machine, "_measured", lambda at, threads: 1.0)
        assert machine.peak(2) == 1.0

    def test_the_best_bandwidth_is_remembered_apart(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "LEAST_READ", 2**20)
        monkeypatch.setattr(machine, "CACHES", 0)
        peak, found = machine.peak(1), machine.bandwidth(1)
        assert 1e8 < found < 1e13
        monkeypatch.setattr(machine, "_measured_reading", lambda at, threads: found / 2)
        assert machine.bandwidth(1) == found
        monkeypatch.setattr(machine, "_measured", lambda at, threads: 1.0)
        assert machine.peak(1) == peak

    def test_everything_is_read(self) -> None:
        """The loop's sums are those of all numbers."""
        at = host()
        x = np.random.default_rng(0).integers(-9, 9, (6, machine.STREAMS * at.lanes))
        x = x.astype(np.float32)
        sums = np.zeros(machine.STREAMS * at.lanes, np.float32)
        machine.reader(at)(x.ctypes.data, len(x), sums.ctypes.data)
        np.testing.assert_array_equal(sums, x.sum(0))

    def test_more_threads_than_cores_are_not_started(self) -> None:
        """They would wait for one another, and hold up whoever else is there."""
        assert threads_of(RunRequest(threads=10**6)) == cores()
        assert threads_of(RunRequest()) == usual() <= cores()
        assert threads_of(RunRequest(threads=1)) == 1

    def test_more_threads_than_cores_are_not_measured(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(machine, "_measured", lambda at, threads: float(threads))
        assert machine.peak(10**6) == cores()

    def test_a_cache_that_cannot_be_written_is_none(
        self, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache.write_text("a file, no folder")
        assert machine.peak(1) > 1e8

    @pytest.mark.parametrize("content", ["", "[]", "{", '{"x": "y"}', "\udc80"])
    def test_a_damaged_cache_is_none(self, cache: Path, content: str) -> None:
        cache.mkdir(0o700)
        (cache / "machine.json").write_bytes(content.encode("utf-8", "surrogateescape"))
        assert machine.peak(1) > 1e8

    def test_the_cache_keeps_what_is_written(self) -> None:
        assert cache.read("things") == {}
        cache.write("things", {"a": 1.5})
        assert cache.read("things") == {"a": 1.5}
        assert [path.name for path in cache.folder().iterdir()] == ["things.json"]


class TestFiles:
    TEXT = written([2, 3], "relu")
    TWO = written({"a": [2, 3], "b": [2, 3]}, {"subtract": ["a", "b"]})

    def test_one_input_and_output(self, tmp_path: Path) -> None:
        x = np.arange(-3, 3).reshape(1, 2, 3)
        np.save(tmp_path / "x.npy", x)
        ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npy", tmp_path / "y.npy"))
        y = np.load(tmp_path / "y.npy")
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y, np.maximum(x, 0))
        np.save(tmp_path / "x.npy", x[0])
        ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npy", tmp_path / "y.npz"))
        np.testing.assert_array_equal(np.load(tmp_path / "y.npz")["relu1"], y)

    def test_several_by_name(self, tmp_path: Path) -> None:
        a = np.ones((2, 2, 3), np.float32)
        np.savez(tmp_path / "x.npz", a=a, b=3 * a)
        ran(self.TWO, QUICK, ArrayFiles(tmp_path / "x.npz", tmp_path / "y.npy"), batch=2)
        np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), -2 * a)

    @pytest.mark.parametrize(
        ("text", "x", "message"),
        [
            (TEXT, np.ones((3, 2)), "input is 3x2, and the input is 1x2x3, batch first"),
            (TEXT, np.ones((2, 2, 3)), "input is 2x2x3, and the input is 1x2x3"),
            (TEXT, np.ones(()), "input is a number, and the input is 1x2x3"),
            (TEXT, np.array([["a", "b", "c"]] * 2), "which are not real numbers"),
            (TEXT, np.ones((2, 3), complex), "which are not real numbers"),
            (TWO, np.ones((2, 3)), "holds one array, and the inputs are a, b: use a .npz"),
            (TEXT, np.array([None]), "input holds object, which are not real numbers"),
        ],
    )
    def test_arrays_that_do_not_fit(
        self, tmp_path: Path, text: str, x: Array, message: str
    ) -> None:
        np.save(tmp_path / "x.npy", x)
        with pytest.raises(UsageError, match=message):
            ran(text, QUICK, ArrayFiles(tmp_path / "x.npy"))

    @pytest.mark.parametrize("ending", [".npy", ".npz"])
    def test_what_does_not_fit_is_refused_by_its_header(self, tmp_path: Path, ending: str) -> None:
        """There is nothing behind it: 8 GiB of zeros take 8 MiB in an archive."""
        path = tmp_path / f"x{ending}"
        header = BytesIO()
        form = {"descr": "<f4", "fortran_order": False, "shape": (2**31, 3)}
        np.lib.format.write_array_header_1_0(header, form)
        if ending == ".npz":
            with ZipFile(path, "w") as archive:
                archive.writestr("input.npy", header.getvalue())
        else:
            path.write_bytes(header.getvalue())
        with pytest.raises(Refused, match="input is 2147483648x3, and the input is 1x2x3"):
            ran(self.TEXT, QUICK, ArrayFiles(path))

    def test_more_than_memory_holds_is_not_unpacked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        np.savez_compressed(tmp_path / "x.npz", input=np.zeros((1, 2**10, 2**16), np.uint8))
        monkeypatch.setattr(memory, "available", lambda: 2**28)
        with pytest.raises(
            Refused, match=r"takes about 0\.31 GiB of memory, and 0\.25 GiB are free"
        ):
            ran(written([2**10, 2**16], "relu"), QUICK, ArrayFiles(tmp_path / "x.npz"))

    def test_objects_are_not_unpickled(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", input=np.array([[None] * 3] * 2))
        with pytest.raises(Refused, match="input holds object, which are not real numbers"):
            ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npz"))

    @pytest.mark.parametrize("said", [6, 2**31], ids=["in it", "by its header"])
    def test_headers_that_lie(self, tmp_path: Path, said: int) -> None:
        """Megabytes behind an array of 24 bytes, or a header of two gigabytes before it."""
        shape = BytesIO()
        form = {"descr": "<f4", "fortran_order": False, "shape": (2, 3)}
        np.lib.format.write_array_header_2_0(shape, form)
        header = shape.getvalue()
        if said > 6:
            header = header[:8] + (2**31).to_bytes(4, "little") + header[12:]
        with (
            ZipFile(tmp_path / "x.npz", "w", ZIP_DEFLATED) as archive,
            archive.open("input.npy", "w", force_zip64=True) as member,
        ):
            member.write(header + bytes(24))
            for _ in range(16):
                member.write(bytes(2**20))
        tracemalloc.start()
        with pytest.raises(Refused, match="is not a file of NumPy arrays of numbers"):
            ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npz"))
        assert tracemalloc.get_traced_memory()[1] < 2**23
        tracemalloc.stop()

    def test_two_arrays_of_one_name(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", input=np.ones((2, 3)))
        with ZipFile(tmp_path / "x.npz", "a") as archive:
            archive.writestr("input", archive.read("input.npy"))
        with pytest.raises(Refused, match="holds `input` twice"):
            ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npz"))

    def test_more_arrays_than_anybody_reads(self, tmp_path: Path) -> None:
        with ZipFile(tmp_path / "x.npz", "w") as archive:
            for number in range(1000):
                archive.writestr(f"{number}.npy", b"not looked at")
        with pytest.raises(Refused, match=r"holds 0, 1, .*, 19 and 980 more; the inputs are input"):
            ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npz"))

    def test_an_array_in_an_archive_in_an_archive(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "inner.npz", input=np.ones((2, 3)))
        with ZipFile(tmp_path / "x.npz", "w") as archive:
            archive.write(tmp_path / "inner.npz", "input.npy")
        with pytest.raises(Refused, match="is not a file of NumPy arrays of numbers"):
            ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npz"))

    def test_a_cut_array(self, tmp_path: Path) -> None:
        np.save(tmp_path / "x.npy", np.ones((2, 3)))
        (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:-1])
        with pytest.raises(Refused, match="is not a file of NumPy arrays"):
            ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npy"))

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "x.npy")
        with pytest.raises(Refused, match="this is not a regular file but a pipe or a device"):
            ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npy"))

    def test_other_names(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", a=np.ones((2, 3)), c=np.ones((2, 3)))
        with pytest.raises(UsageError, match="holds a, c; the inputs are a, b"):
            ran(self.TWO, QUICK, ArrayFiles(tmp_path / "x.npz"))

    @pytest.mark.parametrize("content", [b"", b"nonsense", b"\x93NUMPY", b"PK\x03\x04"])
    def test_no_arrays(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x.npy").write_bytes(content)
        with pytest.raises(UsageError, match="is not a file of NumPy arrays"):
            ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npy"))

    def test_files_that_are_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="No such file"):
            ran(self.TEXT, QUICK, ArrayFiles(tmp_path / "x.npy"))
        with pytest.raises(UsageError, match=r"there is no folder .*no$"):
            ran(self.TEXT, QUICK, ArrayFiles(None, tmp_path / "no" / "y.npy"))
        with pytest.raises(UsageError, match="this is a folder"):
            ran(self.TEXT, QUICK, ArrayFiles(None, tmp_path))

    def test_several_outputs_need_names(self, tmp_path: Path) -> None:
        items = [{"name": "l", "relu": {}}, {"name": "m", "exp": {}}]
        text = written(3, *items, outputs=["l", "m"])
        with pytest.raises(UsageError, match=r"can hold one output, and there are 2: use a \.npz"):
            ran(text, QUICK, ArrayFiles(None, tmp_path / "y.npy"))
        ran(text, QUICK, ArrayFiles(None, tmp_path / "y.npz"))
        found = np.load(tmp_path / "y.npz")
        np.testing.assert_allclose(found["m"], np.exp(found["l"]), rtol=1e-6)


def test_infinities_and_nans_go_through(tmp_path: Path) -> None:
    x = np.array([[np.nan, np.inf, -np.inf, 1]], np.float32)
    np.save(tmp_path / "x.npy", x)
    for item, expected in [
        ("relu", [np.nan, np.inf, 0, 1]),
        ("relu6", [np.nan, 6, 0, 1]),
        ({"leaky_relu": 0.5}, [np.nan, np.inf, -np.inf, 1]),
        ("sigmoid", [np.nan, 1, 0, 1 / (1 + np.exp(-1))]),
        ("elu", [np.nan, np.inf, -1, 1]),
        ("softplus", [np.nan, np.inf, 0, np.log1p(np.exp(1))]),
    ]:
        ran(written(4, item), QUICK, ArrayFiles(tmp_path / "x.npy", tmp_path / "y.npy"))
        np.testing.assert_allclose(np.load(tmp_path / "y.npy"), [expected], rtol=1e-6)


def test_refusals_are_no_disagreements() -> None:
    assert not issubclass(Disagreement, Refused)
    assert json.dumps(RunRequest()._asdict())
