"""Expectations said anew: exact texts, what is refused, and that nothing else of a file changes."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import cnncalc
from cnncalc import bundled
from cnncalc.checks.bounds import parse_bound, restated
from cnncalc.cli.app import app
from cnncalc.errors import UsageError
from cnncalc.saving.update_expect import update_expectations
from tests.examples import examples
from tests.networks import VARIED
from tests.slowness import slow_but

HEAD = "input: 8x8x6\nlayers:\n  - {name: c, conv: {filters: 4, kernel: 3}}  # 220, 7,776 MACs\n"
# 6·3·3·4 + 4 = 220 parameters; 36·4·54 = 7,776 MACs; 144 outputs of 4 bytes are 576 bytes.


def refreshed(text: str, folder: Path, name: str = "net.yaml") -> str:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    update_expectations(str(path))
    return path.read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("expect", "after"),
    [
        ("{params: 220}", "{params: 220}"),
        ("{params: 221}", "{params: 220}"),
        ("{params: ~}", "{params: ~}"),
        ("{params: $(110 * 2), macs: 1}  # why", "{params: $(110 * 2), macs: 7776}  # why"),
        ("{params: $(1 + 1)}", "{params: 220}"),
        ("{params: <= 1k, macs: <= 7k}", "{params: <= 1k, macs: <= 7776}"),
        ("{params: < 220}", "{params: < 221}"),
        ("{params: '> 0.22k', biases: '>= 5'}", "{params: '> 219', biases: '>= 4'}"),
        ("{params: 100..150, macs: 8k..9M}", "{params: 100..220, macs: 7776..9M}"),
        ("{memory: <= 0.5 KiB}", "{memory: <= 576}"),
        ("{params: == 3}", "{params: 220}"),
        ("{output: 6x6x5}", "{output: 6x6x4}"),
        ("{output: {c: [6, 6]}}", "{output: {c: 6x6x4}}"),
        ("{layers: {c: {receptive_field: ~, params: 1, output: 6x6x4}}}",
         "{layers: {c: {receptive_field: 3, params: 220, output: 6x6x4}}}"),
        ("\n  # how much\n  params: 1    # one\n\n  output: 6x6x4\n# end",
         "\n  # how much\n  params: 220  # one\n\n  output: 6x6x4\n# end"),
    ],
)  # fmt: skip
def test_what_fails_is_said_anew(expect: str, after: str, tmp_path: Path) -> None:
    done = refreshed(f"{HEAD}expect: {expect}\n".replace(": \n", ":\n"), tmp_path)
    assert done == f"{HEAD}expect: {after}\n".replace(": \n", ":\n")
    assert refreshed(done, tmp_path) == done
    assert cnncalc.load(tmp_path / "net.yaml").ok


SPACED = HEAD.replace("\nlayers", "\n\nlayers")
FRESH = "expect:\n  output: 6x6x4\n  params: 220\n  macs: 7776\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HEAD, HEAD + FRESH.rstrip()),
        (HEAD.rstrip(), HEAD + FRESH.rstrip()),
        (HEAD + "  # - relu\n# end\n", HEAD + "  # - relu\n" + FRESH + "# end\n"),
        (SPACED, SPACED + "\n" + FRESH),
        (HEAD.replace("\n", "\r\n"), (HEAD + FRESH.rstrip()).replace("\n", "\r\n")),
        (HEAD + "expect:\n", HEAD + "expect: {output: 6x6x4, params: 220, macs: 7776}\n"),
        (HEAD + "expect: {}  # x\n",
         HEAD + "expect: {output: 6x6x4, params: 220, macs: 7776}  # x\n"),
        ("{input: 4, layers: [{dense: 2}]}\n",
         "{input: 4, layers: [{dense: 2}], expect: {output: 2, params: 10, macs: 8}}\n"),
        ("\ufeff" + HEAD, "\ufeff" + HEAD + FRESH.rstrip()),
        ("layers: [{dense: 2}]\ninput: 4\ndescription: |\n  one\n  two\n",
         "layers: [{dense: 2}]\ninput: 4\ndescription: |\n  one\n  two\n"
         "expect:\n  output: 2\n  params: 10\n  macs: 8\n"),
    ],
)  # fmt: skip
def test_a_fresh_section(before: str, after: str, tmp_path: Path) -> None:
    done = refreshed(before, tmp_path)
    assert done.rstrip("\r\n") == after.rstrip("\r\n")
    assert refreshed(done, tmp_path) == done
    assert cnncalc.load(tmp_path / "net.yaml").ok


def test_several_outputs(tmp_path: Path) -> None:
    text = "input: 4\noutputs: [a, b]\nlayers: [{name: a, dense: 2}, {name: b, dense: 3}]\n"
    assert "\n  output: {a: 2, b: 3}\n" in refreshed(text, tmp_path)


class TestExtending:
    BASE = HEAD + "expect: {params: 220, macs: 7776, layers: {c: {params: 220, output: 6x6x4}}}\n"

    def test_only_what_differs_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "base.yaml").write_text(self.BASE)
        text = "extends: base.yaml\ninput: 9x8x6\n"
        done = refreshed(text, tmp_path)
        expect = "{macs: 9072, layers: {c: {params: 220, output: 7x6x4}}}"  # 42·4·54
        assert done == f"{text}expect: {expect}\n"
        assert refreshed(done, tmp_path) == done
        assert (tmp_path / "base.yaml").read_text() == self.BASE

    def test_nothing_where_all_holds(self, tmp_path: Path) -> None:
        (tmp_path / "base.yaml").write_text(self.BASE)
        assert refreshed("extends: base.yaml\n", tmp_path) == "extends: base.yaml\n"

    def test_bases_come_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What a base expects is mended there, and need not be said again."""
        monkeypatch.chdir(tmp_path)
        Path("z.yaml").write_text(self.BASE.replace("7776", "1"))
        Path("a.yaml").write_text("extends: z.yaml\n")
        result = CliRunner().invoke(app, ["check", "--update", "a.yaml", "z.yaml"])
        assert result.exit_code == 0
        assert result.output == (
            "z.yaml is written\n  expect.macs  1 → 7776\n2 files: 1 updated, 1 already up to date\n"
        )
        assert Path("a.yaml").read_text() == "extends: z.yaml\n"


class TestFiles:
    def test_links_and_modes_stay(self, tmp_path: Path) -> None:
        (tmp_path / "real.yaml").write_text(HEAD)
        (tmp_path / "real.yaml").chmod(0o640)
        (tmp_path / "link.yaml").symlink_to("real.yaml")
        update_expectations(str(tmp_path / "link.yaml"))
        assert (tmp_path / "link.yaml").is_symlink()
        assert "params: 220" in (tmp_path / "real.yaml").read_text()
        assert stat.S_IMODE((tmp_path / "real.yaml").stat().st_mode) == 0o640
        assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yaml", "real.yaml"]

    def test_nothing_is_left_half_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*args: object) -> None:
            raise OSError(28, "No space left on device")

        (tmp_path / "net.yaml").write_text(HEAD)
        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(UsageError, match="cannot be written: No space left on device"):
            update_expectations(str(tmp_path / "net.yaml"))
        assert (tmp_path / "net.yaml").read_text() == HEAD
        assert len(list(tmp_path.iterdir())) == 1


class TestCommand:
    def run(self, *args: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["check", "--update", *args])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.output

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_session(self) -> None:
        Path("new.yaml").write_text(HEAD)
        Path("old.yaml").write_text(HEAD + "expect: {params: 1, macs: <= 7k}\n")
        Path("true.yaml").write_text(HEAD + "expect: {params: 220}\n")
        assert self.run(".") == (
            0,
            "new.yaml is written\n"
            "  expect.output  6x6x4\n"
            "  expect.params  220\n"
            "  expect.macs    7776\n"
            "old.yaml is written\n"
            "  expect.params  1 → 220\n"
            "  expect.macs    <= 7k → <= 7776\n"
            "3 files: 2 updated, 1 already up to date\n",
        )
        assert self.run(".") == (0, "3 files: 0 updated, 3 already up to date\n")
        assert self.run(".", "--quiet") == (0, "")

    @pytest.mark.parametrize(
        "text",
        [HEAD + "  - rellu\n", "input: [", HEAD + "expect: {parms: 1, macs: 1}\n",
         HEAD + "expect: {params: lots, macs: 1}\n",
         HEAD + "expect: {layers: {d: {params: 1}}, macs: 1}\n"],
    )  # fmt: skip
    def test_a_file_with_errors_stays(self, text: str) -> None:
        Path("bad.yaml").write_text(text)
        Path("good.yaml").write_text(HEAD)
        code, output = self.run("bad.yaml", "good.yaml")
        assert code == 1
        assert "bad.yaml: not updated, because of its errors\n" in output
        assert output.endswith("2 files: 1 updated, 1 not updated\n")
        assert Path("bad.yaml").read_text() == text

    def test_what_cannot_be_written_in_place(self) -> None:
        text = HEAD + "expect: {params: &n 1, biases: *n}\n"
        Path("net.yaml").write_text(text)
        code, output = self.run("net.yaml")
        assert code == 1
        assert "net.yaml: not updated: `params` is an anchor" in output
        assert Path("net.yaml").read_text() == text

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (["-"], "--update: standard input cannot be updated: it is not a file"),
            (["alexnet"], "alexnet is a bundled architecture; copy it first"),
            (["net.yaml", "-f", "json"], "of the other options it takes --quiet"),
            (["net.yaml", "--strict"], "of the other options it takes --quiet"),
            (["net.yaml", "--ignore", "expectation-failed"], "of the other options"),
        ],
    )
    def test_misuse(self, args: list[str], message: str) -> None:
        Path("net.yaml").write_text(HEAD)
        code, output = self.run(*args)
        assert code == 2
        assert message in output
        assert Path("net.yaml").read_text() == HEAD


# --- properties ---------------------------------------------------------------------------------

BOUNDS = st.one_of(
    st.integers(0, 2000),
    st.builds("{} {}".format, st.sampled_from(["<=", ">=", "<", ">", "=="]), st.integers(1, 2000)),
    st.builds(lambda low, more: f"{low}..{low + more}", st.integers(0, 2000), st.integers(0, 2000)),
)


@given(expected=BOUNDS, actual=st.integers(0, 2000))
def test_a_bound_moves_no_further_than_it_must(expected: int | str, actual: int) -> None:
    if parse_bound(expected).holds(actual):
        return
    after = parse_bound(restated(expected, actual))
    assert after.holds(actual)
    if isinstance(expected, int) or "==" in expected:
        assert after == parse_bound(actual)
    elif not parse_bound(expected).holds(actual + 1) and after.least is None:
        assert not after.holds(actual + 1)
    elif not parse_bound(expected).holds(actual - 1) and after.most is None and actual:
        assert not after.holds(actual - 1)


def apart_from_expect(text: str) -> list[str]:
    """The lines of a file without those of `expect:`."""
    kept, inside = [], False
    for line in text.splitlines(keepends=True):
        if re.match(r"[^\s#]", line):
            inside = line.startswith("expect:")
        if not inside:
            kept.append(line)
    return kept


@pytest.mark.parametrize("name", slow_but(["alexnet", "lenet5", "resnet18"], VARIED))
@settings(max_examples=examples(3))
@given(data=st.data())
def test_after_an_update_all_is_well(name: str, tmp_path: Path, data: st.DataObject) -> None:
    """Bundled files with numbers of their `expect:` changed, some as bounds, with any line ends."""
    path = bundled.find(name)
    assert path is not None
    head, section, expect = path.read_text("utf-8").partition("\nexpect:")
    assert section

    def change(found: re.Match[str]) -> str:
        new = data.draw(st.sampled_from(["{}", "1", "'<= 3'", "'> 1'", "1..2", "'< {}'"]))
        return found[1] + new.format(found[2])

    wrong = re.sub(r"((?:params|macs|weights): )(\d+)\b", change, expect)
    text = head + section + wrong
    if data.draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    for other in path.parent.iterdir():
        (tmp_path / other.name).write_bytes(other.read_bytes())
    done = refreshed(text, tmp_path, path.name)
    assert cnncalc.load(tmp_path / path.name).diagnostics == ()
    assert apart_from_expect(done) == apart_from_expect(text)
    comments = re.compile(r"#[^\r\n]*")
    assert comments.findall(done) == comments.findall(text)
    assert refreshed(done, tmp_path, path.name) == done
