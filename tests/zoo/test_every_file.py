"""What every bundled file owes: no findings, a source, a family, its own numbers, one meaning."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import cnncalc
from cnncalc import bundled
from cnncalc.report.report import Report
from tests.together import together
from tests.zoo.reports import loaded

NAMES = bundled.names()

FAMILIES = {
    "Classics", "AlexNet", "VGG", "Inception", "ResNet", "DenseNet", "SqueezeNet", "MobileNet",
    "MnasNet", "ShuffleNet", "EfficientNet", "RegNet", "ConvNeXt", "Transformers", "NASNet", "NIN",
    "Darknet", "Segmentation", "Video", "Recognition", "Pose", "Generative", "Super-resolution",
    "Audio",
}  # fmt: skip


def path_of(name: str) -> Path:
    path = bundled.find(name)
    assert path is not None
    return path


@together("name", NAMES)
def test_no_findings(name: str) -> None:
    """So `expect:` is met as well."""
    assert loaded(name).diagnostics == ()
    assert loaded(name).complete


@together("name", NAMES)
def test_files_say_what_they_are_and_what_they_expect(name: str) -> None:
    reported, file = loaded(name), yaml.safe_load(path_of(name).read_text(encoding="utf-8"))
    assert reported.name != name, "a title for people"
    assert reported.description
    assert "\n" not in reported.description
    assert reported.source
    assert reported.family in FAMILIES
    # Its own numbers, not those of the file that it extends.
    assert {"params", "layers"} & file["expect"].keys()
    assert {"name", "description", "source"} <= file.keys()


def test_titles_are_distinct() -> None:
    titles = [loaded(name).name for name in NAMES]
    assert sorted(set(titles)) == sorted(titles)


def without_place(reported: Report) -> Report:
    """The report, wherever the file lies."""
    rows = tuple(row._replace(file="") for row in reported.rows)
    spans = tuple((each.code, each.message) for each in reported.diagnostics)
    return reported._replace(file="", rows=rows, diagnostics=spans)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["lenet5", "googlenet", "resnet50", "wide_resnet101_2", "regnet_y_8gf", "r2plus1d_18"]
)
def test_a_bundled_name_its_path_and_its_text_are_the_same(name: str) -> None:
    path, by_name = path_of(name), without_place(loaded(name))
    assert without_place(cnncalc.load(path)) == by_name
    assert without_place(cnncalc.loads(path.read_text(encoding="utf-8"), name=name)) == by_name
