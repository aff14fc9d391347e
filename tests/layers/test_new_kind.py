"""A class among the layers is a kind of the language: nothing else has to know it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]

AMONG_THE_LAYERS = """\
import json, sys
from cnncalc.layers import plain
from tests.layers.fade import Fade
plain.Fade = Fade
from typer.testing import CliRunner
from cnncalc.cli.app import app
for line in iter(sys.stdin.readline, ""):
    arguments, text = json.loads(line)
    done = CliRunner().invoke(app, arguments, input=text)
    assert done.exception is None or isinstance(done.exception, SystemExit), line
    print(json.dumps([done.exit_code, done.output]), flush=True)
"""
"""Commands of a cnncalc that has the kind: for a line of arguments and standard input, the exit
code and all that it prints."""

FILE = """\
input: 5x4x3
defaults: {fade: {rate: 0.25}}
layers:
  - fade: 2
  - ChannelFade2d: {mixing_width: 3, wrap: ~}
  - relu
"""


class Cnncalc(Protocol):
    def __call__(self, *arguments: str, text: str = FILE) -> tuple[int, str]: ...


@pytest.fixture(scope="module")
def cnncalc() -> Iterator[Cnncalc]:
    """A command of a cnncalc that has the kind: its exit code, and all it prints."""
    with subprocess.Popen(
        [sys.executable, "-c", AMONG_THE_LAYERS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        questions, answers = process.stdin, process.stdout

        def run(*arguments: str, text: str = FILE) -> tuple[int, str]:
            questions.write(json.dumps([arguments, text]) + "\n")
            questions.flush()
            code, told = json.loads(answers.readline())
            return code, told

        yield run


def rows(cnncalc: Cnncalc, *arguments: str) -> list[dict[str, object]]:
    code, told = cnncalc("summary", "-", "--format", "json", *arguments)
    assert code == 0, told
    found: list[dict[str, object]] = json.loads(told)["layers"]
    return found


def test_a_file_may_name_it(cnncalc: Cnncalc) -> None:
    first, second, _ = rows(cnncalc)
    assert (first["kind"], first["output_shape"], first["weights"], first["macs"]) == (
        "fade", [5, 4, 3], 6, 120,
    )  # fmt: skip
    assert (second["name"], second["weights"]) == ("fade2", 9)


def test_its_options_are_set_from_outside(cnncalc: Cnncalc) -> None:
    first, second, _ = rows(cnncalc, "--set", "fade1.mixing_width=5", "--set", "fade2.width=1")
    assert (first["weights"], second["weights"]) == (15, 3)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("fade", "3:3: error[missing-option]: fade1: fade needs `width`"),
        ("fade: 0", "3:3: error[bad-value]: fade1: `width` must be 1 or more, not 0"),
        ("fade: {width: 2, rate: ~}",
         "3:20: error[wrong-type]: fade1: `rate` takes a number, not `null`"),
        ("fade: {widht: 2}", "3:10: error[unknown-key]: fade has no option `widht`"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_told(cnncalc: Cnncalc, item: str, message: str) -> None:
    code, told = cnncalc("check", "-", text=f"input: 5x4x3\nlayers:\n- {item}\n")
    assert code == 1
    assert f"<stdin>:{message}\n" in told


def test_it_has_a_page_in_the_manual(cnncalc: Cnncalc) -> None:
    code, told = cnncalc("layers", "fade", "--format", "markdown")
    assert code == 0, told
    assert "Each channel mixed with those before it." in told
    for words in ("`width`", "`mixing_width`", "channels that are mixed", "ChannelFade", "C·width"):
        assert words in told


def test_editors_know_it(cnncalc: Cnncalc) -> None:
    code, told = cnncalc("schema")
    assert code == 0, told
    schema = json.loads(told)
    validator = Draft202012Validator({**schema["$defs"]["fade"], "$defs": schema["$defs"]})
    for value in (2, {"width": 2, "rate": 0.5}, {"mixing_width": 3, "wrap": None}):
        assert validator.is_valid(value)
    for wrong in (0, {"rate": 0.5}, {"width": 2, "rate": 1}, {"width": 2, "wrap": 1}, None):
        assert not validator.is_valid(wrong)


def test_what_execution_does_not_know_is_declared(cnncalc: Cnncalc) -> None:
    """Zeros of its volume take its place, and it is named."""
    arguments = ("--run", "--backend", "reference", "--repeat", "1", "--warmup", "0")
    code, told = cnncalc("summary", "-", *arguments)
    assert code == 0, told
    assert [line.split() for line in told.splitlines() if line.startswith("not executed")] == [
        ["not", "executed", "fade1,", "fade2"]
    ]
