"""Outputs are the same to the byte where seed, threads and choices are, from caches that were
empty otherwise or hold other times of tiles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = """\
input: [16, 16, 16]
layers:
- conv: {filters: 32, kernel: 3, padding: 1}
- relu
- conv: {filters: 32, kernel: 5, padding: 2}
- conv: {filters: 64, kernel: 1}
- dense: 10
"""


def output(folder: Path, cache: Path, threads: int) -> bytes:
    command = [sys.executable, "-m", "cnncalc", "summary", "x.yaml", "--run", "--repeat", "1"]
    subprocess.run(
        [*command, "--threads", str(threads), "--output-file", "y.npy"],
        cwd=folder,
        env={**os.environ, "CNNCALC_CACHE": str(cache)},
        check=True,
        capture_output=True,
        timeout=300,
    )
    return (folder / "y.npy").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
def test_other_caches_with_the_same_choices(tmp_path: Path, threads: int) -> None:
    (tmp_path / "x.yaml").write_text(TEXT)
    first = tmp_path / "first"
    expected = output(tmp_path, first, threads)
    assert output(tmp_path, first, threads) == expected
    choices = (first / "choices.json").read_bytes()
    times = json.loads((first / "tiles.json").read_bytes())
    for number in range(4):
        cache = tmp_path / f"cold{number}"
        cache.mkdir(0o700)
        (cache / "choices.json").write_bytes(choices)
        if number % 2:  # others than were measured, so that tiles are cut otherwise
            turned = {key: found[number:] + found[:number] for key, found in times.items()}
            (cache / "tiles.json").write_text(json.dumps(turned))
        for path in cache.iterdir():
            path.chmod(0o600)
        assert output(tmp_path, cache, threads) == expected
        assert (cache / "choices.json").read_bytes() == choices
