"""`cnncalc summary --run`: what it prints, what it refuses, how it ends."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from cnncalc import packages
from cnncalc.execution import machine, selection
from cnncalc.execution.native import host
from cnncalc.execution.operations import Elementwise
from cnncalc.execution.reference import backend
from cnncalc.execution.request import BackendName
from cnncalc.render.report.columns import COLUMNS, TIMES
from tests.cli.conftest import Run, Terminal, without_colour
from tests.cli.test_summary import on_a_terminal
from tests.interruptible import LONGEST_WAIT, started
from tests.networks import written

NET = written(
    [8, 8, 3],
    {"name": "stem", "conv": {"filters": 4, "kernel": 3, "bias": False}},
    {"name": "norm", "batch_norm": {}},
    {"name": "act", "relu": {}},
    {"name": "own", "custom": {"output": 5}},
)
QUICK = ("--run", "--repeat", "2", "--backend", "reference")


@pytest.fixture(autouse=True)
def net(folder: Path, kernels_are_compiled_once: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The network in a file, and a cache of the tests' own."""
    monkeypatch.setenv("CNNCALC_CACHE", str(folder / "cache"))
    (folder / "net.yaml").write_text(NET)
    return folder / "net.yaml"


class TestOutput:
    def test_table(self, run: Run) -> None:
        outcome = run("summary", "net.yaml", *QUICK)
        assert outcome.code == 0
        assert outcome.stderr == ""
        lines = outcome.stdout.splitlines()
        assert lines[2].split() == ["layer", "output", "MACs", "time", "of", "time",
                                    "GFLOP/s", "of", "peak"]  # fmt: skip
        assert re.match(r"stem +\[6x6x4\] +3,888 +\d+\.\d{3} ms +\d+\.\d %", lines[4])
        assert re.fullmatch(r"norm +\[6x6x4\] +0 *", lines[5])
        below = outcome.stdout.partition("\n\ninput")[2]
        assert re.search(r"\nlatency +[\d.,]+ ms \(median of 2 runs; p10 .* ms, p90 .* ms\)", below)
        assert re.search(r"\nthroughput +[\d.,]+ images/s\n", below)
        assert re.search(r"\nspeed +[\d.]+ GFLOP/s, [\d.]+ % of the machine's [\d.,]+\n", below)
        assert re.search(r"\nrun +reference backend, \d+ threads?, seed 0, .* folded\n", below)
        cost = r"[\d.]+ m?s, [\d.]+ ms of them for the plan; memory about [\d.]+ [KM]iB"
        assert re.search(rf"\npreparation +{cost}\n", below)
        assert re.search(r"\nnot executed +own\n", below)

    @pytest.mark.parametrize("columns", [80, 40])
    def test_table_on_a_terminal(self, run: Run, terminal: Terminal, columns: int) -> None:
        terminal(columns)
        shown = without_colour(run("summary", "net.yaml", *QUICK).stdout)
        assert max(map(len, shown.splitlines())) <= columns

    def test_json(self, run: Run) -> None:
        shown = run("summary", "net.yaml", *QUICK, "--batch", "2", "--format", "json").stdout
        found = json.loads(shown)
        stem, norm, act, own = (layer["timing"] for layer in found["layers"])
        assert stem["executed_macs"] == 2 * 6 * 6 * 4 * 27
        assert stem["seconds"] > 0
        assert norm["computed_in"] == "stem"
        assert own == dict.fromkeys(stem)
        assert stem["share"] + act["share"] == pytest.approx(1, abs=0.2)
        assert found["run"]["repeats"] == 2
        assert found["run"]["not_executed"] == ["own"]
        assert found["run"]["latency_seconds"]["median"] > 0
        assert found["totals"]["macs"] == 2 * 6 * 6 * 4 * 27

    def test_csv(self, run: Run) -> None:
        shown = run("summary", "net.yaml", *QUICK, "-f", "csv", "--columns", "all").stdout
        rows = list(csv.DictReader(io.StringIO(shown)))
        assert list(rows[0]) == [*COLUMNS, *TIMES]
        assert float(rows[0]["time"]) > 0
        flops = int(rows[0]["flops"]) / float(rows[0]["time"])
        assert float(rows[0]["gflops"]) == pytest.approx(flops / 10**9)
        assert rows[1]["time"] == ""
        assert [row["algorithm"] for row in rows] == ["numpy", "in stem", "numpy", "not executed"]

    def test_markdown(self, run: Run) -> None:
        shown = run("summary", "net.yaml", *QUICK, "-f", "markdown").stdout
        assert re.search(r"\n\| stem \| \[6x6x4\] \| 3,888 \| [\d.]+ ms \| ", shown)
        assert "\n- **latency**: " in shown

    def test_folded_rows_add_up(self, run: Run) -> None:
        (Path("block.yaml")).write_text(
            "input: 8x8x3\nblocks: {b: {layers: [{conv: {filters: 4, kernel: 3}}, relu]}}\n"
            "layers: [{name: one, b: {}}, {name: two, b: {}}]"
        )
        shown = run("summary", "block.yaml", *QUICK, "-f", "json", "--depth", "1").stdout
        one, two = (layer["timing"] for layer in json.loads(shown)["layers"])
        assert one["share"] + two["share"] == pytest.approx(1)
        assert (one["executed_macs"], two["executed_macs"]) == (36 * 4 * 27, 16 * 4 * 36)

    def test_without_run_nothing_is_timed(self, run: Run) -> None:
        found = json.loads(run("summary", "net.yaml", "-f", "json").stdout)
        assert "run" not in found
        assert not any("timing" in layer for layer in found["layers"])

    @pytest.mark.slow
    def test_a_terminal_sees_a_bar_that_goes_away(self, net: Path) -> None:
        shown = on_a_terminal("summary", str(net), "--run", "--repeat", "40", columns=80)
        assert "\x1b[?25h" in shown, "the cursor comes back"
        assert "latency" in shown


class TestRoofline:
    @pytest.fixture(autouse=True)
    def little_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "LEAST_READ", 2**20)
        monkeypatch.setattr(machine, "CACHES", 0)

    def test_table(self, run: Run) -> None:
        outcome = run("summary", "net.yaml", *QUICK, "--roofline")
        assert (outcome.code, outcome.stderr) == (0, "")
        assert outcome.stdout.splitlines()[2].split() == [
            "layer", "time", "of", "time", "GFLOP/s", "FLOP/B", "predicted", "of", "roof", "bound",
        ]  # fmt: skip
        below = outcome.stdout.partition("\n\ninput")[2]
        rates = r"[\d.,]+ GFLOP/s and [\d.,]+ GB/s from memory, in balance at [\d.]+ FLOP/B"
        assert re.search(rf"\nroofline +{rates}\n", below)
        assert re.search(r"\npredicted +[\d.]+ ms, [\d.]+ % of the latency\n", below)
        assert re.search(
            r"\nbound by memory +\d of 2 layers, [\d.]+ % of the layers' time\n", below
        )

    def test_json_adds_up(self, run: Run) -> None:
        shown = run("summary", "net.yaml", *QUICK, "--roofline", "-f", "json").stdout
        found = json.loads(shown)
        stem, norm, act, own = (layer["timing"] for layer in found["layers"])
        # 8x8x3 read, 3x3x3x4 weights, 6x6x4 written; then 6x6x4 read and written
        assert stem["roofline"]["bytes"] == 4 * (192 + 108 + 144)
        assert act["roofline"]["bytes"] == 4 * 288
        assert act["roofline"]["flops_per_byte"] == 144 / (4 * 288)
        assert "roofline" not in {**norm, **own}
        whole, layers = found["run"]["roofline"], (stem, act)
        for layer in layers:
            roof, flops = layer["roofline"], layer["seconds"] * layer["flops_per_second"]
            moving = roof["bytes"] / whole["bytes_per_second"]
            computing = flops / found["run"]["peak_flops_per_second"]
            assert roof["predicted_seconds"] == pytest.approx(max(moving, computing))
            assert roof["bound"] == ("memory" if moving > computing else "compute")
            assert roof["of_roof"] == pytest.approx(max(moving, computing) / layer["seconds"])
        total = sum(layer["roofline"]["predicted_seconds"] for layer in layers)
        assert whole["predicted_seconds"] == pytest.approx(total)
        assert whole["layers"] == 2

    def test_csv_and_markdown(self, run: Run) -> None:
        args = ("summary", "net.yaml", *QUICK, "--roofline", "--columns", "name,bytes,bound")
        rows = list(csv.DictReader(io.StringIO(run(*args, "-f", "csv").stdout)))
        assert [row["bytes"] for row in rows] == ["1776", "", "1152", ""]
        assert "\n- **bound by memory**: " in run(*args, "-f", "markdown").stdout

    @pytest.mark.parametrize("columns", [80, 40])
    def test_table_on_a_terminal(self, run: Run, terminal: Terminal, columns: int) -> None:
        terminal(columns)
        shown = without_colour(run("summary", "net.yaml", *QUICK, "--roofline").stdout)
        assert max(map(len, shown.splitlines())) <= columns

    def test_plot(self, run: Run, folder: Path) -> None:
        assert run("summary", "net.yaml", *QUICK, "--plot", "x.PNG").code == 0
        assert (folder / "x.PNG").read_bytes().startswith(b"\x89PNG\r\n")
        assert run("summary", "net.yaml", *QUICK, "--plot", "x.svg", "--depth", "1").code == 0
        assert "<!-- stem " in (folder / "x.svg").read_text()

    def test_what_to_install(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(packages, "PLOT", ("matplotlob",))
        outcome = run("summary", "net.yaml", "--run", "--plot", "x.svg")
        message = "cnncalc: --plot needs matplotlob: pip install matplotlob\n"
        assert (outcome.code, outcome.stderr) == (2, message)

    def test_too_little_memory_to_measure(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "LEAST_READ", 2**60)
        outcome = run("summary", "net.yaml", *QUICK, "--roofline")
        assert outcome.code == 2
        assert "--roofline: measuring the memory takes 1,073,741,824.0" in outcome.stderr


class TestFiles:
    def test_input_and_output(self, run: Run, folder: Path) -> None:
        np.save(folder / "x.npy", np.full((8, 8, 3), -1.0))
        (folder / "relu.yaml").write_text(written([8, 8, 3], "relu"))
        files = ("--input-file", "x.npy", "--output-file", "y.npy")
        assert run("summary", "relu.yaml", *QUICK, *files).code == 0
        assert not np.load(folder / "y.npy").any()

    def test_another_input_volume(self, run: Run, folder: Path) -> None:
        options = ("--input", "9x10x3", "--batch", "2", "--output-file", "y.npy")
        (folder / "relu.yaml").write_text(written([8, 8, 3], "relu"))
        assert run("summary", "relu.yaml", *QUICK, *options).code == 0
        assert np.load(folder / "y.npy").shape == (2, 9, 10, 3)


class TestRefusals:
    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (["--threads", "2"], "--threads needs --run"),
            (["--repeat", "2"], "--repeat needs --run"),
            (["--warmup", "2"], "--warmup needs --run"),
            (["--seed", "2"], "--seed needs --run"),
            (["--backend", "reference"], "--backend needs --run"),
            (["--no-fold"], "--no-fold needs --run"),
            (["--input-file", "x.npy"], "--input-file needs --run"),
            (["--output-file", "x.npy"], "--output-file needs --run"),
            (["--roofline"], "--roofline needs --run"),
            (["--plot", "x.svg"], "--plot needs --run"),
            (["--columns", "bound"], "the column `bound` needs --run --roofline"),
            (["--run", "--columns", "bound"], "the column `bound` needs --run --roofline"),
            (["--run", "--plot", "x.pdf"], "--plot x.pdf: call it .svg or .png"),
            (["--run", "--plot", "no/x.svg"], "--plot no/x.svg: there is no folder no"),
            (["--run", "--plot", "folder.svg"], "--plot folder.svg: this is a folder"),
            (["--columns", "time"], "the column `time` needs --run"),
            (["--run", "--columns", "tim"], "did you mean `time`?"),
            (["--run", "--repeat", "0"], "--repeat"),
            (["--run", "--threads", "0"], "--threads"),
            (["--run", "--seed", "-1"], "--seed"),
            (["--run", "--backend", "cuda"], "--backend"),
            (["--run", "--dtype", "float16"], "computes in float32; leave out --dtype float16"),
            (["--run", "--input-file", "x.npy"], "x.npy: No such file or directory"),
            (["--run", "--output-file", "no/y.npy"], "no/y.npy: there is no folder no"),
        ],
    )
    def test_exit_code_2(self, run: Run, args: list[str], message: str) -> None:
        Path("folder.svg").mkdir()
        outcome = run("summary", "net.yaml", *args)
        assert outcome.code == 2
        assert message in " ".join(outcome.stderr.split())
        assert outcome.stdout == ""

    def test_what_to_install(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(packages, "RUN", ("numpy", "numpi", "numbo"))
        outcome = run("summary", "net.yaml", "--run")
        message = "cnncalc: --run needs numpi and numbo: pip install numpi numbo\n"
        assert (outcome.code, outcome.stderr) == (2, message)

    def test_a_faulty_file_is_not_run(self, run: Run) -> None:
        outcome = run("summary", "faulty.yaml", *QUICK)
        assert outcome.code == 1
        assert "latency" not in outcome.stdout

    def test_an_internal_error_is_loud(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(backend.WORK, Elementwise, lambda job: job.x[..., :1])
        outcome = run("summary", "net.yaml", *QUICK)
        assert outcome.code == 1
        assert outcome.stdout == ""
        assert outcome.stderr == (
            "cnncalc: internal error, please report it: act came out as 1x6x6x1, not as 1x6x6x4, "
            "batch first, which was inferred\n"
        )

    def test_a_machine_without_native_code(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails() -> None:
            raise RuntimeError("LLVM's own words")

        monkeypatch.setattr(host, "_actual", fails)
        monkeypatch.setattr(selection, "machine", lambda: "z80")
        outcome = run("summary", "net.yaml", "--run", "--repeat", "1")
        assert outcome.code == 0
        assert outcome.stderr == (
            "cnncalc: no native code on this machine: LLVM makes none for z80; "
            "`reference` computes instead, slowly\n"
        )
        assert "reference backend" in outcome.stdout
        reported = json.loads(run("bench", "net.yaml", "--repeat", "1", "-f", "json").stdout)
        assert reported["settings"]["backend"] == "reference"

    @pytest.mark.skipif(
        not Path("/proc/self/maps").exists(), reason="/proc tells when to interrupt"
    )
    @pytest.mark.parametrize("backend", BackendName)
    def test_interrupting_ends_at_once(self, net: Path, backend: str) -> None:
        command = ["summary", str(net), "--run", "--repeat", "1000000000", "--backend", backend]
        with started(command, net.parent) as process:
            libraries = Path(f"/proc/{process.pid}/maps")
            while "numpy" not in libraries.read_text():  # the run has begun, or is about to
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, reported = process.communicate(timeout=LONGEST_WAIT)
        assert process.returncode == 130
        assert reported == "cnncalc: interrupted\n"
