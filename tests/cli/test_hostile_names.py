"""One hostile text as every name there is, through every command, format and stream."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cnncalc.cli.app import COMMANDS
from tests.slowness import slow

from .conftest import Run, Terminal

HOSTILE = (
    "::error::x=cmd()\x1b[31m\x07\x7f\x9b1m\u202e\u2066\u200b\u2028\ufeff\r\n::error::y "
    "<script>x</script>|`~~`[a](//e)![b](//e)%0A$\\{}&lt;*b*,##[group]\"'"
)
"""Escapes of terminals, marks of direction, workflow commands, HTML, Markdown, formulas, LaTeX."""

NAME = "::error::x=cmd()<script>x</script>|`~~`[a](//e)![b](//e)%0A$\\{}&lt;*b*,##[group]\"'"
"""As much of it as a layer may be called."""

FILE = HOSTILE.replace("/", "∕")[:90] + ".yaml"

GOOD = {
    "name": HOSTILE,
    "description": HOSTILE,
    "source": HOSTILE,
    "family": HOSTILE,
    "vars": {"w": 2},
    "input": {f"{NAME}0": "8x8x3"},
    "layers": [
        {"conv": {"filters": "$w", "kernel": 3}, "name": f"{NAME}1"},
        {"conv": {"filters": 4, "kernel": 3}, "name": f"{NAME}2"},
        {"dense": 3, "name": "=cmd()|'calc'!A1"},
    ],
}

BAD = {
    "name": HOSTILE,
    "vars": {HOSTILE: 1, "w": HOSTILE},
    "input": {HOSTILE: "8x8x3"},
    "blocks": {HOSTILE: {"layers": []}},
    "layers": [
        {"name": HOSTILE, HOSTILE: 3},
        {"conv": {HOSTILE: HOSTILE}},
        {"conv": {"filters": 4, "kernel": HOSTILE}, "from": HOSTILE},
        {"conv": f"${HOSTILE}"},
        {"conv": {"filters": 4, "kernel": 3, "stride": 2}, "name": f"{NAME}3"},
    ],
    "expect": {HOSTILE: 2, "layers": {HOSTILE: {"params": HOSTILE}}},
    "outputs": [HOSTILE],
    HOSTILE: HOSTILE,
}

OTHER = "other.yaml"
"""The good network with one option changed."""

RECORDS = ("table", "json", "jsonl", "csv", "markdown")

CALLS: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "summary": [
        ((FILE,), RECORDS),
        (("bad.yaml",), RECORDS),
        ((FILE, "--columns", HOSTILE), ("table",)),
        ((FILE, "--input", HOSTILE), ("table",)),
        ((FILE, "--input", f"{HOSTILE}=8x8x3"), ("table",)),
        ((FILE, "--set", f"{HOSTILE}={HOSTILE}"), ("table",)),
        ((FILE, "--set", f"w={HOSTILE}"), ("table",)),
        ((FILE, "--rounding", HOSTILE), ("table",)),
        ((FILE, "--dtype", HOSTILE), ("table",)),
        ((FILE, f"--{HOSTILE}"), ("table",)),
        ((FILE, HOSTILE), ("table",)),
        ((FILE,), (HOSTILE,)),
        ((HOSTILE,), ("table",)),
    ],
    "check": [
        ((FILE, "bad.yaml"), ("text", "json", "github", "sarif", "junit")),
        ((HOSTILE, "--output", f"{HOSTILE}/x"), ("text", "json", "github", "sarif", "junit")),
        ((FILE, "--select", HOSTILE), ("text",)),
        ((f"{HOSTILE}*",), ("text",)),
        ((FILE, "bad.yaml", "--update"), ("text",)),
    ],
    "explain": [
        ((FILE, f"{NAME}1"), ("text", "json", "jsonl", "csv", "markdown")),
        ((FILE, f"{NAME}1", "--latex"), ("text",)),
        ((FILE, HOSTILE), ("text",)),
        (("bad.yaml", f"{NAME}3"), ("text", "json")),
        ((HOSTILE,), ("text",)),
    ],
    "whatif": [
        ((FILE, "w=3"), RECORDS),
        ((FILE, "w=3,4"), RECORDS),
        ((FILE, f"w={HOSTILE}"), RECORDS),
        ((FILE, f"{HOSTILE}=3"), ("table",)),
        ((FILE, "w=3", "--write", f"{HOSTILE}/x"), ("table",)),
    ],
    "diff": [
        ((FILE, OTHER, "--all"), RECORDS),
        ((FILE, "bad.yaml"), RECORDS),
        ((FILE, OTHER, "--git", HOSTILE), ("table",)),
    ],
    "fit": [
        ((FILE,), RECORDS),
        (("bad.yaml",), RECORDS),
        ((FILE, "--input", f"{NAME}0=9x9x3"), ("table",)),
    ],
    "sweep": [
        ((FILE, "--vary", "w=2,3"), RECORDS),
        ((FILE, "--vary", f"w={HOSTILE},3"), RECORDS),
        ((FILE, "--vary", f"{HOSTILE}=2,3"), ("table",)),
        ((FILE, "--vary", "w=2,3", "--where", HOSTILE), ("table",)),
        ((FILE, "--vary", "w=2,3", "--sort", HOSTILE), ("table",)),
        ((FILE, "--vary", "w=2,3", "--resume", f"{HOSTILE}/x.csv"), ("csv",)),
    ],
    "solve": [
        ((FILE, "--for", "w", "--where", "params <= 2000"), RECORDS),
        ((FILE, "--for", HOSTILE, "--where", "params <= 2000"), ("table",)),
        ((FILE, "--for", "w", "--where", HOSTILE), ("table",)),
    ],
    "fmt": [((FILE, "bad.yaml", HOSTILE, "--check"), ()), ((FILE, "bad.yaml", "--diff"), ())],
    "zoo": [((HOSTILE,), ()), (("--family", HOSTILE), ())],
    "layers": [((HOSTILE,), ())],
    "bench": [((HOSTILE,), RECORDS), (("bad.yaml",), RECORDS)],
    "schema": [((HOSTILE,), ())],
    "conv": [((HOSTILE, "--filters", "4", "--kernel", HOSTILE), RECORDS[1:])],
    "pool": [((HOSTILE, "--kernel", HOSTILE), RECORDS[1:])],
    "conv_transpose": [((HOSTILE, "--filters", HOSTILE, "--kernel", "3"), RECORDS[1:])],
    "dense": [((HOSTILE, "--units", HOSTILE), RECORDS[1:])],
}
"""Arguments and formats of every command."""

OWN_COMMAND = re.compile(r"::(?:error|warning) file=[^\n]*?,title=cnncalc%3A [a-z-]+::")


OWN_SEQUENCE = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[hl]|\r\x1b\[2K|\x1b\[1A\x1b\[2K|\r(?=\x1b)")
"""Colours, and how a bar is drawn."""


def flat() -> Iterator[tuple[str, ...]]:
    for command, calls in CALLS.items():
        for args, formats in calls:
            yield from ((command, *args, "--format", format) for format in formats)
            if not formats:
                yield (command, *args)


FLAT = list(flat())


@pytest.fixture
def files(folder: Path) -> Path:
    (folder / FILE).write_text(json.dumps(GOOD), "utf-8")
    (folder / "bad.yaml").write_text(json.dumps(BAD), "utf-8")
    (folder / OTHER).write_text(json.dumps(GOOD).replace('"kernel": 3', '"kernel": 5'), "utf-8")
    return folder


def test_every_command_is_called() -> None:
    assert set(CALLS) == set(COMMANDS)


def unsafe(text: str, format: str) -> list[str]:
    """Lines that do something on a terminal, or in the log of a workflow."""
    lines = text.split("\n")
    found = [line for line in lines if not line.isprintable()]
    begun = [line for line in lines if line.lstrip().startswith("::")]
    found += [line for line in begun if format != "github" or not OWN_COMMAND.match(line)]
    return found + [
        line for line in lines if "##[" in line and format in ("table", "text", "markdown")
    ]


@pytest.mark.parametrize("text", [HOSTILE, "\x9b", "a\u202e", " ::error::x", "a ##[group]"])
def test_that_the_next_one_can_fail(text: str) -> None:
    assert unsafe(text, "table")


def every(number: int, calls: Sequence[tuple[str, ...]]) -> list[Any]:
    """Every so many of calls; those between are slow."""
    return [call if n % number == 0 else slow(call)[0] for n, call in enumerate(calls)]


@pytest.mark.parametrize("call", every(4, FLAT), ids=range(len(FLAT)))
def test_nothing_hostile_comes_out(run: Run, files: Path, call: tuple[str, ...]) -> None:
    outcome = run(*call)
    format = call[-1] if call[-2] == "--format" else "table"
    assert unsafe(outcome.stdout, format) == []
    assert unsafe(outcome.stderr, "table") == []
    if not outcome.stdout:
        assert outcome.stderr
        return
    match format:
        case "json" | "sarif":
            json.loads(outcome.stdout)
        case "jsonl":
            assert all(isinstance(json.loads(line), dict) for line in outcome.stdout.splitlines())
        case "csv":
            header, *rows = csv.reader(io.StringIO(outcome.stdout), strict=True)
            assert all(len(row) == len(header) for row in rows)
            cells = [cell for row in (header, *rows) for cell in row]
            assert not [cell for cell in cells if re.match(r"[=@\t\r]|[+-]\D", cell)]
        case "junit":
            ElementTree.fromstring(outcome.stdout)
        case "markdown":
            assert_harmless(outcome.stdout)


def assert_harmless(page: str) -> None:
    """No tag, link or picture that a reader of Markdown would find."""
    outside = re.sub(r"`[^`\n]*`", "", page)
    tags = set(re.findall(r"</?[a-zA-Z]+", outside))
    assert tags <= {"<details", "</details", "<summary", "</summary", "<code", "</code"}
    assert "](" not in outside
    assert "![" not in outside


@pytest.mark.parametrize("call", every(4, FLAT[::3]), ids=range(0, len(FLAT), 3))
def test_a_terminal_gets_colours_and_nothing_else(
    run: Run, files: Path, terminal: Terminal, call: tuple[str, ...]
) -> None:
    terminal(100)
    printed = run(*call).output
    assert "\x1b[31m" not in printed, "the hostile text's own"
    shown = OWN_SEQUENCE.sub("", printed)
    assert [line for line in shown.split("\n") if not line.isprintable()] == []


class TestExactNames:
    """Machines get the very name, by the escapes of their formats."""

    def test_json(self, run: Run, files: Path) -> None:
        data = json.loads(run("summary", FILE, "--format", "json").stdout)
        assert data["name"] == data["description"] == data["source"] == HOSTILE
        assert data["layers"][0]["name"] == f"{NAME}1"

    def test_json_names_the_file(self, run: Run, files: Path) -> None:
        data = json.loads(run("check", FILE, "bad.yaml", "--format", "json").stdout)
        assert [one["file"] for one in data["files"]] == [FILE, "bad.yaml"]

    def test_csv(self, run: Run, files: Path) -> None:
        """The apostrophe is what docs/language.md says."""
        rows = csv.DictReader(io.StringIO(run("summary", FILE, "--format", "csv").stdout))
        assert [row["name"] for row in rows] == [f"'{NAME}1", f"'{NAME}2", "'=cmd()|'calc'!A1"]

    def test_markdown(self, run: Run, files: Path) -> None:
        page = run("diff", FILE, OTHER, "--all", "--format", "markdown").stdout
        shown = f"\\x3a{NAME[1:]}1".replace("##[", "\\x23#[")
        assert shown in html.unescape(page.replace("<code>", ""))


@pytest.mark.skipif(os.name != "posix", reason="names are bytes")
@pytest.mark.parametrize("format", ["text", "json", "github", "sarif", "junit"])
def test_a_file_name_that_is_no_text(run: Run, folder: Path, format: str) -> None:
    name = os.fsdecode(b"\xff\xfe.yaml")
    outcome = run("check", name, "--format", format)
    assert outcome.code == 1
    assert unsafe(outcome.stdout, format) == []
    if format == "json":
        assert json.loads(outcome.stdout)["files"][0]["file"] == name
    elif format != "sarif":
        assert "\\udcff\\udcfe.yaml" in outcome.stdout


@pytest.mark.parametrize("format", RECORDS)
def test_a_branch_of_git(run: Run, files: Path, format: str) -> None:
    """As hostile as names of branches may be, whose colons and blanks git refuses."""
    name = "##group]\u202e\u200b<script>x</script>|`b`=$%0A&lt;!](e)"
    author = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for args in (("init", "-q"), ("add", OTHER), (*author, "commit", "-qm", "x"), ("branch", name)):
        subprocess.run(["git", *args], check=True, capture_output=True)
    (files / OTHER).write_text((files / FILE).read_text("utf-8"), "utf-8")
    outcome = run("diff", "--git", name, OTHER, "--all", "--format", format)
    assert outcome.code in (0, 1)
    assert "script" in outcome.stdout or format in ("csv", "json", "jsonl")
    assert unsafe(outcome.stdout, format) == []
    assert unsafe(outcome.stderr, "table") == []
    if format == "markdown":
        assert_harmless(outcome.stdout)
