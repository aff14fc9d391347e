"""Plans: every kind has one, values live as long as they are needed, affine steps fold away."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cnncalc import bundled
from cnncalc.execution import buffers
from cnncalc.execution.buffers import arena, lives, peak
from cnncalc.execution.folding import folded
from cnncalc.execution.plan import ArrayName, plan
from cnncalc.execution.reference import backend
from cnncalc.execution.reference.backend import Reference, Work
from cnncalc.execution.weights import Array, Weights, random_input
from cnncalc.graph.builder import build
from cnncalc.graph.graph import Graph
from cnncalc.language.inheritance import parse_file
from cnncalc.layers import registry
from cnncalc.report.memory import peak_elements
from cnncalc.yaml.reading import read
from tests.execution.networks import Chosen, computed, graph, whole
from tests.layers.samples import SAMPLES, of
from tests.networks import Item, branching, written
from tests.together import together


def bundled_network(name: str) -> Graph:
    path = bundled.find(name)
    assert path is not None
    document, _ = parse_file(read(str(path)), path)
    assert document is not None
    return build(document)


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_kind_runs_with_every_option(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In single precision throughout, with the volumes and MACs that were inferred."""
    made_of: list[np.dtype[np.floating]] = []

    def watched(work: Callable[[Work], Array]) -> Callable[[Work], Array]:
        def watching(job: Work) -> Array:
            y = work(job)
            made_of.append(y.dtype)
            return y

        return watching

    monkeypatch.setattr(backend, "WORK", {o: watched(work) for o, work in backend.WORK.items()})
    sample = SAMPLES[kind]
    for options in sample.settings():
        made = graph(written(sample.volume, of(kind, options), rounding="floor"))
        planned = plan(made)
        program = Reference().bind(
            Reference().schedule(planned, 2, 1), Weights(made), lambda _: None
        )
        x = random_input(0, "input", made.inputs["input"], 2)
        (y,) = program.run({"input": x}).values()
        assert y.shape == (2, *made.volume(len(made.nodes) - 1))
        assert set(made_of) == {np.dtype(np.float32)}
        assert np.isfinite(y).all()
        macs = dict.fromkeys(range(len(made.nodes)), 0)
        for piece, seen in zip(program.pieces, program.observed(), strict=True):
            macs[piece.nodes[0]] += seen.macs
        counted = [2 * n.inferred.macs * (not n.inferred.declared) for n in made.nodes]
        assert list(macs.values()) == counted


@together("name", bundled.names())
@pytest.mark.slow
def test_every_bundled_file_has_a_plan(name: str) -> None:
    made = bundled_network(name)
    planned = plan(made)
    assert {step.nodes[0] for step in planned.steps} == set(range(len(made.nodes)))
    for step in planned.steps:
        assert all(value < step.output for value in step.inputs)
    weights = sum(tensor.size for node in made.nodes if node.owner is None and
                  not node.inferred.declared for tensor in node.inferred.tensors)  # fmt: skip
    assert Reference().schedule(planned, 1, 1).bytes > 4 * (weights + peak_elements(made))


class TestLives:
    @pytest.mark.parametrize("name", ["lenet5", "resnet18", "googlenet", "unet"])
    def test_the_peak_is_the_one_reported(self, name: str) -> None:
        made = bundled_network(name)
        planned = plan(made)
        assert peak(planned, [v.size for v in planned.values]) == peak_elements(made)

    @pytest.mark.parametrize("many", [0, 2_000])
    @pytest.mark.parametrize("seed", range(20))
    def test_values_that_live_together_do_not_overlap(
        self, seed: int, many: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whether the largest or the earliest are placed first."""
        monkeypatch.setattr(buffers, "MANY", many)
        planned = plan(graph(branching(seed)))
        sizes = [volume.size for volume in planned.values]
        placed, alive = arena(planned, sizes, align=16), lives(planned)
        for a, life in enumerate(alive):
            assert placed.offsets[a] % 16 == 0
            assert placed.offsets[a] + sizes[a] <= placed.size
            for b, other in enumerate(alive[:a]):
                if life.first <= other.last and other.first <= life.last:
                    start, stop = placed.offsets[b], placed.offsets[b] + sizes[b]
                    assert placed.offsets[a] + sizes[a] <= start or stop <= placed.offsets[a]
        assert peak(planned, sizes) <= placed.size < sum(sizes) + 16 * len(sizes)

    def test_a_chain_takes_turns_in_two_places(self) -> None:
        planned = plan(graph(written([8, 8], *["relu"] * 10)))
        assert arena(planned, [64] * 11).size == 128


NORM: list[Item] = ["batch_norm"]


def steps(text: str) -> tuple[int, int]:
    planned = plan(graph(text))
    return len(planned.steps), len(folded(planned).steps)


class TestFolding:
    @pytest.mark.parametrize(
        "item",
        [
            {"conv": {"filters": 4, "kernel": 3}},
            {"conv": {"filters": 4, "kernel": 3, "bias": False, "groups": 2}},
            {"depthwise_conv": {"kernel": 3, "multiplier": 2}},
            {"separable_conv": {"filters": 4, "kernel": 3, "bias": False}},
            {"conv_transpose": {"filters": 4, "kernel": 3, "stride": 2, "groups": 2}},
            {"locally_connected": {"filters": 4, "kernel": 3, "bias": False}},
            {"locally_connected": {"filters": 4, "kernel": 3}},
            {"dense": 4},
        ],
    )
    def test_the_result_is_the_same_up_to_rounding(self, item: Item) -> None:
        norm = {"batch_norm": {"eps": 0.1}}
        made = graph(written([5, 6, 4], item, norm, {"scale": {"bias": True}}))
        x = {"input": whole("x", (2, 5, 6, 4))}
        planned = plan(made)
        (expected,) = computed(planned, Chosen(made), x).values()
        (y,) = computed(folded(planned), Chosen(made), x).values()
        assert len(planned.steps) - len(folded(planned).steps) == 2
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-4)

    @pytest.mark.parametrize("left_out", ["affine", "scale", "bias"])
    def test_norms_without_a_scale_or_a_shift(self, left_out: str) -> None:
        norm = {"batch_norm": {left_out: False}}
        conv = {"conv": {"filters": 3, "kernel": 2}}
        made, bare = graph(written([5, 4], conv, norm)), graph(written([5, 4], conv))
        x = {"input": whole("x", (2, 5, 4))}
        (y,) = computed(folded(plan(made)), Chosen(made), x).values()
        (before,) = computed(plan(bare), Chosen(bare), x).values()
        own = {t.name: Chosen(made).array(ArrayName(1, t.name))
               for t in made.nodes[1].inferred.tensors}  # fmt: skip
        scale, shift = own.get("weight", 1.0), own.get("bias", 0.0)
        centred = (before - own["running_mean"]) / np.sqrt(own["running_var"] + 1e-5)
        expected = centred * scale + shift
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)

    @pytest.mark.parametrize(
        ("items", "gone"),
        [
            ([{"conv": 4}, "batch_norm"], 1),
            ([{"conv": 4}, {"batch_norm": {"affine": False}}, "scale"], 2),
            ([{"conv": 4}, {"batch_norm": {"scale": False}}], 1),
            ([{"conv": 4}, "relu", "batch_norm"], 0),
            (["batch_norm", {"conv": 4}], 0),
            ([{"max_pool": 1}, "batch_norm"], 0),
            ([{"conv": 4}, {"layer_norm": {}}], 0),
            # Something else reads what the convolution makes.
            ([{"conv": 4}, {"add": [NORM, []]}], 0),
            ([{"conv": 4}, {"add": [NORM, ["relu", *NORM]]}], 0),
        ],
    )
    def test_what_folds(self, items: list[Item], gone: int) -> None:
        before, after = steps(written([5, 5, 4], *items, defaults={"conv": {"kernel": 1}}))
        assert before - after == gone

    def test_what_is_an_output_does_not_fold(self) -> None:
        items = [
            {"name": "c", "conv": {"filters": 4, "kernel": 1}},
            {"name": "n", "batch_norm": {}},
        ]
        assert steps(written([5, 5, 4], *items)) == (2, 1)
        assert steps(written([5, 5, 4], *items, outputs=["c", "n"])) == (2, 2)

    def test_shared_weights_fold_each_with_its_own_norm(self) -> None:
        conv = {"conv": {"filters": 4, "kernel": 3, "padding": 1}}
        made = graph(written([5, 5, 4], {"name": "a", **conv}, "batch_norm",
                             {"name": "b", "share": "a", **conv}, "batch_norm"))  # fmt: skip
        x = {"input": whole("x", (1, 5, 5, 4))}
        planned = plan(made)
        assert len(folded(planned).steps) == 2
        (expected,) = computed(planned, Chosen(made), x).values()
        (y,) = computed(folded(planned), Chosen(made), x).values()
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-2)
