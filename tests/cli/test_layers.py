"""`cnncalc layers`: the list, one page, Markdown, misuse."""

from __future__ import annotations

import pytest

from cnncalc.layers import manual, registry
from tests.cli.conftest import Run, Terminal, without_colour
from tests.conftest import Golden


def test_page(run: Run, golden: Golden) -> None:
    golden("layers-conv.txt", run("layers", "conv").stdout)


@pytest.mark.parametrize("columns", [80, 40])
def test_page_on_a_terminal(run: Run, golden: Golden, terminal: Terminal, columns: int) -> None:
    terminal(columns)
    shown = without_colour(run("layers", "conv").stdout)
    golden(f"layers-conv-{columns}.txt", shown)
    assert max(map(len, shown.splitlines())) <= columns


def test_page_without_options(run: Run, golden: Golden) -> None:
    golden("layers-relu.txt", run("layers", "relu").stdout)


def test_page_in_markdown(run: Run, golden: Golden) -> None:
    golden("layers-max_pool.md", run("layers", "max_pool", "--format", "markdown").stdout)


def test_list_names_every_kind_and_its_options(run: Run) -> None:
    lines = run("layers").stdout.splitlines()
    for kind, layer in registry.KINDS.items():
        row = next(line for line in lines if line.startswith(f"{kind} "))
        assert set(layer.options) <= set(row.split())


def test_list_on_a_terminal(run: Run, terminal: Terminal) -> None:
    terminal(80)
    lines = without_colour(run("layers").stdout).splitlines()
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", ["Conv2d", "conv2D", "CONV_2D", "Convolution2D", "conv"])
def test_a_kind_by_any_name(run: Run, name: str) -> None:
    assert run("layers", name).stdout == run("layers", "conv").stdout


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_page(run: Run, kind: str) -> None:
    shown = run("layers", kind).stdout
    for option in manual.page(kind).options:
        assert option.description
        assert option.description in shown


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["cnv"], "there is no kind `cnv`; did you mean `conv`?"),
        (["zzz"], "there is no kind `zzz`; `cnncalc layers` lists them"),
        (["conv", "--format", "json"], "json"),
    ],
)
def test_misuse(run: Run, args: list[str], message: str) -> None:
    outcome = run("layers", *args)
    assert outcome.code == 2
    assert message in outcome.stderr
    assert outcome.stdout == ""
