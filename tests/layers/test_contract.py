"""What every kind owes: options that say what they are, a page in the manual, figures that hold."""

from __future__ import annotations

import pickle
from math import prod
from typing import Any

import pytest

from cnncalc.geometry import Rounding
from cnncalc.layers import manual, registry
from cnncalc.layers.base import Inferred, Layer, Role
from cnncalc.volume import Volume
from tests.layers.samples import SAMPLES, item
from tests.networks import report
from tests.together import together

KINDS = list(registry.KINDS)

FLOOR = (Rounding.FLOOR,) * 3


def in_tuples(options: dict[str, Any]) -> dict[str, Any]:
    """Options as the builder hands them over: lists are tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}


def pickled(layer: Layer) -> Layer:
    copy: Layer = pickle.loads(pickle.dumps(layer))
    return copy


def inferred(kind: str) -> Inferred:
    """What the sample of a kind amounts to."""
    sample, layer = SAMPLES[kind], registry.KINDS[kind]
    volumes = (Volume(sample.volume),) * (2 if layer.merges else 1)
    return layer(**in_tuples(sample.options)).infer(volumes, FLOOR)


def test_every_kind_of_the_language_is_there() -> None:
    """The table in section 3 of the language."""
    named = """conv depthwise_conv separable_conv conv_transpose locally_connected dense max_pool
        avg_pool global_avg_pool global_max_pool adaptive_avg_pool adaptive_max_pool batch_norm
        layer_norm group_norm instance_norm lrn scale relu relu6 leaky_relu elu selu gelu silu mish
        sigmoid hard_sigmoid hard_swish tanh softplus softmax log_softmax exp prelu dropout
        drop_path flatten reshape permute pad crop upsample resize pixel_shuffle pixel_unshuffle
        channel_shuffle slice add multiply subtract maximum average concat identity custom
        attention matmul lstm gru rnn embedding rescale reduce minimum glu hard_tanh l2_norm
        rms_norm grn blur_pool parameter"""
    assert set(named.split()) <= set(KINDS)


def test_every_kind_has_a_sample() -> None:
    assert set(SAMPLES) == set(KINDS)


@together("kind", KINDS)
def test_the_sample_speaks_of_every_option(kind: str) -> None:
    sample, known = SAMPLES[kind], registry.KINDS[kind].options
    assert {*sample.options, *sample.apart} == set(known)
    for options in sample.settings():
        for name, value in options.items():
            assert known[name].required or value != known[name].default, name


@together("kind", KINDS)
def test_layers_are_frozen_and_take_no_other_option(kind: str) -> None:
    layer, options = registry.KINDS[kind], in_tuples(SAMPLES[kind].options)
    made = layer(**options)
    for name in ("kind", *layer.options):
        with pytest.raises(AttributeError):
            setattr(made, name, 1)
    with pytest.raises(TypeError):
        layer(**options, nonsense=1)


@together("kind", KINDS)
def test_layers_are_equal_however_they_were_made(kind: str) -> None:
    layer, sample = registry.KINDS[kind], SAMPLES[kind]
    made = layer(**in_tuples(sample.options))
    required = {name: value for name, value in in_tuples(sample.options).items()
                if layer.options[name].required}  # fmt: skip
    default = layer(**required)
    reported = default.with_options(**default.values)
    for one, other in [(made, layer(**made.values)), (default, reported), (made, pickled(made))]:
        assert one == other
        assert hash(one) == hash(other)
        assert [*map(type, one.values.values())] == [*map(type, other.values.values())]
    assert default.given.keys() == required.keys()
    assert reported.given == reported.values == default.values
    assert (made == default) == (required.keys() == sample.options.keys())


@together("kind", KINDS)
def test_options_say_what_they_are(kind: str) -> None:
    layer = registry.KINDS[kind]
    assert layer.default_option is None or layer.default_option in layer.options
    for name, option in layer.options.items():
        assert option.name == name
        assert option.description, name
        assert not option.description.endswith("."), name
        assert name == name.lower()


@together("kind", KINDS)
def test_the_page_of_the_manual(kind: str) -> None:
    page = manual.page(kind)
    rules = dict(page.rules)
    assert page.summary.endswith(".")
    assert len(rules) == len(page.rules), "a label stands twice"
    assert "Output" in rules
    main = registry.KINDS[kind].default_option
    assert [option.name for option in page.options if option.is_main] == ([main] if main else [])


@together("kind", KINDS)
def test_the_page_speaks_of_all_that_is_counted(kind: str) -> None:
    reported, rules = inferred(kind), dict(manual.page(kind).rules)
    for role, label in ((Role.WEIGHTS, "Weights"), (Role.BIASES, "Biases"), (Role.STATE, "State")):
        if reported.count(role):
            assert label in rules
    if reported.macs:
        assert "MACs" in rules
    if reported.macs or reported.operations:
        assert "FLOPs" in rules


@together("kind", KINDS)
def test_figures_hold_together(kind: str) -> None:
    reported = inferred(kind)
    rank = SAMPLES[kind].volume[:-1]
    assert isinstance(reported.output, Volume)
    assert reported.macs >= 0 <= reported.operations
    assert reported.reach is None or len(reported.reach) in (0, len(rank))
    assert len(reported.windows) in (0, len(rank))
    assert len(reported.unread) in (0, len(rank))
    assert len({tensor.name for tensor in reported.tensors}) == len(reported.tensors)
    for tensor in reported.tensors:
        assert tensor.size == prod(tensor.shape) > 0


@together("kind", KINDS)
def test_the_file_says_what_the_class_says(kind: str) -> None:
    """Options in a file are read to the same layer as options in Python."""
    reported = inferred(kind)
    result = report(SAMPLES[kind].volume, item(kind), rounding="floor")
    (row,) = [row for row in result.rows if row.kind == kind]
    assert row.output_shape == reported.output
    assert (row.weights, row.biases) == (reported.count(Role.WEIGHTS), reported.count(Role.BIASES))
    assert (row.state, row.macs) == (reported.count(Role.STATE), reported.macs)
    assert row.flops == 2 * reported.macs + reported.operations
    assert row.declared == reported.declared


@together("kind", [k for k in KINDS if registry.KINDS[k].default_option])
def test_the_main_option_may_stand_alone(kind: str) -> None:
    layer, sample = registry.KINDS[kind], SAMPLES[kind]
    main = layer.default_option
    assert main is not None
    required = {name for name, option in layer.options.items() if option.required}
    rest = {name: sample.options[name] for name in required - {main}}
    value = sample.options[main]
    written = report(sample.volume, {kind: {main: value}}, defaults={kind: rest}, rounding="floor")
    alone = report(sample.volume, {kind: value}, defaults={kind: rest}, rounding="floor")
    assert [row._replace(column=0) for row in alone.rows] == [
        row._replace(column=0) for row in written.rows
    ]


def test_only_kinds_with_weights_or_windows_need_options() -> None:
    """A file may name most kinds without a word more."""
    needing = {kind for kind, layer in registry.KINDS.items()
               if any(option.required for option in layer.options.values())}  # fmt: skip
    assert needing == {
        *("conv", "depthwise_conv", "separable_conv", "conv_transpose", "locally_connected"),
        *("dense", "max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool"),
        *("reshape", "permute", "pad", "crop", "upsample", "resize"),
        *("pixel_shuffle", "pixel_unshuffle", "channel_shuffle"),
        *("attention", "embedding", "reduce"),
    }
