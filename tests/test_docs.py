"""The documentation is true: what it shows is run, what it lists is compared with the code.

In README.md and docs/*.md, a ```yaml block whose first line is a comment `# name.yaml` is a file;
every ```console block is typed into a shell beside those files, every ```pycon block into Python.
"""

from __future__ import annotations

import doctest
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main
from typer.testing import CliRunner

import cnncalc
from cnncalc import bundled, reach
from cnncalc.bench import columns as bench_columns
from cnncalc.checks import evaluate
from cnncalc.cli.app import app
from cnncalc.diagnostics import CATALOGUE, ON_REQUEST
from cnncalc.graph import build_state as growth
from cnncalc.graph import builder as build
from cnncalc.graph import overrides as settings
from cnncalc.language import expressions, templates
from cnncalc.language import inheritance as extending
from cnncalc.layers import registry
from cnncalc.render.report.columns import COLUMNS, ROOFLINE, TIMES
from cnncalc.yaml import reader, reading
from tests.together import together

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
LANGUAGE = ROOT / "docs" / "language.md"
CONVENTIONS = ROOT / "docs" / "conventions.md"
LAYERS = ROOT / "docs" / "layers.md"
QUESTIONS = ROOT / "docs" / "questions.md"
FORMATTING = ROOT / "docs" / "formatting.md"
DISAGREEMENTS = ROOT / "docs" / "disagreements.md"
RUNNING = ROOT / "docs" / "running.md"
ZOO = ROOT / "docs" / "zoo.md"
CI = ROOT / "docs" / "ci.md"
SUMMARY = ROOT / "docs" / "summary.md"
SETTING_UP = ROOT / "docs" / "setting-up.md"
PYTHON = ROOT / "docs" / "python.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = (
    *(README, SETTING_UP, LANGUAGE, CONVENTIONS, SUMMARY, QUESTIONS, FORMATTING),
    *(RUNNING, DISAGREEMENTS, CI, PYTHON, ARCHITECTURE),
)

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"# (\S+\.yaml)\n")


class Block(NamedTuple):
    """A fenced block: its language, its text, and where the text stands in the page."""

    language: str
    text: str
    start: int


def blocks(page: Path) -> list[Block]:
    found = _BLOCK.finditer(page.read_text("utf-8"))
    return [Block(match[1], match[2], match.start(2)) for match in found]


def of_language(language: str) -> list[tuple[str, str]]:
    """The blocks of all pages in one language, each with a name for the test."""
    return [
        (f"{page.name}-{number}", block.text)
        for page in PAGES
        for number, block in enumerate(blocks(page), 1)
        if block.language == language
    ]


def named(language: str) -> pytest.MarkDecorator:
    cases = of_language(language)
    assert cases, language
    return pytest.mark.parametrize("text", [text for _, text in cases], ids=[i for i, _ in cases])


class TestExamples:
    @named("yaml")
    def test_yaml(self, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An example is a whole file, and a good one; `wrong.yaml` is wrong on purpose."""
        monkeypatch.chdir(tmp_path)
        report = cnncalc.loads(text)
        if text.startswith("# wrong"):
            assert not report.ok
        else:
            assert [str(d) for d in report.diagnostics if d.is_error] == []
            assert report.complete

    @pytest.mark.usefixtures("kernels_are_compiled_once")
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
    def test_session(
        self, page: Path, tmp_path: Path, updating: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What stands below a command is what the command prints."""
        for variable in os.environ:
            monkeypatch.delenv(variable)
        # All pages have one: kernels take seconds to compile.
        monkeypatch.setenv("CNNCALC_CACHE", str(tmp_path.parent / "cache"))
        monkeypatch.chdir(tmp_path)
        text = page.read_text("utf-8")
        shown: list[tuple[int, str, str]] = []
        for block in blocks(page):
            if block.language == "yaml" and (name := _NAME.match(block.text)):
                (tmp_path / name[1]).write_text(block.text, "utf-8")
            elif block.language == "console":
                session = ""
                for command in commands(block.text):
                    done = typed(command, tmp_path)
                    assert blemish(command, done) is None, f"{command}: {blemish(command, done)}"
                    session += f"$ {command}\n{done.printed}"
                shown.append((block.start, block.text, session))
        if updating:
            for start, before, after in reversed(shown):
                text = text[:start] + after + text[start + len(before) :]
            page.write_text(text, "utf-8")
        for _, before, after in shown:
            assert (after if updating else before) == after

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
    def test_python(self, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "alexnet.yaml").write_bytes((ROOT / "architectures/alexnet.yaml").read_bytes())
        names: dict[str, object] = {}
        runner = doctest.DocTestRunner(verbose=False)
        for block in blocks(page):
            if block.language == "pycon":
                test = doctest.DocTestParser().get_doctest(
                    block.text, names, page.name, str(page), 0
                )
                runner.run(test, clear_globs=False)
                names = test.globs
        assert runner.failures == 0


def commands(session: str) -> Iterator[str]:
    """What a session types."""
    for line in session.splitlines():
        if line.startswith("$ "):
            yield line[2:]


_OWN = re.compile(
    r"""(?:printf '(?P<given>(?:[^'%\\]|\\n)*)' \| )?"""
    r"""cnncalc (?P<args>(?:[^|<>;&$`'"]|'[^']*'|"[^"$`]*")*?)"""
    r"""(?: < (?P<read>\S+))?(?P<joined> 2>&1)?(?: 2> (?P<errors>\S+))?(?: > (?P<output>\S+))?"""
    r"""(?: \| (?P<piped>.*))?"""
)
"""A command that is cnncalc and nothing else, but for what it reads and where its output goes."""


class Done(NamedTuple):
    """What a command printed, and how it ended: one that is piped elsewhere, how it did itself."""

    printed: str
    code: int


def typed(command: str, folder: Path) -> Done:
    """A command as a session types it. What needs no shell is run in this process, which takes a
    fifth of the time."""
    own = _OWN.fullmatch(command)
    if own is None:
        return shell(command, folder)
    given = own["given"] and own["given"].replace("\\n", "\n")
    if own["read"]:
        given = (folder / own["read"]).read_text("utf-8")
    done = CliRunner().invoke(app, shlex.split(own["args"]), input=given)
    assert done.exception is None or isinstance(done.exception, SystemExit), command
    printed, told = (done.output, "") if own["joined"] else (done.stdout, done.stderr)
    if own["errors"]:
        Path(os.devnull if own["errors"] == os.devnull else folder / own["errors"]).write_text(told)
        told = ""
    if own["output"]:
        (folder / own["output"]).write_text(printed, "utf-8")
        return Done(told, done.exit_code)
    if own["piped"]:
        piped = shell(own["piped"], folder, printed)
        return Done(told + piped.printed, done.exit_code or piped.code)
    return Done(told + printed if own["errors"] else done.output, done.exit_code)


def shell(command: str, folder: Path, stdin: str = "") -> Done:
    """A command, and what it prints on standard output and standard error."""
    scripts = Path(sys.executable).parent
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={
            "PATH": f"{scripts}{os.pathsep}{os.defpath}",
            # The package that is tested, whichever is installed.
            "PYTHONPATH": str(Path(cnncalc.__file__).parents[1]),
            "PYTHONUTF8": "1",
            "CNNCALC_CACHE": os.environ["CNNCALC_CACHE"],
        },
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return Done(done.stdout, done.returncode)


MEANT_TO_FAIL = {
    "diff alexnet.yaml small.yaml": (1, "<   classes: 1000"),
    "cnncalc fmt --check untidy.yaml": (1, "untidy.yaml would be formatted"),
    "cnncalc check small.yaml wrong.yaml --format github": (1, "::error file="),
    "cnncalc diff --git HEAD alexnet.yaml --format markdown 2> findings.txt": (1, "### AlexNet"),
    "cnncalc whatif resnet50 layer1.0.conv2.dilation=2 layer1.0.conv2.padding=2 --write new.yaml"
    " > table.txt": (2, "cnncalc: layer1.0.conv2.dilation cannot be written"),
}
"""Commands that a document shows failing without a finding below them: how they end, and what they
say."""

_NEVER = re.compile(
    r"no such file|not found$|Traceback|^Usage: |permission denied|is a directory|command line",
    re.IGNORECASE | re.MULTILINE,
)
"""What no document wants to show."""


def blemish(command: str, done: Done) -> str | None:
    """What is wrong with a command that a document shows; to fail is right where a finding of ours
    is the point."""
    if found := _NEVER.search(done.printed):
        return f"it says {found[0]!r}"
    if done.code == 0:
        return None
    if command in MEANT_TO_FAIL:
        code, saying = MEANT_TO_FAIL[command]
        if done.code == code and saying in done.printed:
            return None
        return f"it was meant to end with {code} and to say {saying!r}"
    reported = re.search(r"error\[[a-z-]+\]: ", done.printed)
    if not (done.code == 1 and "cnncalc " in command and reported):
        return f"it ends with {done.code}"
    return None


class TestBlemishes:
    """A session that freezes an error is not true only because it was typed so."""

    @pytest.mark.parametrize(
        "command",
        [
            "cat turn.yaml",
            "cnncalc solve turn.yaml --for groups --where 'macs <= 50M' --over 1..12 --smallest",
            "cnncalc summary turn.yaml | grep ^total",
            "cnncalc summary alexnet --set clases=1",
            "cnncalc summary alexnet --colums name",
            "cnncalc sumary alexnet",
            "cnncalc summary alexnet | grep ^nothing",
            "cnncalk summary alexnet",
            "cat .",
            "false",
        ],
    )
    def test_is_seen(self, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CNNCALC_CACHE", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        assert blemish(command, typed(command, tmp_path)) is not None

    @pytest.mark.parametrize(
        "command",
        [
            "cnncalc pool 7 --kernel 3 --stride 3",
            "cnncalc pool 7 --kernel 3 --stride 3 2>&1 | head -1",
            "cnncalc pool 6 --kernel 3 --stride 3",
            "echo all well",
        ],
    )
    def test_is_not_imagined(
        self, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CNNCALC_CACHE", str(tmp_path))
        assert blemish(command, typed(command, tmp_path)) is None

    def test_what_is_meant_to_fail_stands_somewhere(self) -> None:
        sessions = [text for _, text in of_language("console")]
        shown = {command for text in sessions for command in commands(text)}
        assert set(MEANT_TO_FAIL) <= shown


COMMANDS: list[tuple[str, list[Any]]] = [
    (name, command.params)
    for name, command in vars(typer.main.get_command(app))["commands"].items()
]
"""Every command with its parameters, whichever there are."""


def undocumented(command: str, parameters: list[Any], text: str) -> list[str]:
    """The command and those of its long options that a text does not mention as words."""
    options = [name for p in parameters for name in p.opts if name.startswith("--")]
    # `cnncalc conv` is not spoken of by `cnncalc conv_transpose`, nor --all by --all-the-more.
    missing = [name for name in options if not re.search(rf"{re.escape(name)}(?![\w-])", text)]
    reported = not command or re.search(rf"cnncalc {re.escape(command)}(?![\w-])", text)
    return [*([] if reported else [command]), *(f"{command} {name}".strip() for name in missing)]


class TestRecipes:
    """The `cnncalc` commands of workflows can be called so, and well networks pass."""

    COMMANDS = [
        line.removeprefix("- run: cnncalc ").split()
        for _, text in of_language("yml")
        for line in map(str.strip, text.splitlines())
        if line.startswith("- run: cnncalc ")
    ]

    @pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
    def test_command(
        self, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "nets").mkdir()
        (tmp_path / "nets" / "good.yaml").write_text("input: 4\nlayers: [{dense: 2}]\n")
        outcome = CliRunner().invoke(app, command)
        assert outcome.exit_code == 0, outcome.output

    def test_there_are_some(self) -> None:
        assert len(self.COMMANDS) == 2


class TestReadme:
    """Its table of what there is: every command can be typed beside the file that it shows."""

    ROWS = re.findall(r"^\| [^|]+ \| `([^`]+)` \| \[", README.read_text("utf-8"), re.MULTILINE)
    TIMED = ("--run", "bench")

    @pytest.mark.usefixtures("kernels_are_compiled_once")
    @pytest.mark.parametrize("command", [row for row in ROWS if row.startswith("cnncalc ")])
    def test_command(self, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CNNCALC_CACHE", str(tmp_path / "cache"))
        monkeypatch.chdir(tmp_path)
        (shown,) = (text for name, text in of_language("yaml") if name.startswith("README.md"))
        (tmp_path / "tiny.yaml").write_text(shown, "utf-8")
        args = shlex.split(command)[1:]
        once = ["--repeat", "1"] if set(args) & set(self.TIMED) else []
        outcome = CliRunner().invoke(app, args + once)
        assert outcome.exit_code == 0, outcome.output

    def test_python(self) -> None:
        (call,) = (row for row in self.ROWS if row.startswith("cnncalc."))
        assert eval(call, {"cnncalc": cnncalc}) == 62_378_344  # as CS231n counts AlexNet

    def test_every_command_has_a_row(self) -> None:
        typed = {row.split()[1] for row in self.ROWS if row.startswith("cnncalc ")}
        # They are to other kinds what `conv` is to convolutions.
        assert {name for name, _ in COMMANDS} - typed == {"pool", "conv_transpose", "dense"}

    def test_number_of_networks(self) -> None:
        (reported,) = re.findall(r"the (\d+) networks that", README.read_text("utf-8"))
        assert int(reported) == len(bundled.names())

    def test_length(self) -> None:
        """Whoever opens it reads it; the rest is in docs/."""
        assert len(README.read_text("utf-8").splitlines()) <= 250


class TestCompleteness:
    """All that there is stands somewhere, and what stands there is."""

    TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)

    @together(("command", "parameters"), COMMANDS)
    def test_command_and_its_options(self, command: str, parameters: list[Any]) -> None:
        assert undocumented(command, parameters, self.TEXT) == []

    def test_that_test_can_fail(self) -> None:
        name, parameters = next(c for c in COMMANDS if c[0] == "summary")
        found = undocumented(
            name, parameters, "cnncalc summary file --set x=1, `--input`, --batches"
        )
        assert "summary --batch" in found
        assert not {"summary", "summary --set", "summary --input"} & set(found)
        assert undocumented("sum", [], "cnncalc summary") == ["sum"]

    def test_options_of_all_commands(self) -> None:
        root = vars(typer.main.get_command(app))
        assert undocumented("", root["params"], self.TEXT) == []

    def test_functions(self) -> None:
        reported = set(re.findall(r"`cnncalc\.(\w+)\(", PYTHON.read_text("utf-8")))
        public = {name: getattr(cnncalc, name) for name in cnncalc.__all__}
        assert reported == {name for name, value in public.items() if inspect.isfunction(value)}

    def test_diagnostics(self) -> None:
        rows = r"^\| `([a-z-]+)` \| (error|warning|on request) \|"
        assert dict(re.findall(rows, self.TEXT, re.MULTILINE)) == {
            code: "on request" if code in ON_REQUEST else severity
            for code, (severity, _) in CATALOGUE.items()
        }

    def test_kinds(self) -> None:
        for kind in (*registry.KINDS, registry.SEQUENTIAL):
            assert f"`{kind}`" in LANGUAGE.read_text("utf-8"), kind

    def test_columns(self) -> None:
        for column in COLUMNS:
            assert f"`{column}`" in LANGUAGE.read_text("utf-8"), column
        for column in (*TIMES, *ROOFLINE):
            assert f"| `{column}` |" in RUNNING.read_text("utf-8"), column

    @pytest.mark.parametrize(
        ("heading", "path"),
        [
            ("key of the report", ()),
            ("key of a layer", ("layers", 0)),
            ("key of the totals", ("totals",)),
            ("key of a diagnostic", ("diagnostics", 0)),
        ],
    )
    def test_keys_of_the_report(self, heading: str, path: tuple[str | int, ...]) -> None:
        sample = ROOT / "tests" / "golden" / "sample.yaml"
        args = ["summary", str(sample), "--format", "json", "--depth", "1"]
        printed = json.loads(CliRunner().invoke(app, args).stdout)
        keys: set[str] = set()
        if path == ("layers", 0):
            keys = set().union(*printed["layers"])
        else:
            for step in path:
                printed = printed[step]
            keys = set(printed)
        assert keys == keys_below(f"| {heading} |", LANGUAGE)

    @pytest.mark.usefixtures("kernels_are_compiled_once")
    def test_keys_of_a_run(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CNNCALC_CACHE", str(tmp_path))
        args = ["-", "--repeat", "1", "--format", "json"]
        text = "name: N\ninput: 8x8x3\nlayers: [{conv: {filters: 4, kernel: 3}}]"

        def printed(*args: str) -> Any:
            return json.loads(CliRunner().invoke(app, args, input=text).stdout)

        report = printed("summary", "--run", "--roofline", "--explain-plan", *args)
        run, timing = report["run"], report["layers"][0]["timing"]
        assert set(run.pop("roofline")) == keys_below("| key of the run's `roofline` |", RUNNING)
        plan = run.pop("plan")
        assert set(plan) == keys_below("| key of the run's `plan` |", RUNNING)
        assert set(plan["steps"][0]) == keys_below("| key of a step |", RUNNING)
        of_layer = keys_below("| key of a layer's `roofline` |", RUNNING)
        assert set(timing.pop("roofline")) == of_layer
        assert set(run) == keys_below("| key of `run` |", RUNNING)
        assert set(timing) == keys_below("| key of `timing` |", RUNNING)
        baseline = tmp_path / "b.json"
        baseline.write_text(json.dumps(printed("bench", *args)))
        bench = printed("bench", *args, "--baseline", str(baseline))
        assert set(bench) == keys_below("| key of a bench |", RUNNING)
        assert set(bench["networks"][0]) == keys_below("| key of a network |", RUNNING)
        for field in bench_columns.for_machines(roofline=True, baseline=True):
            assert f"`{field.key}`" in RUNNING.read_text("utf-8"), field.key

    def test_limits(self) -> None:
        section = LANGUAGE.read_text("utf-8").partition("\n## Limits\n")[2]
        listed = dict(re.findall(r"^\| (.*?) \| ([\d,]+)", section, re.MULTILINE))
        assert {what: int(bound.replace(",", "")) for what, bound in listed.items()} == {
            "a file": reading.LARGEST_FILE // 2**20,
            "levels of nesting in YAML": reader.DEEPEST,
            "values in a file": reader.MOST_NODES,
            "nodes that all aliases of a file stand for": reader.LARGEST_ALIAS_EXPANSION,
            "layers after expansion": settings.MAX_LAYERS,
            "levels of blocks, groups and branches": build.DEEPEST,
            "files that extend one another": extending.LONGEST_CHAIN,
            "an expression": expressions.LONGEST_EXPRESSION,
            "a text that expressions are filled into": templates.LONGEST_TEXT,
            "findings in a network": growth.MOST_FAULTS,
            "findings of one code in a file": evaluate.MOST_OF_A_CODE,
        }
        assert f"more than {reach.LONGEST_PERIOD} positions" in CONVENTIONS.read_text("utf-8")

    def test_links(self) -> None:
        for page in (*PAGES, LAYERS, ZOO, ROOT / "CHANGELOG.md"):
            text = page.read_text("utf-8")
            for target in re.findall(r"\]\(([^)\s]+)\)", text):
                if target.startswith("http"):
                    continue
                path, _, anchor = target.partition("#")
                other = page.parent / path if path else page
                assert other.is_file(), target
                if anchor:
                    headings = re.findall(r"^#+ (.*)$", other.read_text("utf-8"), re.MULTILINE)
                    assert anchor in {anchor_of(heading) for heading in headings}, target

    def test_layers(self) -> None:
        """docs/layers.md is what `cnncalc layers --format markdown` prints."""
        printed = CliRunner().invoke(app, ["layers", "--format", "markdown"]).stdout
        assert LAYERS.read_text("utf-8") == printed, (
            "write it anew: cnncalc layers --format markdown > docs/layers.md"
        )

    @pytest.mark.slow
    def test_zoo(self) -> None:
        """docs/zoo.md is what `cnncalc zoo --format markdown` prints."""
        printed = CliRunner().invoke(app, ["zoo", "--format", "markdown"]).stdout
        assert ZOO.read_text("utf-8") == printed, (
            "write it anew: cnncalc zoo --format markdown > docs/zoo.md"
        )

    def test_setting_up_takes_two_commands(self) -> None:
        lines = [text for id, text in of_language("sh") if id.startswith("README.md")]
        assert [text.count("\n") for text in lines] == [1, 1]
        assert all(text.startswith("python3 -m venv ") for text in lines)
        assert "-m pytest" in lines[1]


def keys_below(heading: str, page: Path) -> set[str]:
    """The keys in the first column of the table with this heading."""
    table = page.read_text("utf-8").partition(heading)[2].partition("\n\n")[0]
    rows = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    return {key for row in rows for key in re.findall(r"`(\w+)`", row)}


def anchor_of(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")
