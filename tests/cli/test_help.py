"""Help, version, and what every command has in common."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import typer.main

import cnncalc
from cnncalc.cli.app import app
from tests.cli.conftest import Run, without_colour
from tests.together import together

COMMANDS: dict[str, Any] = vars(typer.main.get_command(app))["commands"]


def options_of(command: str) -> list[str]:
    """The long options of a command."""
    parameters = COMMANDS[command].params
    return [name for option in parameters for name in option.opts if name.startswith("--")]


def shown(text: str) -> str:
    """A help page as running text."""
    return " ".join(without_colour(text).split())


def test_commands(run: Run) -> None:
    """Each with what it is, whole."""
    text = shown(run("--help").stdout)
    for name, command in COMMANDS.items():
        first_paragraph = " ".join(command.help.partition("\n\n")[0].split())
        assert f" {name} {first_paragraph}" in text


def example_of(command: str, text: str) -> str | None:
    """The call of this command that ends its description."""
    found = re.search(rf"Example: (cnncalc {command} .*)$", text)
    return found[1] if found else None


def test_an_example_can_be_missing() -> None:
    assert example_of("conv", "Example: cnncalc conv_transpose 8") is None
    assert example_of("conv", "Example: cnncalc conv 8") == "cnncalc conv 8"


@together("command", COMMANDS)
def test_the_example_is_one(command: str) -> None:
    """Its options are the command's own."""
    example = example_of(command, " ".join(COMMANDS[command].help.split()))
    assert example is not None
    used = re.findall(r"(?<= )--?[a-z][\w-]*", example.partition(" | ")[0].partition(" > ")[0])
    known = {name for parameter in COMMANDS[command].params for name in parameter.opts}
    assert set(used) <= known


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_terminal(run: Run, command: str) -> None:
    """Of 80 columns, which is what the runner has whatever it runs in."""
    lines = without_colour(run(command, "--help").stdout).splitlines()
    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", COMMANDS)
def test_help(run: Run, command: str, flag: str) -> None:
    outcome = run(command, flag)
    assert outcome.code == 0
    text = shown(outcome.stdout)
    assert " ".join(COMMANDS[command].help.split()) in text
    for option in options_of(command):
        assert option in text


@together("command", COMMANDS)
def test_every_option_has_help(command: str) -> None:
    assert COMMANDS[command].help
    for parameter in COMMANDS[command].params:
        assert parameter.help, parameter.name


def test_nothing_at_all_shows_the_help(run: Run) -> None:
    outcome = run()
    assert outcome.code == 2
    assert shown(outcome.output) == shown(run("--help").stdout)


def test_unknown_command(run: Run) -> None:
    outcome = run("sumary")
    assert outcome.code == 2
    assert "sumary" in outcome.stderr


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"cnncalc {cnncalc.__version__}\n"


def test_as_a_module() -> None:
    version = subprocess.run(
        [sys.executable, "-m", "cnncalc", "--version"], capture_output=True, check=True, text=True
    )
    assert version.stdout == f"cnncalc {cnncalc.__version__}\n"
