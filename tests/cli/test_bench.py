"""`cnncalc bench`: what it prints, what it compares, how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnncalc import packages
from cnncalc.execution import benching, machine, memory
from cnncalc.execution.operations import Elementwise
from cnncalc.execution.reference import backend
from cnncalc.execution.repeating import Advance, Series
from tests.cli.conftest import Run, Terminal, without_colour
from tests.networks import written

QUICK = ("--repeat", "2", "--threads", "1", "--backend", "reference")
STEM = {"conv": {"filters": 4, "kernel": 3}}
ONE = ("bench", "one.yaml", *QUICK)


@pytest.fixture(autouse=True)
def nets(folder: Path, kernels_are_compiled_once: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two networks in files, and a cache of the tests' own."""
    monkeypatch.setenv("CNNCALC_CACHE", str(folder / "cache"))
    monkeypatch.setattr(machine, "LEAST_READ", 2**20)
    monkeypatch.setattr(machine, "CACHES", 0)
    (folder / "one.yaml").write_text(written([8, 8, 3], STEM, "batch_norm", name="One"))
    (folder / "two.yaml").write_text(written([9, 9, 1], STEM, "relu", name="Two"))
    return folder


@pytest.fixture
def base(run: Run) -> dict[str, Any]:
    """A baseline of One, in base.json as well; with times that nothing can be slower than."""
    found: dict[str, Any] = json.loads(run(*ONE, "-f", "json").stdout)
    found["networks"][0]["run"]["latency_seconds"]["median"] = 1e6
    Path("base.json").write_text(json.dumps(found))
    return found


class TestOutput:
    def test_table(self, run: Run) -> None:
        outcome = run("bench", "one.yaml", "two.yaml", *QUICK)
        assert (outcome.code, outcome.stderr) == (0, "")
        head, rule, one, two, _, *below = outcome.stdout.splitlines()
        assert head.split() == ["network", "latency", "p10–p90", "images/s", "GFLOP/s", "of",
                                "peak", "FLOPs", "prepared", "memory"]  # fmt: skip
        assert set(rule) == {"─"}
        speed = r"[\d.,]+ ms +[\d.,]+–[\d.,]+ ms +[\d.,]+ +[\d.]+ +[\d.]+ %"
        assert re.fullmatch(rf"One +{speed} +8\.21k +[\d.,]+ m?s +[\d.]+ [KM]iB", one)
        assert re.match(r"Two ", two)
        assert below[0] == (
            "run      reference backend, 1 thread, batch of 1, seed 0, batch norms folded"
        )
        assert re.match(r"machine  .*cores; at best [\d.,]+ GFLOP/s$", below[1])

    def test_json(self, run: Run) -> None:
        found = json.loads(run("bench", "two.yaml", *QUICK, "--batch", "3", "-f", "json").stdout)
        (two,) = found["networks"]
        assert (two["name"], two["file"], two["macs"]) == ("Two", "two.yaml", 3 * 49 * 4 * 9)
        median = two["run"]["latency_seconds"]["median"]
        assert two["run"]["images_per_second"] == pytest.approx(3 / median)
        assert two["run"]["flops_per_second"] == pytest.approx(two["flops"] / median)
        assert found["settings"]["batch"] == 3
        assert found["not_measured"] == []

    def test_csv_and_markdown(self, run: Run) -> None:
        shown = run("bench", "one.yaml", *QUICK, "--roofline", "-f", "csv").stdout
        (row,) = csv.DictReader(io.StringIO(shown))
        assert (row["name"], row["macs"], row["repeats"]) == ("One", "3888", "2")
        part = float(row["predicted_seconds"]) / float(row["median_seconds"])
        assert float(row["of_roof"]) == pytest.approx(part)
        shown = run("bench", "one.yaml", *QUICK, "--no-fold", "-f", "markdown").stdout
        assert re.search(r"^\| One \| [\d.]+ ms \| ", shown, re.MULTILINE)
        assert re.search(r"\n\n- \*\*run\*\*: .* batch norms as written\n", shown)

    @pytest.mark.parametrize("columns", [80, 40])
    def test_table_on_a_terminal(self, run: Run, terminal: Terminal, columns: int) -> None:
        terminal(columns)
        shown = without_colour(run("bench", "one.yaml", *QUICK, "--roofline").stdout)
        assert max(map(len, shown.splitlines())) <= columns
        assert shown.startswith("network")

    def test_a_file_says_by_its_name_what_it_holds(self, run: Run) -> None:
        for name, start in (("x.json", "{\n"), ("x.csv", "name,"), ("x.md", "| network"),
                            ("x.txt", "network ")):  # fmt: skip
            outcome = run(*ONE, "--output", name)
            assert (outcome.code, outcome.output) == (0, "")
            assert Path(name).read_text("utf-8").startswith(start)
        run(*ONE, "--output", "x.json", "--format", "csv")
        assert Path("x.json").read_text("utf-8").startswith("name,")

    def test_files_with_errors_do_not_keep_others_from_running(self, run: Run) -> None:
        files = ("one.yaml", "faulty.yaml", "missing.yaml")
        outcome = run("bench", *files, *QUICK, "-f", "json")
        assert outcome.code == 1
        assert "faulty.yaml:" in outcome.stderr
        assert "missing.yaml: error[file-unreadable]" in outcome.stderr
        found = json.loads(outcome.stdout)
        assert [network["name"] for network in found["networks"]] == ["One"]
        assert [one["file"] for one in found["not_measured"]] == ["faulty.yaml", "missing.yaml"]

    def test_nothing_but_errors(self, run: Run) -> None:
        outcome = run("bench", "faulty.yaml", *QUICK)
        assert (outcome.code, outcome.stdout) == (1, "")


class TestTurns:
    @pytest.fixture
    def together(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """How many networks were measured together, each time."""
        noted: list[int] = []

        def note(series: list[Series], warmups: int, wanted: int | None, tell: Advance) -> None:
            noted.append(len(series))
            for one in series:
                one.burst(lambda times, _: times, tell)

        monkeypatch.setattr(benching, "in_turns", note)
        return noted

    def test_all_that_fit_into_memory(
        self, run: Run, together: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (Path("two.yaml")).write_text(Path("one.yaml").read_text().replace("One", "Two"))
        (Path("three.yaml")).write_text(Path("one.yaml").read_text().replace("One", "Three"))
        files = ("one.yaml", "two.yaml", "three.yaml")
        found = json.loads(run("bench", *files, *QUICK, "-f", "json").stdout)
        assert together.pop() == 3
        (bytes, *_) = [network["run"]["memory_bytes"] for network in found["networks"]]
        monkeypatch.setattr(memory, "available", lambda: int(2.5 * bytes))
        found = json.loads(run("bench", *files, *QUICK, "-f", "json").stdout)
        assert together == [2, 1]
        assert [network["name"] for network in found["networks"]] == ["One", "Two", "Three"]

    def test_one_that_does_not_fit(
        self, run: Run, together: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path("big.yaml").write_text(written([8, 8, 3], {"dense": 10**6}, name="Big"))
        monkeypatch.setattr(memory, "available", lambda: 10**7)
        outcome = run("bench", "big.yaml", "one.yaml", *QUICK)
        assert outcome.code == 1
        assert re.match(r"cnncalc: running Big takes about 0\.7\d GiB", outcome.stderr)
        assert "\nOne " in outcome.stdout
        assert together == [1]

    @pytest.mark.slow
    def test_one_that_cannot_even_be_planned(self, run: Run, together: list[int]) -> None:
        """Tables of so many places would take more than the machine has."""
        Path("big.yaml").write_text(written([10**6, 10**6, 1], "relu", name="Big"))
        native = [*QUICK, "--backend", "native"]
        outcome = run("bench", "big.yaml", "one.yaml", *native)
        assert outcome.code == 1
        assert re.match(r"cnncalc: running Big takes about 3,725\.29 GiB", outcome.stderr)
        assert together == [1]


class TestBaseline:
    def compared(self, run: Run, base: dict[str, Any], *args: str) -> tuple[int, str, str]:
        Path("base.json").write_text(json.dumps(base))
        outcome = run(*ONE, "--baseline", "base.json", *args)
        return outcome.code, outcome.stdout, outcome.stderr

    def test_faster(self, run: Run, base: dict[str, Any]) -> None:
        code, shown, reported = self.compared(run, base)
        assert code == 0
        assert re.search(r"\nOne +[\d.]+ ms +1,000,000,000\.000 ms +0\.00  faster ", shown)
        assert reported == "cnncalc: slower than in base.json by more than 10.0 %: 0 of 1 network\n"

    def test_slower(self, run: Run, base: dict[str, Any]) -> None:
        base["networks"][0]["run"]["latency_seconds"]["median"] = 1e-9
        code, shown, reported = self.compared(run, base, "--tolerance", "50", "-f", "json")
        assert code == 1
        assert re.search(r"by more than 50\.0 %: 1 of 1 network: One \([\d,.]+\)\n$", reported)
        found = json.loads(shown)
        assert found["comparison"]["slower"] == ["One"]
        change = found["networks"][0]["change"]
        assert change["verdict"] == "slower"
        median = found["networks"][0]["run"]["latency_seconds"]["median"]
        assert change["ratio"] == pytest.approx(median / 1e-9)
        assert self.compared(run, base, "--tolerance", "1e15")[0] == 0

    def test_other_networks_are_said(self, run: Run, base: dict[str, Any]) -> None:
        base["networks"].append({**base["networks"][0], "name": "Gone", "flops": 1})
        Path("base.json").write_text(json.dumps(base))
        outcome = run("bench", "one.yaml", "two.yaml", *QUICK, "--baseline", "base.json")
        assert outcome.code == 0
        assert outcome.stderr.startswith(
            "cnncalc: not in base.json: Two\ncnncalc: only in base.json: Gone\n"
        )
        base["networks"].pop(0)
        code, _, reported = self.compared(run, base)
        assert code == 1, "nothing was compared"
        assert reported.endswith("cnncalc: none of the networks is in base.json\n")

    def test_other_settings_are_said(self, run: Run, base: dict[str, Any]) -> None:
        base["settings"].update(machine="elsewhere", threads=64)
        base["networks"][0]["flops"] += 1
        code, _, reported = self.compared(run, base)
        assert code == 0
        assert re.match(
            r"cnncalc: base\.json was measured under other conditions, so its times say little "
            r"here: "
            r"machine elsewhere then, .* now; threads 64 then, 1 now\n"
            r"cnncalc: not the same networks as in base\.json, by their FLOPs: One\n",
            reported,
        )

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "it is not JSON"),
            ("\udc80", "it is not JSON"),
            ("[" * 100_000, "it is not JSON"),
            ("3", "it has no `settings`"),
            ('{"settings": 3}', "`settings` is 3"),
            ('{"settings": {"machine": "x", "backend": "y", "threads": true}}', "`threads` is tru"),
            ('{"settings": {"machine": "x", "backend": "y", "threads": 0}}', "`threads` is 0"),
            ("{settings}", "it has no `networks`"),
            ('{settings, "networks": [[]]}', "it has no `run`"),
            *(
                (
                    '{settings, "networks": [{"name": "a", "flops": 1, "run": '
                    f'{{"latency_seconds": {{"median": {median}}}}}}}]}}',
                    f"`median` is {said}",
                )
                for median, said in [
                    ("NaN", "NaN"),
                    ("1e999", "Infinity"),
                    ("0", "0"),
                    ("true", "true"),
                    ("-1", "-1"),
                    ('"1"', '"1"'),
                    ("9" * 400, "9"),
                ]
            ),
        ],
    )
    def test_what_is_none(self, run: Run, text: str, message: str) -> None:
        settings = '"machine": "x", "backend": "y", "threads": 1, "batch": 1, "folded": true'
        text = text.replace("{settings", '{"settings": {' + settings + "}")
        Path("base.json").write_bytes(text.encode("utf-8", "surrogateescape"))
        outcome = run(*ONE, "--baseline", "base.json")
        start = f"cnncalc: base.json is not the output of `cnncalc bench --format json`: {message}"
        assert outcome.code == 2
        assert outcome.stdout == ""
        assert outcome.stderr.startswith(start)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
    def test_a_pipe_is_not_waited_for(self, run: Run) -> None:
        os.mkfifo("base.json")
        outcome = run(*ONE, "--baseline", "base.json")
        said = "cnncalc: base.json: this is not a regular file but a pipe or a device\n"
        assert (outcome.code, outcome.stdout, outcome.stderr) == (2, "", said)


class TestOneNetwork:
    """What `summary --run` prints and writes of a network, `bench` does of exactly one."""

    def test_plan(self, run: Run) -> None:
        summary = run("summary", "one.yaml", "--run", "--explain-plan", *QUICK).stdout
        found = run(*ONE, "--explain-plan").stdout
        assert found.partition("\nPlan\n")[2] == summary.partition("\nPlan\n")[2] != ""

    def test_plan_as_data(self, run: Run) -> None:
        (network,) = json.loads(run(*ONE, "--explain-plan", "-f", "json").stdout)["networks"]
        words = ("summary", "one.yaml", "--run", "--explain-plan", *QUICK, "-f", "json")
        assert network["run"]["plan"] == json.loads(run(*words).stdout)["run"]["plan"]

    def test_arrays(self, run: Run) -> None:
        np.save("in.npy", np.arange(8 * 8 * 3, dtype=np.float32).reshape(1, 8, 8, 3))
        files = ("--input-file", "in.npy", "--output-file")
        assert run(*ONE, *files, "a.npy").code == 0
        assert run("summary", "one.yaml", "--run", *QUICK, *files, "b.npy").code == 0
        np.testing.assert_array_equal(np.load("a.npy"), np.load("b.npy"))
        assert np.load("a.npy").shape == (1, 6, 6, 4)

    def test_picture(self, run: Run) -> None:
        assert run(*ONE, "--plot", "roof.svg").code == 0
        assert "<svg" in Path("roof.svg").read_text()

    @pytest.mark.parametrize(
        "option",
        ["--input-file=x.npy", "--output-file=x.npy", "--plot=x.svg", "--explain-plan", "--verify",
         "--trace=x.json"],
    )  # fmt: skip
    def test_of_several_none_is_meant(self, run: Run, option: str) -> None:
        outcome = run("bench", "one.yaml", "two.yaml", option)
        name = option.partition("=")[0]
        message = f"cnncalc: {name} takes exactly one network; 2 files are given\n"
        assert (outcome.code, outcome.stdout, outcome.stderr) == (2, "", message)

    def test_rows_have_no_room_for_a_plan(self, run: Run) -> None:
        outcome = run(*ONE, "--explain-plan", "-f", "csv")
        assert outcome.code == 2
        assert outcome.stderr.startswith("cnncalc: --explain-plan: CSV holds rows alone")


class TestRefusals:
    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (["--tolerance", "5"], "--tolerance needs --baseline"),
            (["--baseline", "x.json", "--tolerance", "inf"], "--tolerance inf: say a number"),
            (["--baseline", "x.json", "--tolerance", "nan"], "--tolerance"),
            (["--baseline", "x.json", "--tolerance", "-1"], "--tolerance"),
            (["--baseline", "x.json"], "x.json: No such file or directory"),
            (["--output", "no/x.json"], "--output no/x.json: there is no folder no"),
            (["--output", "one.yaml"], "--output one.yaml: this is one of the files given"),
            (["--repeat", "0"], "--repeat"),
        ],
    )
    def test_exit_code_2(self, run: Run, args: list[str], message: str) -> None:
        outcome = run("bench", "one.yaml", *args)
        assert (outcome.code, outcome.stdout) == (2, "")
        assert message in " ".join(outcome.stderr.split())

    def test_an_empty_folder(self, run: Run) -> None:
        Path("empty").mkdir()
        outcome = run("bench", "empty")
        assert (outcome.code, outcome.stderr) == (2, "cnncalc: no architecture files in empty\n")

    def test_what_to_install(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(packages, "RUN", ("numpy", "numpi"))
        outcome = run("bench", "one.yaml")
        message = "cnncalc: bench needs numpi: pip install numpi\n"
        assert (outcome.code, outcome.stderr) == (2, message)

    def test_an_internal_error_is_loud(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(backend.WORK, Elementwise, lambda job: job.x[..., :1])
        outcome = run("bench", "one.yaml", "two.yaml", *QUICK)
        assert (outcome.code, outcome.stdout) == (1, "")
        assert "internal error, please report it: relu1 came out as" in outcome.stderr

    def test_interrupting(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(benching, "in_turns", interrupted)
        outcome = run("bench", "one.yaml", *QUICK)
        assert (outcome.code, outcome.output) == (130, "cnncalc: interrupted\n")
