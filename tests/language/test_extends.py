"""`extends:`: what is merged, what is replaced, and where it may not lead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import cnncalc

BASE = """\
name: Base
description: the base
input: 8x8x6
rounding: floor
vars: {n: 3, m: 4}
defaults: {conv: {kernel: 3}, dense: {bias: false}}
blocks:
  head: {args: {units: $n}, layers: [{dense: $units}]}
  body: {layers: [{conv: $m}]}
layers: [{name: b, body: }, {name: h, head: }]
outputs: [b, h]
expect: {output: {b: 6x6x4, h: 3}, params: 652}
"""


def write(folder: Path, **files: str) -> Path:
    """Write files, `sub__name` into a folder below; the path of the one called main."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder / "main.yaml"


def codes(path: Path) -> list[str]:
    return [d.code for d in cnncalc.load(path).diagnostics if d.is_error]


class TestMerging:
    @pytest.mark.parametrize(
        ("own", "outputs"),
        [
            ("", {"b": (6, 6, 4), "h": (3,)}),
            ("vars: {n: 5}", {"b": (6, 6, 4), "h": (5,)}),
            ("vars: {m: 5, k: 1}\ndefaults: {lrn: {size: $k}}", {"b": (6, 6, 5), "h": (3,)}),
            ("defaults: {conv: {kernel: 1}}", {"b": (8, 8, 4), "h": (3,)}),
            ("blocks: {body: {layers: [{max_pool: 2}]}}", {"b": (4, 4, 6), "h": (3,)}),
            ("blocks: {head: {layers: [{body: }]}}", {"b": (6, 6, 4), "h": (4, 4, 4)}),
            ("input: 9x9x1", {"b": (7, 7, 4), "h": (3,)}),
            ("outputs: [h]", {"h": (3,)}),
            ("layers: [{name: h, head: 9}]\noutputs: [h]", {"h": (9,)}),
            ("layers: [{name: b, relu: }, {name: h, body: }]", {"b": (8, 8, 6), "h": (6, 6, 4)}),
        ],
    )  # fmt: skip
    def test_this_file_wins_key_by_key(
        self, tmp_path: Path, own: str, outputs: dict[str, tuple[int, ...]]
    ) -> None:
        main = write(
            tmp_path,
            base=BASE,
            main=f"extends: base.yaml\n{own}\nexpect: {{output: ~, params: ~}}\n",
        )
        report = cnncalc.load(main)
        assert codes(main) == []
        assert report.outputs == outputs

    @pytest.mark.parametrize(
        ("own", "failed"),
        [
            ("", 0), ("vars: {n: 5}", 2), ("vars: {n: 5}\nexpect: {params: ~}", 1),
            ("vars: {n: 5}\nexpect: {params: 940}", 1),
            ("vars: {n: 5}\nexpect: {params: 940, output: {h: 5}}", 0), ("expect: {macs: 1}", 1),
        ],
    )  # fmt: skip
    def test_expectations_are_inherited(self, tmp_path: Path, own: str, failed: int) -> None:
        main = write(tmp_path, base=BASE, main=f"extends: base.yaml\n{own}\n")
        assert codes(main) == ["expectation-failed"] * failed

    def test_head(self, tmp_path: Path) -> None:
        report = cnncalc.load(
            write(tmp_path, base=BASE, main="extends: base.yaml\ndescription: mine\n")
        )
        assert (report.name, report.description, report.file) == (
            "Base",
            "mine",
            str(tmp_path / "main.yaml"),
        )

    def test_without_a_base_name_it_is_the_files(self, tmp_path: Path) -> None:
        main = write(tmp_path, base="input: 3\nlayers: [relu]\n", main="extends: base.yaml\n")
        assert cnncalc.load(main).name in ("main", "base")

    def test_through_several_files_each_in_its_own_folder(self, tmp_path: Path) -> None:
        main = write(
            tmp_path,
            main="extends: sub/middle.yaml\nvars: {a: 1}\nlayers: [dense: $(100*a + 10*b + c)]\n",
            sub__middle="extends: deep/last.yaml\nvars: {a: 2, b: 2}\n",
            sub__deep__last="input: 4\nvars: {a: 3, b: 3, c: 3}\nlayers: [relu]\n",
        )
        assert cnncalc.load(main).rows[0].output_shape == (123,)

    def test_variables_of_the_command_line_win(self, tmp_path: Path) -> None:
        report = cnncalc.load(
            write(tmp_path, base=BASE, main="extends: base.yaml\nvars: {n: 5}\n"), set={"n": 7}
        )
        assert report.outputs["h"] == (7,)


class TestWhere:
    @pytest.mark.parametrize(
        "name",
        [
            "base.yaml",
            "./base.yaml",
            "sub/../base.yaml",
            "sub/base.yaml",
            "sub/./base.yaml",
            "lenet5",
            "lenet5.yaml",
            "sub/link.yaml",
        ],
    )
    def test_inside_or_bundled(self, tmp_path: Path, name: str) -> None:
        main = write(tmp_path, base=BASE, sub__base=BASE, main=f"extends: {name}\n")
        (tmp_path / "sub/link.yaml").symlink_to("../base.yaml")
        assert codes(main) == []

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("../outside.yaml", "bad-value"), ("sub/../../outside.yaml", "bad-value"),
            ("link.yaml", "bad-value"), ("folder/outside.yaml", "bad-value"),
            ("{outside}", "bad-value"), ("/etc/passwd", "bad-value"),
            ("../nothing.yaml", "bad-value"), ("~/x.yaml", "file-unreadable"),
            ("nothing.yaml", "file-unreadable"), ("lenet", "file-unreadable"),
            ("https://example.org/x.yaml", "file-unreadable"), (".", "file-unreadable"),
            ("sub", "file-unreadable"), ("pipe", "file-unreadable"),
            ("latin1.yaml", "file-unreadable"), ('"a\\0b"', "file-unreadable"),
            ("loop.yaml", "file-unreadable"),
            ("a" * 300, "file-unreadable"), ("a/" * 3000, "file-unreadable"),
            ("$n", "file-unreadable"), ("''", "wrong-type"), ("~", "wrong-type"),
            ("3", "wrong-type"),
            ("[base.yaml]", "wrong-type"), ("{base: 1}", "unknown-key"), ("{}", "missing-option"),
            ("main.yaml", "recursive-block"), ("mirror.yaml", "recursive-block"),
            ("ring.yaml", "recursive-block"),
            ("syntax.yaml", "yaml-syntax"),
        ],
    )  # fmt: skip
    def test_nowhere_else(self, tmp_path: Path, name: str, code: str) -> None:
        inside = tmp_path / "inside"
        outside = write(tmp_path, outside=BASE).with_name("outside.yaml")
        text = f"extends: {name.replace('{outside}', str(outside))}\n"
        main = write(
            inside,
            main=text,
            sub__base=BASE,
            ring="extends: ring2.yaml\n",
            ring2="extends: main.yaml\n",
            syntax="a: [\n",
        )
        (inside / "link.yaml").symlink_to(outside)
        (inside / "folder").symlink_to(tmp_path)
        (inside / "loop.yaml").symlink_to("loop.yaml")
        (inside / "mirror.yaml").symlink_to("main.yaml")
        (inside / "latin1.yaml").write_bytes(b"name: \xe9\n")
        os.mkfifo(inside / "pipe")
        assert codes(main) == [code]

    def test_a_long_chain(self, tmp_path: Path) -> None:
        files = {f"f{n}": f"extends: f{n + 1}.yaml\n" for n in range(200)}
        assert codes(write(tmp_path, main="extends: f0.yaml\n", **files, f200=BASE)) == [
            "limit-exceeded"
        ]

    def test_a_text_extends_from_the_working_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, base=BASE)
        monkeypatch.chdir(tmp_path)
        assert cnncalc.loads("extends: base.yaml").ok
        assert not cnncalc.loads("extends: ../base.yaml").ok
        assert cnncalc.loads("extends: alexnet").name == "AlexNet"


class TestFindingsInBothFiles:
    def test_each_in_its_own(self, tmp_path: Path) -> None:
        main = write(
            tmp_path,
            base="input: 8x8x3\nblocks: {b: {layers: [rleu]}}\nlayers: [tnah]\n",
            main="extends: base.yaml\nlayers: [b, cnov]\n",
        )
        found = [
            (Path(d.span.file).name, d.span.line, d.code) for d in cnncalc.load(main).diagnostics
        ]
        assert found == [
            ("main.yaml", 2, "unknown-kind"),
            ("base.yaml", 2, "unknown-kind"),
            ("base.yaml", 3, "unknown-kind"),
        ]
