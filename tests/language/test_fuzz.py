"""Whatever the text: a report, with an error if it is not complete, and help that holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

import cnncalc
from cnncalc import bundled
from cnncalc.diagnostics import CATALOGUE, Diagnostic
from cnncalc.report.report import Report
from cnncalc.volume import Volume
from tests.examples import examples
from tests.networks import VARIED
from tests.slowness import slow, slow_but

from .grammar import grown, torn
from .texts import layers


def check(text: str) -> Report:
    """What must hold of any text."""
    report = cnncalc.loads(text)
    errors = [diagnostic for diagnostic in report.diagnostics if diagnostic.is_error]
    assert report.complete or errors
    assert report.ok == (not errors)
    assert not report.complete or report.outputs
    assert "" not in report.outputs
    for diagnostic in report.diagnostics:
        _check_diagnostic(diagnostic)
    assert _no_two_at_one_place(report)
    if report.complete:
        _check_sums(report)
    for diagnostic in report.diagnostics:
        _check_help(text, report, diagnostic)
    return report


def _check_diagnostic(diagnostic: Diagnostic) -> None:
    span = diagnostic.span
    assert diagnostic.code in CATALOGUE
    assert 0 <= span.start <= span.end <= len(span.source.text)
    assert diagnostic.message
    assert len(diagnostic.message) < 2000
    for words in (diagnostic.message, *diagnostic.notes, *diagnostic.help):
        assert "Traceback" not in words
        assert "object at 0x" not in words
        assert "Error(" not in words
        assert words.isprintable()


def _no_two_at_one_place(report: Report) -> bool:
    """One finding a cause, as far as that shows: none twice in the same words at the same place."""
    reported = [(d.code, d.span.source.name, d.span.start, d.span.end) for d in report.diagnostics]
    return len(set(reported)) == len(reported)


def _check_sums(report: Report) -> None:
    names = [row.name for row in report.rows]
    assert len(set(names)) == len(names)
    assert sum(row.params for row in report.rows) == report.totals.params
    assert sum(row.macs for row in report.rows) == report.totals.macs
    for row in report.rows:
        assert all(isinstance(axis, int) and axis >= 1 for axis in row.output_shape)
        assert min(row.weights, row.biases, row.state, row.macs, row.flops) >= 0
    known = {**report.inputs, **{row.name: row.output_shape for row in report.rows}}
    for row in report.rows:
        assert tuple(known[name] for name in row.inputs) == row.input_shapes


_INPUT_HELP = re.compile(r"input ([0-9x]+)(?: or ([0-9x]+))?.* makes the whole network fit")


def _check_help(text: str, report: Report, diagnostic: Diagnostic) -> None:
    """An input that is offered is one with which nothing is wrong any more."""
    for words in diagnostic.help:
        found = _INPUT_HELP.match(words)
        if found and len(report.inputs) == 1:
            ((name, volume),) = report.inputs.items()
            for spatial in filter(None, found.groups()):
                offered = Volume((*Volume.parse(spatial), volume.channels))
                again = cnncalc.loads(text, input={name: offered})
                assert [d.code for d in again.diagnostics if d.is_error] == [], words


@settings(max_examples=examples(100))
@given(torn())
@pytest.mark.slow
def test_torn_files(text: str) -> None:
    check(text)


@pytest.mark.slow
@settings(max_examples=examples(600))
@given(torn())
def test_many_torn_files(text: str) -> None:
    check(text)


@settings(max_examples=examples(40))
@given(grown())
def test_grown_files(text: str) -> None:
    check(text)


@pytest.mark.slow
@settings(max_examples=examples(600))
@given(grown())
def test_many_grown_files(text: str) -> None:
    check(text)


@settings(max_examples=examples(20))
@given(grown())
def test_the_same_twice(text: str) -> None:
    """Nothing is remembered from one text to the next."""
    first, second = cnncalc.loads(text), cnncalc.loads(text)
    assert [d.message for d in first.diagnostics] == [d.message for d in second.diagnostics]
    assert first.rows == second.rows


@pytest.mark.slow
@settings(max_examples=examples(200))
@given(grown())
def test_many_the_same_twice(text: str) -> None:
    first, second = cnncalc.loads(text), cnncalc.loads(text)
    assert [d.message for d in first.diagnostics] == [d.message for d in second.diagnostics]
    assert first.rows == second.rows


_OPTIONS = "(input|kernel|stride|padding|groups)"
_ALL_THAT_FIT = re.compile(r" \(all that fit: [^)]*\)$")
_OFFERED = re.compile(
    rf"{_OPTIONS} (\S.*?)(?=, (?:or )?{_OPTIONS.replace('(', '(?:')} |, or | makes)"
)


@pytest.mark.parametrize("width", [30, *slow(31, 32, 33, 35)])
@pytest.mark.parametrize(
    "kind",
    [
        "conv: {filters: 12, kernel: %d, stride: %d}",
        "max_pool: {kernel: %d, stride: %d}",
        "avg_pool: {kernel: %d, stride: %d, padding: 1}",
        "conv: {filters: 12, kernel: %d, stride: %d, dilation: 2, padding: [[1, 2], 0]}",
    ],
)
@pytest.mark.slow
def test_every_change_that_is_offered_helps(width: int, kind: str) -> None:
    """`kernel 8 or 12 makes the whole network fit`: each tried, and `rounding: floor`."""
    tried = 0
    for kernel in (2, 3, 5, 37):
        for stride in (2, 3, 4):
            layer = f"{{name: c, {kind % (kernel, stride)}}}"
            text = layers(layer, "dense: 6", head=f"input: {width}x{width - 3}x6\n")
            for diagnostic in cnncalc.loads(text).diagnostics:
                for words in diagnostic.help:
                    tried += _try(text, words)
    assert tried


@pytest.mark.parametrize(
    "name", slow_but(["alexnet", "classic", "lenet5", "resnet18", "unet"], VARIED)
)
@pytest.mark.parametrize("change", [-7, *slow(-29, -1, 0, 1, 5, 30)])
def test_inputs_offered_for_bundled_networks(name: str, change: int) -> None:
    """Whatever size is offered fits the whole of a real network."""
    text = (bundled.folder() / f"{name}.yaml").read_text("utf-8")
    for volume in cnncalc.loads(text).inputs.values():
        tried = (*(max(axis + change, 1) for axis in volume.spatial), volume.channels)
        report = cnncalc.loads(text, input=tried, rounding="exact")
        for words in (words for d in report.diagnostics for words in d.help):
            found = _INPUT_HELP.match(words)
            for spatial in filter(None, found.groups() if found else ()):
                offered = f"{spatial}x{volume.channels}"
                assert cnncalc.loads(text, input=offered, rounding="exact").ok, words


def _try(text: str, words: str) -> int:
    if "rounding: floor" in words:
        assert cnncalc.loads(text, set={"c.rounding": "floor"}).ok, (text, words)
        return 1
    words = _ALL_THAT_FIT.sub("", words)
    if not words.endswith(" makes the whole network fit"):
        assert words.startswith("no single change"), words
        return 0
    tried = 0
    for option, values in _OFFERED.findall(words):
        for value in values.split(" or "):
            changed: dict[str, object] = (
                {"input": f"{value}x6"} if option == "input" else {"set": {f"c.{option}": value}}
            )
            assert cnncalc.loads(text, **changed).ok, (text, option, value)  # type: ignore[arg-type]
            tried += 1
    assert tried, words
    return tried
