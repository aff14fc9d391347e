"""Repairs: what is proposed was tried, the least are found, and taking one keeps the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import cnncalc
from cnncalc.cli.app import app
from cnncalc.fit.apply import repaired
from cnncalc.fit.repair import Repairs, repairs
from cnncalc.fit.sizes import fit
from cnncalc.geometry import Rounding
from cnncalc.graph.builder import build
from cnncalc.graph.overrides import Overrides, everywhere, overrides_from
from cnncalc.language.model import Document
from cnncalc.network import Network
from cnncalc.yaml.edit import CannotRewrite
from cnncalc.yaml.source import Source
from tests.fit.growing import network
from tests.networks import Item, written
from tests.slowness import slow

EXACT = everywhere(Rounding.EXACT)


def parse(content: str) -> Document | None:
    return Network.parsed(Source("test.yaml", content)).document


def found(volume: object, *items: Item, strict: bool = False) -> list[str]:
    document = parse(written(volume, *items))
    assert document is not None
    listed = repairs(document, Overrides(), strict=strict)
    return ["; ".join(map(str, repair.changes)) for repair in listed.found]


def test_alexnet_as_the_paper_says() -> None:
    listed = cnncalc.repairs("alexnet", input="224x224x3")
    assert listed.complete
    assert [str(change) for repair in listed.found for change in repair.changes] == [
        "conv1: padding 0 → [[1, 2], [1, 2]]",
        "conv1: kernel 11 → 8",
        "conv1: rounding unset → ceil",
    ]
    assert [repair.pixels for repair in listed.found] == [6, 6, 0]


def test_nothing_to_repair() -> None:
    assert cnncalc.repairs("alexnet") == Repairs()


SEEDS = [range(5), *slow(range(5, 20), range(20, 35), range(35, 50), range(50, 60))]


@pytest.mark.parametrize("seeds", SEEDS, ids=str)
def test_every_repair_fits(seeds: range) -> None:
    """Built as a whole, with misfits refused; there is something to build among so many."""
    proposed = 0
    for seed in seeds:
        document = parse(network(seed))
        assert document is not None
        for repair in repairs(document, Overrides()).found:
            proposed += 1
            assert build(document, Overrides(patches=repair.patches, rounding=EXACT)).complete
            assert repair.places <= 3
    assert proposed


def test_one_place_is_found_where_one_will_do() -> None:
    """Against every padding, kernel and stride of every layer of a small network."""
    layers: list[Item] = [
        {"conv": {"filters": 1, "kernel": 3, "stride": 2}},
        {"max_pool": {"kernel": 3, "stride": 2}},
        {"conv": {"filters": 1, "kernel": 2, "stride": 3}},
    ]
    for width in range(12, 60):
        document = parse(written(f"{width}x1", *layers))
        assert document is not None
        if build(document, Overrides(rounding=EXACT)).complete:
            continue
        listed = repairs(document, Overrides(), most=1000)
        proposed = {
            (id(change.item), change.option)
            for repair in listed.found
            for change in repair.changes
            if repair.places == 1
        }
        tried = {
            (id(item), option)
            for item in document.layers
            for option, values in (("kernel", range(1, 11)), ("stride", range(1, 5)),
                                   ("rounding", ("floor", "ceil")))
            for value in values
            if build(
                document, Overrides(patches={id(item): {option: value}}, rounding=EXACT)
            ).complete
        }  # fmt: skip
        assert tried <= proposed


def test_two_places() -> None:
    """Two branches that each lose half a window: no one change mends both."""
    pools = [[{"name": name, "max_pool": {"kernel": 2, "stride": 2}}] for name in ("a", "b")]
    assert found("12x1", {"concat": pools}) == []
    assert found("13x1", {"concat": pools})[0] == (
        "a: padding 0 → [[0, 1]]; b: padding 0 → [[0, 1]]"
    )


def test_only_the_axis_that_does_not_fit_is_changed() -> None:
    listed = found("8x9x1", {"max_pool": 2})
    assert listed[:2] == [
        "max_pool1: padding 0 → [[0, 0], [0, 1]]",
        "max_pool1: kernel 2 → [2, 1]",
    ]


def test_strict_proposes_no_rounding() -> None:
    assert not any("rounding" in repair for repair in found("9x1", {"max_pool": 2}, strict=True))


class TestTaking:
    @pytest.mark.parametrize("first", [60, *slow(*range(62, 80, 2))])
    def test_every_repair_of_random_networks(self, first: int) -> None:
        for seed in range(first, first + 2):
            document = parse(network(seed))
            assert document is not None
            for repair in repairs(document, Overrides()).found[:2]:
                again = parse(repaired(document, Overrides(), repair, Path("test.yaml")).text)
                assert again is not None
                assert build(again, Overrides(rounding=EXACT)).complete

    def test_comments_stay(self) -> None:
        document = Network.load("alexnet").tree
        changed = overrides_from(input="224x224x3")
        first = repairs(document, changed).found[0]
        text = repaired(document, changed, first, Path("alexnet.yaml")).text
        before = document.source.text.splitlines()
        after = text.splitlines()
        different = [old for old, new in zip(before, after, strict=True) if old != new]
        assert [line[:14] for line in different] == ["input: 227x227", "  - {name: con"]
        again = parse(text)
        assert again is not None
        assert fit(again, Overrides()).fits

    def test_layers_of_another_file(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.yaml"
        path.write_text("extends: alexnet\ninput: 224x224x3\n", "utf-8")
        document = Network.load(str(path)).tree
        with pytest.raises(CannotRewrite, match="extends"):
            repaired(document, Overrides(), repairs(document, Overrides()).found[0], path)


class TestCommand:
    def run(self, *args: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["fit", *args])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.output

    def test_sizes(self) -> None:
        code, output = self.run("alexnet")
        assert code == 0
        assert output.startswith("AlexNet: H = W = 227 fits; all that fit: 67 + 32k\n")

    def test_formats(self) -> None:
        assert self.run("alexnet", "--format", "csv") == (
            0,
            "axis,given,fits,below,above,smallest,step,sizes,floor_smallest,floor_sizes\n"
            "H = W,227,true,195,259,67,32,67 + 32k,67,67 or more\n",
        )
        assert '"smallest": 67' in self.run("alexnet", "-f", "json")[1]
        assert "| H = W | 227 | yes |" in self.run("alexnet", "-f", "markdown")[1]

    def test_apply(self, tmp_path: Path) -> None:
        target = tmp_path / "repaired.yaml"
        arguments = ("alexnet", "--input", "224x224x3", "--apply", "1", "--write", str(target))
        code, output = self.run(*arguments)
        assert code == 0, output
        assert cnncalc.load(target).ok
        assert cnncalc.fit(target).fits

    def test_apply_states_expectations_again(self, tmp_path: Path) -> None:
        """A 7x7 window does not fit 12x12 with stride 2; whatever mends it, the file stays true."""
        source, target = tmp_path / "misfit.yaml", tmp_path / "repaired.yaml"
        text = "input: 12x12x1\nlayers: [{conv: {filters: 1, kernel: 7, stride: 2}}]\n"
        source.write_text(text + "expect: {params: 1000, output: 99, weights: '>= 1'}\n", "utf-8")
        code, output = self.run(str(source), "--apply", "1", "--write", str(target))
        assert code == 0, output
        report = cnncalc.load(target)
        assert report.diagnostics == ()
        assert f"params: {report.totals.params}" in target.read_text("utf-8")
        assert "weights: '>= 1'" in target.read_text("utf-8")
        assert f"expect.params  1000 → {report.totals.params}" in output

    def test_misuse(self, tmp_path: Path) -> None:
        target = str(tmp_path / "x.yaml")
        assert self.run("alexnet", "--apply", "1")[0] == 2
        assert self.run("alexnet", "--apply", "1", "--write", target)[0] == 2
        assert self.run("alexnet", "--input", "nonsense")[0] == 2
        assert self.run("alexnet", "--set", "classs=3")[0] == 2
        assert self.run("alexnet", "--input", "224x224x3", "--apply", "1", "--write",
                        str(tmp_path / "no" / "x.yaml"))[0] == 2  # fmt: skip
        code, output = self.run("alexnt")
        assert code == 1
        assert "alexnet" in output

    def test_nothing_fits(self, tmp_path: Path) -> None:
        path = tmp_path / "never.yaml"
        layers = [{"upsample": 2}, {"conv": {"filters": 1, "kernel": 1, "stride": 2}}]
        path.write_text(written("8x8x1", *layers), "utf-8")
        assert self.run(str(path))[0] == 1
        assert self.run(str(path), "--repair")[0] == 0
