"""Completion, driven as the shells drive it: by environment variables, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cnncalc import bundled
from cnncalc.cli import completion
from cnncalc.cli.app import COMMANDS, app
from cnncalc.diagnostics import CATALOGUE
from cnncalc.layers.registry import KINDS
from cnncalc.report.memory import BITS
from tests.forked import Forks
from tests.slowness import slow
from tests.together import together

OF_FILES = ("file", "files", "path", "paths", "a", "b")
"""What arguments are called that take architecture files."""


def asked(forks: Forks, folder: Path, **variables: str) -> tuple[int, str]:
    """What the command answers a shell that asks."""
    done = forks.run(folder, [], variables=variables)
    assert done.errors == ""
    return done.code, done.output


def bash(forks: Forks, folder: Path, line: str) -> list[str]:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    return asked(forks, folder, _CNNCALC_COMPLETE="complete_bash", **words)[1].split()


def zsh(forks: Forks, folder: Path, line: str) -> list[str]:
    _, script = asked(forks, folder, _CNNCALC_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=line)
    if script.strip() == "_files":
        return []
    assert script.startswith("_arguments '*: :((")
    # "word":"help", one to a line; a word may have no help.
    return [row.strip("()'\" ").split('"')[0] for row in script[18:].splitlines()]


def fish(forks: Forks, folder: Path, line: str) -> list[str]:
    answer = {"_CNNCALC_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": line}
    code, _ = asked(forks, folder, _TYPER_COMPLETE_FISH_ACTION="is-args", **answer)
    _, words = asked(forks, folder, _TYPER_COMPLETE_FISH_ACTION="get-args", **answer)
    assert (code == 0) == bool(words.strip())
    return [row.split("\t")[0] for row in words.splitlines() if row]


Shell = Callable[[Forks, Path, str], list[str]]


@pytest.mark.parametrize("shell", [bash, *slow(zsh, fish)])
class TestShells:
    def test_commands(self, shell: Shell, forks: Forks, tmp_path: Path) -> None:
        assert set(COMMANDS) <= set(shell(forks, tmp_path, "cnncalc "))

    def test_bundled_names(self, shell: Shell, forks: Forks, tmp_path: Path) -> None:
        (tmp_path / "resnet-mine.yaml").touch()
        named = [name for name in bundled.names() if name.startswith("resnet")]
        assert shell(forks, tmp_path, "cnncalc summary resnet") == [*named, "resnet-mine.yaml"]

    def test_paths_are_left_to_the_shell(self, shell: Shell, forks: Forks, tmp_path: Path) -> None:
        (tmp_path / "nets").mkdir()
        (tmp_path / "nets" / "alexnet.yaml").touch()
        assert shell(forks, tmp_path, "cnncalc check nets/al") == []


def test_bash_falls_back_to_files(forks: Forks) -> None:
    """Nothing proposed means a path: the script that bash is given says so."""
    _, script = asked(forks, Path.cwd(), _CNNCALC_COMPLETE="source_bash")
    assert "complete -o default -F _cnncalc_completion cnncalc" in script


def parameters(*names: str) -> list[tuple[str, Any, Any]]:
    commands: dict[str, Any] = vars(typer.main.get_command(app))["commands"]
    return [
        (name, command, parameter)
        for name, command in commands.items()
        for parameter in command.params
        if parameter.name in names
    ]


def proposed(command: Any, parameter: Any, incomplete: str) -> list[str]:
    context = command.make_context(command.name, [], resilient_parsing=True)
    return [item.value for item in parameter.shell_complete(context, incomplete)]


class TestParameters:
    @together(
        ("command", "parameter"),
        [(command, parameter) for _, command, parameter in parameters(*OF_FILES)],
    )
    def test_every_file(self, command: Any, parameter: Any) -> None:
        """A command that takes files proposes the bundled ones: `completion.files`."""
        assert "alexnet" in proposed(command, parameter, "alex")

    def test_every_dtype(self) -> None:
        for _, command, parameter in parameters("dtype"):
            assert proposed(command, parameter, "float") == [b for b in BITS if b[:5] == "float"]

    def test_every_choice_of_columns(self) -> None:
        for name, command, parameter in parameters("columns"):
            words = proposed(command, parameter, "params,")
            assert {"params,macs", "params,output", "params,all"} <= set(words), name
            assert "params,params" not in words

    def test_formats(self) -> None:
        for name, command, parameter in parameters("format"):
            assert {"json", "markdown"} & set(proposed(command, parameter, "")), name

    def test_kinds(self) -> None:
        ((_, command, parameter),) = parameters("kind")
        assert proposed(command, parameter, "") == list(KINDS)

    @pytest.mark.parametrize("option", ["select", "ignore"])
    def test_codes_that_may_be_left_out(self, option: str) -> None:
        [(_, command, parameter)] = [p for p in parameters(option) if p[0] == "check"]
        offered = proposed(command, parameter, "")
        assert {"expectation-failed", "unused-layer"} <= set(offered) < set(CATALOGUE)
        assert "stride-misfit" not in offered
        listed = proposed(command, parameter, "unused-layer,unused-l")
        assert listed == []
        assert proposed(command, parameter, "unused-layer,redundant") == [
            "unused-layer,redundant-bias"
        ]

    def test_codes(self) -> None:
        commands = {name: (command, p) for name, command, p in parameters("file")}
        assert set(proposed(*commands["explain"], "")) >= {*CATALOGUE, *bundled.names()}

    def test_zoo(self) -> None:
        commands = {name: (command, p) for name, command, p in parameters("name")}
        assert proposed(*commands["zoo"], "") == bundled.names()


class TestFiles:
    def test_what_is_here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        for name in ("alexnet.yaml", "alex.txt", ".alex.yaml"):
            (tmp_path / name).touch()
        (tmp_path / "alexes").mkdir()
        names = [name for name in bundled.names() if name.startswith("alex")]
        assert completion.files("alex") == [*names, "alexes/", "alexnet.yaml"]

    @pytest.mark.parametrize("word", ["./alex", "../", "~", "/", "alexnet.", "nothing-like-it"])
    def test_paths_are_the_shells(self, word: str) -> None:
        assert completion.files(word) == []

    def test_a_folder_that_is_gone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone(path: Path) -> None:
            raise FileNotFoundError(path)

        monkeypatch.setattr(Path, "iterdir", gone)
        assert completion.files("alexnet")[0] == "alexnet"
