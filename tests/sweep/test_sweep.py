"""Sweeps: figures are those of the report, in the grid's order, whoever works, once each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import pytest

import cnncalc
from cnncalc import Variant
from cnncalc.errors import UsageError, WorkersLost
from cnncalc.language.model import Document
from cnncalc.network import Network
from cnncalc.sweep import sweep as sweeping
from cnncalc.sweep.conditions import NUMBERS
from cnncalc.sweep.question import question
from cnncalc.sweep.resume import ResumeState, held, opened
from cnncalc.sweep.sweep import Plan, plan, stream
from cnncalc.sweep.variants import Given
from cnncalc.workers.pool import worker_pool
from cnncalc.yaml.source import Source
from tests.together import together

NET = """\
input: 16x16x3
vars: {width: 1.0, depth: 2}
layers:
  - {name: stem, conv: {filters: $(int(8 * width)), kernel: 3, stride: 2}}
  - {name: body, conv: {filters: 8, kernel: 3, padding: 1}, repeat: $depth}
  - {name: head, dense: 10}
"""


def parsed(text: str) -> Document:
    document = Network.parsed(Source("net.yaml", text)).document
    assert document is not None
    return document


def swept(planned: Plan, jobs: int = 1, todo: Iterable[int] | None = None) -> list[Variant]:
    with worker_pool(jobs) as workers:
        return [row for _, rows in stream(planned, workers, todo) for row in rows]


@pytest.mark.parametrize("name", ["mobilenet_v2", "unet", "alexnet"])
def test_figures_are_those_of_the_report(name: str) -> None:
    sides = [196, 220, 224, 227]
    given = {"batch": 3, "dtype": "float16"}
    found = list(cnncalc.sweep(name, {"input": sides}, batch=3, dtype="float16"))
    for side, variant in zip(sides, found, strict=True):
        channels = cnncalc.load(name).inputs["input"].channels
        volume = f"{side}x{side}x{channels}"
        report = cnncalc.load(name, input=volume, **given)  # type: ignore[arg-type]
        assert variant.values == {"input": volume}
        assert variant.fits == report.complete
        if not report.complete:
            assert variant.problem is not None
            assert variant.problem.startswith(report.diagnostics[0].code)
            assert all(variant.figure(number) is None for number in NUMBERS)
            continue
        totals, fields = report.totals, [row.receptive_field for row in report.rows]
        for figure in ("params", "weights", "biases", "macs", "flops", "param_bytes"):
            assert variant.figure(figure) == getattr(totals, figure), figure
        assert variant.memory == totals.activation_bytes
        assert variant.peak == totals.peak_activation_bytes
        assert variant.outputs == report.outputs
        assert variant.receptive_field == [f.size for f in fields if f is not None][-1]


def test_every_kind_of_key() -> None:
    vary = {
        "width": [0.5, 1],
        "stem.stride": "1..2",
        "conv.*.bias": "true,false",
        "rounding": "floor,ceil",
        "input": "16x16x3,20x16x1",
    }
    planned = plan(parsed(NET), Given(), vary)
    expected = product([0.5, 1], [1, 2], [True, False], ["floor", "ceil"], ["16x16x3", "20x16x1"])
    for values, variant in zip(expected, swept(planned), strict=True):
        given = dict(zip(vary, values, strict=True))
        assert variant.values == given
        report = cnncalc.loads(
            NET,
            input=str(given.pop("input")),
            rounding=str(given.pop("rounding")),
            set=given,
        )
        assert (variant.params, variant.macs) == (report.totals.params, report.totals.macs)


@pytest.mark.parametrize("jobs", [1, 2])
def test_order_is_the_grids_whoever_works(jobs: int) -> None:
    planned = plan(parsed(NET), Given(rounding="floor"), {"depth": "1..6", "width": "0.5..4:0.25"})
    found = [tuple(variant.values.values()) for variant in swept(planned, jobs)]
    assert found == [planned.grid.cells(number) for number in range(len(planned.grid))]


def test_a_killed_process_loses_and_doubles_nothing() -> None:
    planned = plan(parsed(NET), Given(rounding="floor"), {"depth": "1..100", "width": "1..4"})
    found = []
    with worker_pool(2) as workers:
        for number, (_, rows) in enumerate(stream(planned, workers)):
            found += [tuple(variant.values.values()) for variant in rows]
            if number == 0:
                pool = getattr(workers, "executor")  # noqa: B009
                os.kill(next(iter(pool._processes)), signal.SIGKILL)
    assert found == [planned.grid.cells(number) for number in range(len(planned.grid))]


def test_processes_that_always_die(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = plan(parsed(NET), Given(rounding="floor"), {"depth": "1..4"})
    monkeypatch.setattr(sweeping, "rows", os._exit)
    monkeypatch.setattr("cnncalc.workers.pool._Processes.submit", _submit_death)
    with (
        pytest.raises(WorkersLost, match="a worker died 3 times, at depth=1"),
        worker_pool(2) as workers,
    ):
        list(stream(planned, workers))


def _submit_death(pool: object, *_: object) -> object:
    return getattr(pool, "executor").submit(os._exit, 1)  # noqa: B009


def test_where() -> None:
    given, vary = Given(rounding="floor"), {"width": "1..8"}
    rows = swept(plan(parsed(NET), given, vary))
    bound = sorted(row.macs or 0 for row in rows)[3]
    kept = swept(plan(parsed(NET), given, vary, f"macs <= {bound} and fits"))
    assert kept == [row for row in rows if (row.macs or 0) <= bound]
    assert len(kept) == 4


def test_rows_that_do_not_fit() -> None:
    planned = plan(parsed(NET), Given(), {"input": "15..18"})
    rows = swept(planned)
    assert [row.fits for row in rows] == [True, False, True, False]
    assert rows[1].problem == "stride-misfit: stem: (16 − 3 + 0)/2 + 1 = 7.5 is not a whole number"
    assert swept(plan(parsed(NET), Given(), {"input": "15..18"}, "not fits")) == rows[1::2]


def test_layers_come_and_go() -> None:
    vary = {"depth": [1, 3], "body.2.kernel": [1, 3]}
    rows = swept(plan(parsed(NET), Given(rounding="floor"), vary))
    assert [row.fits for row in rows] == [False, False, True, True]
    assert rows[0].problem is not None
    assert "there is no layer `body.2`" in rows[0].problem


class TestRanking:
    @pytest.fixture
    def rows(self) -> list[Variant]:
        return list(
            cnncalc.sweep("mobilenet_v2", {"width": "0.5..1.0:0.125", "input": "96..224:64"})
        )

    def test_sort(self, rows: list[Variant]) -> None:
        vary = {"width": "0.5..1.0:0.125", "input": "96..224:64"}
        found = list(cnncalc.sweep("mobilenet_v2", vary, sort="-params,macs"))
        assert found == sorted(rows, key=lambda row: (-(row.params or 0), row.macs))

    def test_pareto(self, rows: list[Variant]) -> None:
        """Against all pairs."""
        vary = {"width": "0.5..1.0:0.125", "input": "96..224:64"}
        found = list(cnncalc.sweep("mobilenet_v2", vary, pareto=["macs", "-width", "-input"]))

        def vector(row: Variant) -> list[float]:
            return [
                row.number("macs") or 0,
                -(row.number("width") or 0),
                -(row.number("input") or 0),
            ]

        def beats(one: list[float], other: list[float]) -> bool:
            return one != other and all(a <= b for a, b in zip(one, other, strict=True))

        front = [r for r in rows if not any(beats(vector(o), vector(r)) for o in rows)]
        assert found == front

    def test_what_does_not_fit_comes_last_and_is_on_no_front(self) -> None:
        vary = {"input": "224..228"}
        assert [row.fits for row in cnncalc.sweep("alexnet", vary, sort="-macs")][:2] == [
            True,
            False,
        ]
        assert [row.values["input"] for row in cnncalc.sweep("alexnet", vary, pareto="macs")] == [
            "227x227x3"
        ]


class TestResume:
    COLUMNS = ("question", "depth", "width", "fits")

    @pytest.fixture
    def planned(self) -> Plan:
        return plan(parsed(NET), Given(rounding="floor"), {"depth": "1..3", "width": "0.5,1,2"})

    def held(self, path: Path, planned: Plan, *, lines: bool = False) -> ResumeState:
        with opened(path) as file:
            return held(file, planned, self.COLUMNS, lines=lines)

    @pytest.mark.parametrize("lines", [False, True])
    def test_every_place_to_be_torn_off(self, planned: Plan, tmp_path: Path, lines: bool) -> None:
        file = tmp_path / "out"
        asked = question(planned)
        if lines:
            rows = [
                f'{{"question": "{asked}", "depth": 1, "width": 0.5, "fits": true}}',
                f'{{"question": "{asked}", "depth": 3, "width": 2, "fits": true}}',
            ]
        else:
            rows = ["question,depth,width,fits", f"{asked},1,0.5,true", f"{asked},3,2,true"]
        text = "".join(f"{row}\n" for row in rows)
        ends = [index + 1 for index, character in enumerate(text) if character == "\n"]
        for length in range(len(text) + 1):
            file.write_text(text[:length], "utf-8", newline="")
            before = self.held(file, planned, lines=lines)
            whole = [end for end in ends if end <= length]
            assert before.size == max(whole, default=0)
            assert before.torn == (before.size < length)
            assert before.points == max(len(whole) - (not lines), 0)
            missing = [0, *range(1, 8), 8][bool(before.points) : 9 - (before.points == 2)]
            assert list(before.missing(9)) == missing

    def test_no_file(self, planned: Plan, tmp_path: Path) -> None:
        before = self.held(tmp_path / "none.csv", planned)
        assert before.columns is None
        assert list(before.missing(9)) == list(range(9))

    def test_rows_of_other_values_are_left_alone(self, planned: Plan, tmp_path: Path) -> None:
        file = tmp_path / "out.csv"
        rows = [
            f"{question(planned)},{values}\n" for values in ("0.5,1", "0.75,1", "0.5,9", "0.5,1")
        ]
        file.write_text("question,width,depth\n" + "".join(rows), "utf-8")
        assert self.held(file, planned).points == 1

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("question,depth,params\n", "out.csv:1: there is no column `width`"),
            ("question,depth,width,classes\n", "out.csv:1: a column `classes` of another sweep"),
            ("question,depth,width,parms\n", "did you mean `params`?"),
            ("question,depth,width\nASKED,1,2,3\n", "out.csv:2: 4 values under 3 columns"),
            ('question,depth,width\n"1\n', "out.csv:2: this is no row of a CSV file"),
            ("question,depth,width\n0123456789ab,1,2\n", "out.csv:2: a row of another question"),
            (
                "question,depth,width\n0123456789ab,1,2",
                "out.csv:2: these are not rows that --resume",
            ),
            ("question,depth,width\nASKED,1,2\n\n", "out.csv:3: "),
            ("question,depth,width\nASKED,1,2\n,1,2\n", "out.csv:3: a row of another question"),
            ("depth,width\n1,2\n", "out.csv:1: these are not rows that --resume wrote"),
            ("question,answer", "out.csv:1: these are not rows that --resume wrote"),
            ("no line end", "out.csv:1: these are not rows that --resume wrote"),
            ("\n", "out.csv:1: these are not rows that --resume wrote"),
            ("\ufeffquestion,depth,width\n", "out.csv:1: these are not rows that --resume wrote"),
            ("x" * 10**6, "out.csv:1: these are not rows that --resume wrote"),
            (
                '{"question": "ASKED", "depth": 1',
                "out.csv:1: these are not rows that --resume wrote",
            ),
        ],
    )
    def test_another_file(self, planned: Plan, tmp_path: Path, text: str, message: str) -> None:
        file = tmp_path / "out.csv"
        text = text.replace("ASKED", question(planned))
        file.write_text(text, "utf-8")
        with pytest.raises(UsageError) as raised:
            self.held(file, planned)
        assert message in str(raised.value)
        assert file.read_text("utf-8") == text

    def test_one_at_a_time(self, planned: Plan, tmp_path: Path) -> None:
        """In another process: locks are between processes."""
        file = tmp_path / "out.csv"
        code = (
            "from pathlib import Path\n"
            "from cnncalc.errors import UsageError\n"
            "from cnncalc.sweep.resume import opened\n"
            "try:\n"
            f"    with opened(Path({str(file)!r})):\n"
            "        print('opened')\n"
            "except UsageError as error:\n"
            "    print(error)\n"
        )

        def other() -> str:
            command = [sys.executable, "-c", code]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout

        with opened(file):
            assert other() == f"{file}: another sweep is writing to it\n"
        assert other() == "opened\n"


class TestQuestion:
    VARY = {"depth": "1..3"}

    def asked(self, text: str = NET, given: Given = Given(), where: str | None = None) -> str:  # noqa: B008
        return question(plan(parsed(text), given, self.VARY, where))

    def test_is_the_same_for_other_values(self) -> None:
        others = [{"depth": "1..3"}, {"depth": "7,9"}]
        assert {question(plan(parsed(NET), Given(), vary)) for vary in others} == {self.asked()}

    def test_is_the_same_in_another_interpreter(self) -> None:
        """Whatever its hashes of texts are."""
        code = (
            "from tests.sweep.test_sweep import TestQuestion\n"
            "print(TestQuestion().asked(where='macs >= 1'))\n"
        )
        told = {
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "PYTHONHASHSEED": seed},
                cwd=Path(__file__).parents[2],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            for seed in ("1", "2")
        }
        assert told == {self.asked(where="macs >= 1")}

    def test_is_another_for_all_else(self) -> None:
        asked = [
            self.asked(),
            self.asked(NET + "\n# a word\n"),
            self.asked(given=Given(set={"width": 2})),
            self.asked(given=Given(set={"width": 1})),
            self.asked(given=Given(input="32x32x3")),
            self.asked(given=Given(input=(33, 33, 3))),
            self.asked(given=Given(rounding="floor")),
            self.asked(given=Given(batch=2)),
            self.asked(given=Given(dtype="int8")),
            self.asked(given=Given(max_layers=1000)),
            self.asked(where="macs >= 1"),
            self.asked(where="macs >= 2"),
            question(plan(parsed(NET), Given(), {"depth": "1..3", "width": "1"})),
            question(plan(parsed(NET), Given(), {"width": "1"})),
        ]
        assert len(set(asked)) == len(asked)

    def test_is_another_for_another_base(self, tmp_path: Path) -> None:
        file, base = tmp_path / "net.yaml", tmp_path / "base.yaml"
        file.write_text("extends: base.yaml\nvars: {depth: 1}\n")
        asked = []
        for text in (NET, NET.replace("\n", "\n\n", 1)):
            base.write_text(text)
            asked.append(question(plan(Network.load(str(file)).tree, Given(), self.VARY)))
        assert asked[0] != asked[1]


@together(
    ("vary", "given", "message"),
    [
        ({"widht": "1"}, Given(), "no variable `widht`; did you mean `width`?"),
        ({"steem.kernel": "1"}, Given(), "no layer `steem`; did you mean `stem`?"),
        ({"stem.kernle": "1"}, Given(), "did you mean `kernel`?"),
        ({"cnv.*.kernel": "1"}, Given(), "there is no kind `cnv`"),
        ({"conv.*.kernle": "1"}, Given(), "did you mean `kernel`?"),
        ({"rounding": "flor"}, Given(), "did you mean `floor`?"),
        ({"input": "big"}, Given(), "`big` is not a volume"),
        ({"input": "0..4"}, Given(), "an axis of 0"),
        ({"input": "16,16x16x3"}, Given(), "16 and 16x16x3 are the same volume"),
        ({"width": "1"}, Given(set={"width": 2}), "width is both set and varied"),
        ({"width": "1"}, Given(batch=0), "`batch`"),
        ({"width": "1"}, Given(dtype="int3"), "there is no dtype `int3`"),
    ],
)
def test_misuse(vary: dict[str, object], given: Given, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        plan(parsed(NET), given, vary)
    assert message in str(raised.value)


def test_several_inputs() -> None:
    text = """\
input: {left: 8x8x3, right: 8x8x3}
layers:
  - {name: a, conv: {filters: 4, kernel: 3}, from: left}
  - {name: b, conv: {filters: 4, kernel: 3}, from: right}
  - concat: [a, b]
"""
    rows = swept(plan(parsed(text), Given(), {"input.left": "8..9", "input.right": "8..9"}))
    assert [row.fits for row in rows] == [True, False, False, True]
    assert rows[3].values == {"input.left": "9x9x3", "input.right": "9x9x3"}
    with pytest.raises(UsageError, match=r"there are input\.left, input\.right"):
        plan(parsed(text), Given(), {"input": "8..9"})


def test_a_key_called_like_a_figure() -> None:
    text = "input: 8x8x3\nvars: {params: 4}\nlayers: [{conv: {filters: $params, kernel: 3}}]\n"
    rows = swept(plan(parsed(text), Given(), {"params": "1..2"}))
    assert [row.record()["vary.params"] for row in rows] == [1, 2]
    assert [row.record()["params"] for row in rows] == [28, 56]


def test_a_wrong_file() -> None:
    with pytest.raises(ValueError, match="there is no such file"):
        cnncalc.sweep("nowhere.yaml", {"a": "1"})
    with pytest.raises(UsageError, match="`jobs`"):
        cnncalc.sweep("lenet5", {"input": "32"}, jobs=0)


def test_variants_share_layers_without_harm() -> None:
    """The same network again, after many others, is the same."""
    document = Network.load("resnet18").tree
    forward = swept(plan(document, Given(), {"rounding": "floor,ceil", "input": "200..232:16"}))
    backward = swept(plan(document, Given(), {"rounding": "ceil,floor", "input": "232,216,200"}))
    by_point = {(row.values["rounding"], row.values["input"]): row.macs for row in backward}
    assert len(forward) == 6
    for row in forward:
        assert row.macs == by_point[row.values["rounding"], row.values["input"]]
