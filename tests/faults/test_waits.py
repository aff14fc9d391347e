"""Waits that have to end: workers die in the midst of a result, and Ctrl-C comes at any time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.interruptible import started

LONGEST = 120
"""Seconds after which something waits for ever, be the machine as busy as it may."""

ROOT = Path(__file__).parents[2]

DRIVER = """
import json, sys
from concurrent.futures.process import BrokenProcessPool
from cnncalc.workers.pool import worker_pool
from tests.faults.torn import square, torn

how, holding, said = sys.argv[1], sys.argv[2] == "holding", []
try:
    with worker_pool(2) as workers:
        future = workers.submit(torn, holding=holding)
        others = [workers.submit(len, b"x" * 10**6) for _ in range(8)]
        if how == "interrupted":
            while not any(process.exitcode for process in workers._processes()):
                pass
            raise KeyboardInterrupt
        try:
            workers.result(future)
        except BrokenProcessPool:
            said.append("broken")
        workers.renew()
        said.append(workers.result(workers.submit(square, 4)))
except KeyboardInterrupt:
    said.append("interrupted")
print(json.dumps(said))
"""


@pytest.mark.parametrize("holding", ["holding", "free"])
@pytest.mark.parametrize("how", ["waited", "interrupted"])
@pytest.mark.slow
def test_a_worker_dies_while_it_writes(how: str, holding: str) -> None:
    """In an interpreter of its own: were this wrong, it would never end."""
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, how, holding],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=True,
    )
    assert json.loads(done.stdout) == (["broken", 16] if how == "waited" else ["interrupted"])
    assert done.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize("command", ["sweep", "check"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_ctrl_c_and_killed_workers(command: str, number: signal.Signals, tmp_path: Path) -> None:
    """At moments one after the other: Ctrl-C for all processes, or SIGKILL for one that works."""
    points, moments = (20_000, 30) if number == signal.SIGINT else (2_000, 10)
    text = "input: 32x32x3\nvars: {width: 1}\nlayers:\n  - {conv: {filters: $width, kernel: 3}}\n"
    (tmp_path / "net.yaml").write_text(text)
    (tmp_path / "nets").mkdir()
    for index in range(points // 8):
        (tmp_path / "nets" / f"{index}.yaml").write_text(text)
    args = {
        "sweep": ["sweep", "net.yaml", "--vary", f"width=1..{points}", "--resume", "out.csv"],
        "check": ["check", "nets", "--output", "out.txt"],
    }[command]
    for moment in range(moments):
        with started([*args, "--jobs", "2"], tmp_path) as process:
            workers = workers_of(process)
            time.sleep(moment * 0.01)
            if number == signal.SIGINT:
                os.killpg(process.pid, number)
            else:
                for worker in workers[:1]:
                    os.kill(worker, number)
            _, told = process.communicate(timeout=LONGEST)
            assert "Traceback" not in told
            if number == signal.SIGKILL:
                assert process.returncode == 0, told
        if command == "sweep" and (file := tmp_path / "out.csv").exists():
            rows = file.read_text().splitlines()[1:]
            if number == signal.SIGKILL:
                assert [row.split(",")[1] for row in rows] == [str(n) for n in range(1, points + 1)]
            assert len({row.split(",")[1] for row in rows}) == len(rows)
            file.unlink()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes that a command has started, once there are some, or it is done."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until = time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < until:
        found = [int(child) for child in children.read_text().split()]
        if found:
            return found
        time.sleep(0.005)
    return []
