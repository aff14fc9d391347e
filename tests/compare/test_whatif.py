"""Networks before and after changes: values, lists, contradictions, unknown keys, saving."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc
from cnncalc.compare.side_by_side import layer_lines, total_lines
from cnncalc.compare.whatif import split
from cnncalc.errors import UsageError
from tests.together import together


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2", ["2"]),
        ("1,2,4", ["1", "2", "4"]),
        ("[1, 2],3", ["[1, 2]", "3"]),
        ("$max(1, 2)", ["$max(1, 2)"]),
        ("'a,b',\"c,d\"", ["'a,b'", '"c,d"']),
        ("[[1,2],[3,4]]", ["[[1,2],[3,4]]"]),
        (")x,y", [")x", "y"]),
        ("", [""]),
    ],
)
def test_split(text: str, values: list[str]) -> None:
    assert split(text) == values


CHANGES: list[dict[str, object]] = [
    {"classes": 10},
    {"conv1.stride": 2, "rounding": "floor"},
    {"input": "195x195x3"},
    {"input": (259, 259, 3)},
    {"conv.*.bias": False},
    {"conv3.padding": [[1, 1], [1, 1]]},
    {"conv.*.padding": "same", "conv1.padding": 0},
]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_after_is_what_load_says(changes: dict[str, object]) -> None:
    (variant,) = cnncalc.whatif("alexnet", changes).variants
    others = dict(changes)
    loaded = cnncalc.load(
        "alexnet",
        input=others.pop("input", None),  # type: ignore[arg-type]
        rounding=others.pop("rounding", None),  # type: ignore[arg-type]
        set=others,
    )
    assert variant.after.totals == loaded.totals
    assert [row.output_shape for row in variant.after.rows] == [
        row.output_shape for row in loaded.rows
    ]
    assert variant.after.ok


def test_a_single_number_is_every_side_of_the_input() -> None:
    (variant,) = cnncalc.whatif("alexnet", {"input": 195}).variants
    assert variant.after.inputs == {"input": (195, 195, 3)}


def test_named_inputs(tmp_path: Path) -> None:
    text = (
        "input: {left: 8x8x1, right: 8x8x1}\n"
        "layers: [{name: a, from: left, conv: {filters: 2, kernel: 3}}, {from: right, relu: {}}]"
    )
    path, new = tmp_path / "two.yaml", tmp_path / "new.yaml"
    path.write_text(text)
    (variant,) = cnncalc.whatif(path, {"input.left": 9}, write=new).variants
    assert variant.after.inputs == {"left": (9, 9, 1), "right": (8, 8, 1)}
    assert "{left: 9x9x1, right: 8x8x1}" in new.read_text()


class TestLists:
    def test_one_variant_a_value(self) -> None:
        answer = cnncalc.whatif("alexnet", {"conv1.stride": "1,2,4", "rounding": "floor"})
        assert [variant.label for variant in answer.variants] == [
            "conv1.stride=1", "conv1.stride=2", "conv1.stride=4"
        ]  # fmt: skip
        assert answer.variants[2].comparison.totals["macs"].change == 0

    def test_lines(self) -> None:
        answer = cnncalc.whatif("alexnet", {"fc8.units": "10,1000,$(5 * 4)"})
        assert [tuple(line) for line in layer_lines(answer)] == [
            ("fc8", "units", 1000, (10, 1000, 20)),
            ("fc8", "output", (1000,), ((10,), (1000,), (20,))),
            ("fc8", "params", 4097000, (40970, 4097000, 81940)),
            ("fc8", "macs", 4096000, (40960, 4096000, 81920)),
        ]
        totals = {line.quantity: line for line in total_lines(answer)}
        assert totals["layers"].values == (22, 22, 22)

    def test_layers_come_and_go(self) -> None:
        answer = cnncalc.whatif("classic", {"N": "1,3"})
        lines = {(line.layer, line.quantity): line for line in layer_lines(answer)}
        assert lines["stage.0.conv2", "layer"].values == ("gone", "there")
        assert lines["stage.0.conv3", "layer"][2:] == ("gone", ("gone", "there"))
        names = list(dict.fromkeys(line.layer for line in layer_lines(answer, all=True)))
        assert names.index("stage.0.relu2") < names.index("stage.0.conv3")
        assert names.index("stage.0.relu3") < names.index("stage.0.pool")

    def test_a_value_that_breaks_leaves_the_others(self) -> None:
        answer = cnncalc.whatif("alexnet", {"conv1.stride": "3,4"})
        broken, well = answer.variants
        assert [d.code for d in broken.news] == ["stride-misfit"]
        assert well.after.ok
        assert not answer.ok


MISUSES: list[tuple[dict[str, object], str]] = [
    ({"conv1.stride": "2", "conv1.S": "3"},
     "`conv1.stride=2` and `conv1.S=3` contradict each other"),
    ({"conv1.S": "2", "conv1.strides": "3"},
     "`conv1.S=2` and `conv1.strides=3` contradict each other: both set conv1.stride"),
    ({"conv.*.padding": "1", "Conv2d.*.P": "2"},
     "`conv.*.padding=1` and `Conv2d.*.P=2` contradict each other"),
    ({"cnv1.stride": 2}, "cnv1.stride=2: there is no layer `cnv1`; did you mean `conv1`?"),
    ({"conv1.strid": 2}, "conv1.strid=2: conv has no option `strid`; did you mean `stride`?"),
    ({"clases": 2}, "clases=2: the file has no variable `clases`; did you mean `classes`?"),
    ({"con.*.stride": 2}, "con.*.stride: there is no kind `con`; did you mean `conv`?"),
    ({"conv1.stride": "1,2", "classes": "1,2"}, "conv1.stride and classes both have several"),
    ({"rounding": "flor"}, "rounding is exact, floor or ceil, not `flor`; did you mean `floor`?"),
    ({"input": "12y3"}, "`12y3` is not a volume"),
    ({"conv1.stride": ""}, "say KEY=VALUE"),
    ({"conv1.stride": "1,,2"}, "say KEY=VALUE"),
    ({"": "1"}, "say KEY=VALUE"),
    ({}, "nothing is changed"),
    ({"conv1.stride": ",".join(map(str, range(60)))}, "60 values; 50 is the most"),
    ({"depthwise_conv.*.stride": 2}, "the network has no depthwise_conv"),
]  # fmt: skip


@together(("changes", "message"), MISUSES)
def test_misuse(changes: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as reported:
        cnncalc.whatif("alexnet", changes)
    assert message in str(reported.value)


class TestSaving:
    def test_api(self, tmp_path: Path) -> None:
        out = tmp_path / "out.yaml"
        answer = cnncalc.whatif("alexnet", {"classes": 10, "conv1.filters": 48}, write=out)
        saved = cnncalc.load(out)
        assert saved.ok
        assert saved.totals == answer.variants[0].after.totals
        assert "# overlapping windows" in out.read_text("utf-8")

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"classes": "1,2"}, "can hold one network"),
            ({"conv1.stride": 3}, "the changed network has errors"),
        ],
    )
    def test_refused(self, tmp_path: Path, changes: dict[str, object], message: str) -> None:
        out = tmp_path / "out.yaml"
        with pytest.raises(ValueError, match=message):
            cnncalc.whatif("alexnet", changes, write=out)
        assert not out.exists()

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="cannot be written"):
            cnncalc.whatif("alexnet", {"classes": 1}, write=tmp_path / "no" / "out.yaml")

    def test_line_ends_are_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "dos.yaml"
        path.write_bytes(b"input: 4x4x1\r\nlayers:\r\n- relu\r\n- {dense: 3}  # out\r\n")
        cnncalc.whatif(path, {"dense1.bias": False, "rounding": "floor"}, write=path)
        assert path.read_bytes() == (
            b"input: 4x4x1\r\nrounding: floor\r\nlayers:\r\n- relu\r\n"
            b"- {dense: {units: 3, bias: false}}  # out\r\n"
        )
