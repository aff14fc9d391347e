"""`cnncalc check --format junit`, read back as Jenkins and GitLab read it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from .conftest import Run

ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {
        "name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname",
        "id", "package", "file", "log", "url",
    },
    "testcase": {"name", "time", "classname", "group"},
    "failure": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set[str](),
}  # fmt: skip
"""Attributes by element: junit-10.xsd of Jenkins's xUnit plugin, as of 2024."""

REQUIRED = {"testsuite": {"name", "tests", "failures", "errors"}, "testcase": {"name"}}


def junit(run: Run, *args: str) -> ElementTree.Element:
    """A document that keeps to the schema and whose counts are right."""
    root = ElementTree.fromstring(run("check", *args, "--format", "junit").stdout)
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= ALLOWED[element.tag]
        assert set(element.attrib) >= REQUIRED.get(element.tag, set())
    for counted in (root, *root):
        assert int(counted.attrib["tests"]) == len(list(counted.iter("testcase")))
        assert int(counted.attrib["failures"]) == len(list(counted.iter("failure")))
        assert counted.attrib["errors"] == "0"
    for suite in root:
        assert int(suite.attrib["skipped"]) == len(list(suite.iter("skipped")))
        assert all(case.attrib["classname"] == suite.attrib["name"] for case in suite)
        assert all(len(case) <= 1 for case in suite)
    return root


def outcomes(suite: ElementTree.Element) -> dict[str, str]:
    return {case.attrib["name"]: case[0].tag if len(case) else "passed" for case in suite}


EXPECTING = """\
input: 8x8x3
layers: [{name: c, conv: {filters: 4, kernel: 3}}]
expect: {params: 112, macs: "< 5", layers: {c: {output: 6x6x4, params: 1}, d: {params: 0}}}
"""


def test_a_case_for_each_expectation(run: Run, folder: Path) -> None:
    (folder / "e.yaml").write_text(EXPECTING)
    (suite,) = junit(run, "e.yaml")
    assert outcomes(suite) == {
        "network": "passed",
        "expect.params": "passed",
        "expect.macs": "failure",
        "expect.layers.c.output": "passed",
        "expect.layers.c.params": "failure",
        "expect.layers.d": "failure",
    }
    failure = suite[2][0]
    assert failure.attrib["type"] == "expectation-failed"
    assert "e.yaml:3:23: error[expectation-failed]: macs is 3,888" in str(failure.text)


def test_unknown_where_the_network_has_errors(run: Run, folder: Path) -> None:
    (folder / "e.yaml").write_text(EXPECTING.replace("kernel: 3", "kernel: 9"))
    (suite,) = junit(run, "e.yaml")
    assert list(outcomes(suite).values()) == ["failure", *["skipped"] * 5]


def test_an_unreadable_file(run: Run, folder: Path) -> None:
    (folder / "bad.yaml").write_bytes(b"input: 4 \xff")
    missing, bad = junit(run, "missing.yaml", "bad.yaml")
    assert outcomes(missing) == outcomes(bad) == {"network": "failure"}


def test_warnings_fail_only_if_strict(run: Run) -> None:
    (suite,) = junit(run, "warned.yaml")
    assert outcomes(suite) == {"network": "system-out"}
    (suite,) = junit(run, "warned.yaml", "--strict")
    assert outcomes(suite) == {"network": "failure"}


@pytest.mark.parametrize(
    "name", ["a<b>&\"c'.yaml", "ünï 网络.yaml", "bell\x07.yaml", "\udcff.yaml"]
)
def test_awkward_names(run: Run, folder: Path, name: str) -> None:
    (folder / name).write_text("input: 4\nlayers: [dence]\n")
    (suite,) = junit(run, name)
    shown = name.replace("\x07", "\\x07").replace("\udcff", "\\udcff")
    assert suite.attrib["name"] == shown
    assert str(suite[0][0].text).startswith(f"{shown}:2:10: error[unknown-kind]")
