"""Help, version, and what every command has in common."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import typer.main

import cnncalc
from cnncalc.cli.app import GROUPS, app
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


def test_every_command_is_one_line_in_a_group(run: Run) -> None:
    """Of 80 columns."""
    lines = without_colour(run("--help").stdout).splitlines()
    for heading, names in GROUPS.items():
        start = lines.index(f"{heading}:")
        listed = [line.split(maxsplit=1) for line in lines[start + 1 : start + 1 + len(names)]]
        assert [name for name, _ in listed] == [*names]
        assert [what for _, what in listed] == [COMMANDS[name].short_help for name in names]
        assert not lines[start + 1 + len(names)]


@pytest.mark.parametrize("command", COMMANDS)
def test_options_are_in_groups_once_each(run: Run, command: str) -> None:
    """Those of no group come last, and --help is the last of them."""
    text = without_colour(run(command, "--help").stdout)
    pages = re.split(r"(?m)^(\S.*):\n", text)
    groups = dict(zip(pages[1::2], pages[2::2], strict=True))
    listed = {
        heading: re.findall(r"(?m)^  (?:-\w, )?(--[\w-]+)", body)
        for heading, body in groups.items()
    }
    found = [option for names in listed.values() for option in names]
    assert sorted(found) == sorted([*options_of(command), "--help"])
    for option in COMMANDS[command].params:
        if option.param_type_name == "option" and "Options" not in groups:
            group = option.rich_help_panel or "Other options"
            assert next(name for name in option.opts if name[:2] == "--") in listed[group]
    assert [*listed.values()][-1][-1] == "--help"


def test_summary_and_bench_group_what_is_for_measuring(run: Run) -> None:
    for command in ("summary", "bench"):
        text = without_colour(run(command, "--help").stdout)
        measuring = text.partition("\nMeasuring a run:\n")[2].partition("\n\n")[0]
        assert re.findall(r"(?m)^  (--[\w-]+)", measuring) == [
            "--warmup", "--seed", "--no-fold", "--input-file", "--output-file", "--roofline",
            "--plot", "--explain-plan", "--verify", "--trace",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("summary", "--input [NAME=]VOLUME"),
        ("whatif", "[OPTIONS] FILE KEY=VALUE..."),
        ("explain", "[OPTIONS] [FILE|CODE] [LAYER]"),
        ("diff", "[OPTIONS] A [B]"),
        ("conv", "[[0,1],[0,1]]"),
        ("check", "--format [text|json|github|sarif|junit]"),
    ],
)
def test_brackets_are_whole(run: Run, command: str, words: str) -> None:
    assert words in shown(run(command, "--help").stdout)


@pytest.mark.parametrize("command", ["", "summary"])
def test_colours(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """On terminals, and where they are forced; the words are the same without."""
    called = [command, "--help"] if command else ["--help"]
    plain = run(*called).stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    coloured = run(*called).stdout
    assert "\x1b[36m" in coloured
    assert without_colour(coloured) == without_colour(plain)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in plain + run(*called).stdout


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
