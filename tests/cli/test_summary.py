"""`cnncalc summary`: every format whole, every option, terminals and pipes, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cnncalc.render.report.columns import COLUMNS
from tests.cli.conftest import Run, Terminal, without_colour
from tests.conftest import Golden


class TestWholeOutputs:
    """The stored numbers were worked out by hand: see the comments of golden/sample.yaml."""

    def test_table(self, run: Run, golden: Golden) -> None:
        outcome = run("summary", "sample.yaml")
        golden("summary.txt", outcome.stdout)
        assert outcome.code == 1
        assert "params is 1,459, not 1,453 as expected: 6 more" in outcome.stderr

    @pytest.mark.parametrize("columns", [80, 40])
    def test_table_on_a_terminal(
        self, run: Run, golden: Golden, terminal: Terminal, columns: int
    ) -> None:
        terminal(columns)
        output = without_colour(run("summary", "sample.yaml").stdout)
        golden(f"summary-{columns}.txt", output)
        assert max(map(len, output.splitlines())) <= columns

    def test_colours(self, run: Run, golden: Golden, terminal: Terminal) -> None:
        terminal(80)
        golden("summary-colour.txt", run("summary", "warned.yaml").output.replace("\x1b", "␛"))

    def test_json(self, run: Run, golden: Golden) -> None:
        golden("summary.json", run("summary", "sample.yaml", "--format", "json").stdout)

    def test_csv(self, run: Run, golden: Golden) -> None:
        outcome = run("summary", "sample.yaml", "--format", "csv", "--columns", "all")
        golden("summary.csv", outcome.stdout)

    def test_markdown(self, run: Run, golden: Golden) -> None:
        golden("summary.md", run("summary", "sample.yaml", "--format", "markdown").stdout)

    def test_all_columns(self, run: Run, golden: Golden) -> None:
        golden("summary-all.txt", run("summary", "sample.yaml", "--columns", "all").stdout)

    def test_folded(self, run: Run, golden: Golden) -> None:
        golden("summary-folded.txt", run("summary", "sample.yaml", "--depth", "1").stdout)

    def test_faulty_file(self, run: Run, golden: Golden) -> None:
        outcome = run("summary", "faulty.yaml")
        golden("summary-faulty.txt", outcome.output)
        assert outcome.code == 1

    def test_warnings_alone_are_well(self, run: Run, golden: Golden) -> None:
        outcome = run("summary", "warned.yaml")
        golden("summary-warned.txt", outcome.output)
        assert outcome.code == 0


def totals(run: Run, *args: str) -> dict[str, int]:
    found: dict[str, int] = json.loads(run("summary", *args, "--format", "json").stdout)["totals"]
    return found


class TestOptions:
    def test_columns_in_the_order_asked_for(self, run: Run) -> None:
        outcome = run("summary", "warned.yaml", "-f", "csv", "--columns", "macs, name")
        assert outcome.stdout.splitlines()[:2] == ["macs,name", "3888,conv1"]

    def test_every_column_stands_in_the_csv_of_all(self, run: Run) -> None:
        outcome = run("summary", "sample.yaml", "-f", "csv", "--columns", "all")
        assert next(csv.reader(io.StringIO(outcome.stdout))) == list(COLUMNS)

    def test_columns_add_up_to_the_totals(self, run: Run) -> None:
        outcome = run("summary", "sample.yaml", "-f", "csv", "--columns", "all")
        rows = list(csv.DictReader(io.StringIO(outcome.stdout)))
        found = totals(run, "sample.yaml")
        for column in ("weights", "biases", "params", "state", "trainable", "macs", "flops"):
            assert sum(int(row[column]) for row in rows) == found[column]
        assert sum(int(row["activation_bytes"]) for row in rows) == found["activation_bytes"]

    @pytest.mark.parametrize("depth", ["1", "2", "3"])
    def test_folding_keeps_the_sums(self, run: Run, depth: str) -> None:
        whole = json.loads(run("summary", "sample.yaml", "-f", "json").stdout)
        folded = json.loads(run("summary", "sample.yaml", "-f", "json", "--depth", depth).stdout)
        assert folded["totals"] == whole["totals"]
        for quantity in ("params", "state", "macs", "flops", "activation_bytes"):
            assert sum(row[quantity] for row in folded["layers"]) == whole["totals"][quantity]

    def test_batch_scales_work_and_volumes_but_not_parameters(self, run: Run) -> None:
        one, eight = totals(run, "sample.yaml"), totals(run, "sample.yaml", "--batch", "8")
        per_image = ("macs", "flops", "activation_bytes", "peak_activation_bytes")
        for quantity, value in one.items():
            assert eight[quantity] == value * (8 if quantity in per_image else 1), quantity

    def test_dtype_scales_bytes_alone(self, run: Run) -> None:
        wide, narrow = totals(run, "sample.yaml"), totals(run, "sample.yaml", "--dtype", "int8")
        for quantity, value in wide.items():
            assert narrow[quantity] == (value // 4 if "bytes" in quantity else value), quantity

    def test_layout(self, run: Run) -> None:
        outcome = run("summary", "sample.yaml", "--layout", "chw")
        assert "[8x8x6]" in outcome.stdout  # channels first
        assert "input [3x15x11]" in outcome.stdout
        found = json.loads(run("summary", "sample.yaml", "--layout", "chw", "-f", "json").stdout)
        assert found["layers"][0]["input_shapes"] == [[3, 15, 11]]
        assert found["layout"] == "chw"

    def test_input(self, run: Run) -> None:
        outcome = run("summary", "sample.yaml", "--input", "23x19x3", "--columns", "name,output")
        assert "stem [12x10x8]" in " ".join(outcome.stdout.split())
        assert outcome.code == 0, "expectations speak of the file's own input"

    def test_input_by_name(self, run: Run, folder: Path) -> None:
        (folder / "two.yaml").write_text(
            "input: {left: 9x9x1, right: 9x9x1}\n"
            "layers:\n"
            "- {name: l, from: left, conv: {filters: 4, kernel: 3}}\n"
            "- {name: r, from: right, share: l, conv: {filters: 4, kernel: 3}}\n"
            "- subtract: [l, r]\n"
        )
        both = ("--input", "left=5x5x1", "--input", "right=5x5x1")
        outcome = run("summary", "two.yaml", *both)
        assert "output subtract1 [3x3x4]" in " ".join(outcome.stdout.split())
        assert run("summary", "two.yaml", "--input", "left=5x5x1").code == 1

    def test_set_variables_and_options(self, run: Run) -> None:
        changed = ("--set", "classes=7", "--set", "stem.filters=4", "--set", "res.1.width=4")
        found = json.loads(run("summary", "sample.yaml", "-f", "json", *changed[:4]).stdout)
        layers = {layer["name"]: layer for layer in found["layers"]}
        assert layers["stem"]["output_shape"] == [8, 6, 4]
        # The block's own width is 8 still, so its sum does not fit.
        assert [d["code"] for d in found["diagnostics"]] == ["shape-mismatch"]
        found = json.loads(run("summary", "sample.yaml", "-f", "json", *changed[:2]).stdout)
        assert found["outputs"] == {"softmax1": [7]}

    def test_set_takes_what_a_file_would_say(self, run: Run) -> None:
        option = ("--set", "stem.padding=[[1, 2], [0, 1]]", "--set", "stem.kernel=3x2")
        found = json.loads(run("summary", "sample.yaml", "-f", "json", *option).stdout)
        assert found["layers"][0]["padding"] == [[1, 2], [0, 1]]
        assert found["layers"][0]["kernel"] == [3, 2]

    def test_rounding_of_the_command_line_beats_the_file_but_not_the_layer(self, run: Run) -> None:
        outcome = run("summary", "sample.yaml", "--rounding", "exact")
        assert outcome.code == 1
        assert "error[stride-misfit]: pool: height: (8 − 3 + 0)/2 + 1 = 3.5" in outcome.stderr
        assert "shrink" not in outcome.stderr

    def test_max_layers(self, run: Run) -> None:
        assert run("summary", "sample.yaml", "--max-layers", "19").stderr.count("error") == 1
        outcome = run("summary", "sample.yaml", "--max-layers", "18")
        assert outcome.code == 1
        assert "limit-exceeded" in outcome.stderr
        assert "`--max-layers` raises the bound" in outcome.stderr


class TestSources:
    def test_standard_input(self, run: Run) -> None:
        outcome = run("summary", "-", stdin="input: 4\nlayers: [{dense: 2}]")
        assert outcome.code == 0
        assert outcome.stdout.startswith("stdin\n")

    def test_diagnostics_of_standard_input(self, run: Run) -> None:
        outcome = run("summary", "-", stdin="input: 4\nlayers: [dence]")
        assert outcome.stderr.startswith("<stdin>:2:10: error[unknown-kind]")

    @pytest.mark.parametrize("name", ["alexnet", "alexnet.yaml"])
    def test_bundled(self, run: Run, name: str) -> None:
        assert "62,378,344" in run("summary", name).stdout

    def test_a_file_of_the_users_own_goes_before_a_bundled_one(
        self, run: Run, folder: Path
    ) -> None:
        (folder / "alexnet.yaml").write_text("name: Mine\ninput: 4\nlayers: [{dense: 2}]")
        assert run("summary", "alexnet.yaml").stdout.startswith("Mine\n")

    @pytest.mark.parametrize(
        ("name", "help"), [("alexnt", "did you mean `alexnet`?"), ("zzz", "`cnncalc zoo` lists")]
    )
    def test_missing(self, run: Run, name: str, help: str) -> None:
        outcome = run("summary", name)
        assert outcome.code == 1
        assert "error[file-unreadable]: there is no such file" in outcome.stderr
        assert help in outcome.stderr
        assert outcome.stdout == ""

    def test_json_of_an_unreadable_file_is_an_object_all_the_same(self, run: Run) -> None:
        found = json.loads(run("summary", "zzz", "-f", "json").stdout)
        assert not found["complete"]
        assert found["layers"] == []
        assert [d["code"] for d in found["diagnostics"]] == ["file-unreadable"]

    def test_folder(self, run: Run) -> None:
        outcome = run("summary", ".")
        assert outcome.code == 1
        assert "this is a folder, not a file" in outcome.stderr


class TestMisuse:
    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (["--columns", "nam"], "there is no column `nam`; did you mean `name`?"),
            (["--columns", "zzz"], "there is no column `zzz`; there are name, kind, "),
            (["--dtype", "float"], "there is no dtype `float`; there are float64, float32"),
            (["--set", "classes"], "say KEY=VALUE"),
            (["--set", "=3"], "say KEY=VALUE"),
            (["--set", "clases=3"], "did you mean `classes`?"),
            (["--set", "stem.strid=3"], "did you mean `stride`?"),
            (["--set", "stam.stride=3"], "did you mean `stem`?"),
            (["--set", "classes=[1"], "--set classes=[1"),
            (["--input", "15x"], "`15x` is not a volume such as 227x227x3"),
            (["--input", "left=15x11x3"], "left"),
            (["--input", "0x11x3"], "an axis of 0"),
            (["--batch", "0"], "--batch"),
            (["--depth", "0"], "--depth"),
            (["--max-layers", "0"], "--max-layers"),
            (["--rounding", "up"], "--rounding"),
            (["--layout", "nchw"], "--layout"),
            (["--format", "xml"], "--format"),
            (["--nonsense"], "--nonsense"),
            (["another.yaml"], "another.yaml"),
        ],
    )
    def test_exit_code_2(self, run: Run, args: list[str], message: str) -> None:
        outcome = run("summary", "sample.yaml", *args)
        assert outcome.code == 2
        assert message in " ".join(outcome.stderr.split())
        assert outcome.stdout == ""

    def test_no_file(self, run: Run) -> None:
        assert run("summary").code == 2

    def test_a_value_that_does_not_fit_is_no_misuse(self, run: Run) -> None:
        """It is the network of the variant that is wrong."""
        outcome = run("summary", "sample.yaml", "--set", "stem.stride=x")
        assert outcome.code == 1
        assert "`stride` takes a whole number" in outcome.stderr


class TestTerminals:
    """What a process prints, seen from outside."""

    def test_pipe_has_no_colour_and_cuts_nothing(self, folder: Path) -> None:
        piped = subprocess.run(
            [sys.executable, "-m", "cnncalc", "summary", "sample.yaml"],
            env={**os.environ, "COLUMNS": "30"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert "\x1b" not in piped.stdout + piped.stderr
        assert "…" not in piped.stdout
        assert "tied.conv1   conv = res.0.conv1  [3x2x8]" in piped.stdout

    def test_terminal_has_colour_and_a_width(self, folder: Path) -> None:
        shown = on_a_terminal("summary", "sample.yaml", columns=60)
        assert "\x1b[" in shown
        lines = without_colour(shown).splitlines()
        table = lines[lines.index(next(line for line in lines if "───" in line)) :]
        assert max(map(len, table)) <= 60

    def test_a_reader_that_leaves_early_is_no_crash(self, folder: Path) -> None:
        command = f"{sys.executable} -m cnncalc summary resnet50 | head -n 1"
        piped = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, encoding="utf-8", check=False
        )
        assert piped.stdout.startswith("ResNet-50")
        assert piped.stderr == ""

    def test_an_output_without_unicode_is_no_crash(self, folder: Path) -> None:
        piped = subprocess.run(
            [sys.executable, "-m", "cnncalc", "summary", "sample.yaml"],
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
            capture_output=True,
            encoding="ascii",
            check=False,
        )
        assert piped.returncode == 1
        assert "20,836" in piped.stdout
        assert "Traceback" not in piped.stderr


def on_a_terminal(*args: str, columns: int) -> str:
    """What a command prints on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [sys.executable, "-m", "cnncalc", *args],
            env={**os.environ, "COLUMNS": str(columns)},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = screen.read(65536)
            except OSError:  # Linux ends a terminal's output so
                break
            if not piece:
                break
            shown += piece
        process.wait()
    return shown.decode()
