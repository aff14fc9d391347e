"""What is said of a run's worth, in words and as data; outputs verified, threads traced."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cnncalc.execution import running
from cnncalc.report.timing import Effort
from tests.cli.conftest import Run
from tests.networks import written

NET = written(
    [8, 8, 3], {"name": "c", "conv": {"filters": 4, "kernel": 3}}, {"name": "d", "dense": 2}
)
QUICK = ("--repeat", "6", "--threads", "1")


@pytest.fixture(autouse=True)
def net(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNCALC_CACHE", str(folder / "cache"))
    (folder / "net.yaml").write_text(NET)
    (folder / "other.yaml").write_text(NET)


def effort(monkeypatch: pytest.MonkeyPatch, on_core: float, preemptions: int | None) -> None:
    """As if all runs together had taken two seconds."""
    rate = None if preemptions is None else preemptions / 2
    found = Effort(0.0015, on_core, preemptions, rate)
    monkeypatch.setattr(running, "_effort", lambda _: found)


def lines(shown: str) -> dict[str, str]:
    """The totals by their labels."""
    return dict(re.findall(r"(?m)^(\w[\w ]*?) {2,}(.+)$", shown))


def test_a_quiet_machine(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    effort(monkeypatch, 0.99, 3)
    told = lines(run("summary", "net.yaml", "--run", *QUICK).stdout)
    assert re.fullmatch(r"between [\d.]+ ms and [\d.]+ ms with 96\.9 %", told["median"])
    assert re.fullmatch(r"[\d.]+ ms, before caches were warm", told["first run"])
    words = "1.500 ms of all threads for a run; threads had to leave their cores 3 times"
    assert told["processor"] == words
    assert "busy" not in told


@pytest.mark.parametrize(("on_core", "preemptions"), [(0.9, 0), (1.0, 101)])
def test_a_busy_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, on_core: float, preemptions: int
) -> None:
    effort(monkeypatch, on_core, preemptions)
    outcome = run("summary", "net.yaml", "--run", *QUICK)
    share = {0.9: "10.0 %", 1.0: "0.0 %"}[on_core]
    said = f"others had the core for {share} of the time: these times say more of them"
    assert (lines(outcome.stdout)["busy"], outcome.code) == (said, 0)
    bench = run("bench", "net.yaml", *QUICK).stdout
    assert "\nbusy     others had the cores often during " in bench


def test_as_data(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    effort(monkeypatch, 0.9, None)
    args = ("net.yaml", *QUICK, "--verify", "--algorithms", "direct", "--format", "json")
    summary = json.loads(run("summary", "--run", *args).stdout)["run"]
    bench = json.loads(run("bench", *args).stdout)
    for told in (summary, bench["networks"][0]["run"]):
        assert told["algorithms"] == "direct"
        assert told["effort"] == {
            "processor_seconds": 0.0015, "on_core": 0.9, "preemptions": None, "disturbed": True,
        }  # fmt: skip
        interval = told["median_interval"]
        assert interval["confidence"] == pytest.approx(1 - 2 / 64)
        assert interval["low"] <= told["latency_seconds"]["median"] <= interval["high"]
        assert told["first_seconds"] > 0
        assert told["memory_peak_bytes"] is None or told["memory_peak_bytes"] > 0
        (verified,) = told["verified"]
        assert verified["output"] == "d"
        assert 0 <= verified["error"] < 1e-5 * verified["largest"]
    assert bench["settings"]["algorithms"] == "direct"


def test_verified_in_words(run: Run) -> None:
    words = r"d: off by \d\.\de[-+]\d\d at most, \d\.\de[-+]\d\d of the largest number"
    for command in (("summary", "--run"), ("bench",)):
        told = lines(run(*command, "net.yaml", *QUICK, "--verify").stdout)
        assert re.fullmatch(words, told["verified"])


def test_a_baseline_of_other_algorithms_says_so(run: Run, folder: Path) -> None:
    run("bench", "net.yaml", *QUICK, "--output", "before.json")
    args = ("bench", "net.yaml", *QUICK, "--baseline", "before.json", "--tolerance", "1e9")
    assert "algorithms fastest then, direct now" in run(*args, "--algorithms", "direct").stderr
    assert "other conditions" not in run(*args).stderr
    earlier = json.loads((folder / "before.json").read_text())
    del earlier["settings"]["algorithms"]  # as it was written before there was a choice
    (folder / "before.json").write_text(json.dumps(earlier))
    assert "other conditions" not in run(*args).stderr


@pytest.mark.parametrize("command", [("summary", "--run"), ("bench",)])
def test_a_trace_is_a_file(run: Run, folder: Path, command: tuple[str, ...]) -> None:
    assert run(*command, "net.yaml", *QUICK, "--trace", "t.json").code == 0
    events = json.loads((folder / "t.json").read_text())["traceEvents"]
    assert {"c", "d"} <= {event["name"] for event in events}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("summary", "net.yaml", "--verify"), "--verify needs --run"),
        (("summary", "net.yaml", "--trace", "t.json"), "--trace needs --run"),
        (("summary", "net.yaml", "--algorithms", "direct"), "--algorithms needs --run"),
        (("bench", "net.yaml", "other.yaml", "--verify"), "--verify takes exactly one network"),
        (("bench", "net.yaml", "other.yaml", "--trace", "t"), "--trace takes exactly one network"),
        (("summary", "net.yaml", "--run", "--trace", "no/t.json"), "there is no folder no"),
        (("summary", "net.yaml", "--run", "--trace", "-"), "- is not a file to write to"),
    ],
)
def test_misuse(run: Run, args: tuple[str, ...], message: str) -> None:
    outcome = run(*args)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert message in outcome.stderr
