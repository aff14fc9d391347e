"""Arguments of PyTorch's and Keras' classes on sequences that are no options of their kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.diagnostics import RuleError
from cnncalc.layers import forms
from cnncalc.layers.arguments import (
    Argument,
    IncomingChannels,
    Never,
    Only,
    Read,
    Translated,
    Values,
)
from cnncalc.layers.axes import SPATIAL
from cnncalc.layers.base import Layer
from cnncalc.layers.recurrent import Recurrent
from cnncalc.layers.translations import is_none, the_same
from cnncalc.volume import Volume

_ANYTHING = Argument()
_ONE_OUTPUT = Only(False, why="a layer has one output here", instead="leave it out")


class Backwards(Read):
    """Keras' `go_backwards`. The outputs of all steps come last step first there."""

    option = "direction"

    def give(self, value: Any, values: Values) -> None:
        if not isinstance(value, bool):
            raise RuleError("wrong-type", "`go_backwards` takes true or false")
        if value:
            values["direction"] = "backward"

    def hold(self, name: str, value: Any, layer: Layer, volume: Volume) -> None:
        if value and isinstance(layer, Recurrent) and layer.gives_sequence:
            message = "Keras gives the outputs of all steps last step first with `go_backwards`"
            help = ["say `direction: backward` for those of each step in its place"]
            raise RuleError("bad-value", message, help=help)

    def schema(self) -> forms.Form:
        return {"type": ["boolean"]}


def _attended(value: Any) -> Any:
    return SPATIAL if is_none(value) else value


_RECURRENT: Mapping[str, Argument] = {
    "input_size": IncomingChannels(),
    **dict.fromkeys(
        ("batch_first", "time_major", "stateful", "unroll", "use_cudnn", "seed"), _ANYTHING
    ),
    **dict.fromkeys(("implementation", "recurrent_dropout", "zero_output_for_mask"), _ANYTHING),
    "return_state": _ONE_OUTPUT,
    "go_backwards": Backwards(),
}
_GATED: Mapping[str, Argument] = {
    **_RECURRENT,
    "activation": Only("tanh", why="what a step adds passes a tanh here"),
    "recurrent_activation": Only("sigmoid", why="the gates are sigmoids here"),
}
_LOOKED_UP = "vectors are looked up as they are"
_NEITHER = "Keras' Attention has neither heads nor projections, and does not divide the scores"
_UNPROJECTED = "the nearest is `attention: {heads: 1, project: false}`"

ARGUMENTS: dict[str, Mapping[str, Argument]] = {
    "lstm": {
        **_GATED,
        "unit_forget_bias": _ANYTHING,
        "proj_size": Only(0, why="the state is not projected here", instead="leave it out"),
    },
    "gru": _GATED,
    "rnn": {
        **_RECURRENT,
        "activation": Translated("nonlinearity", the_same, forms.words("tanh", "relu")
                                 | {"type": ["string"]}),
        "cell": Never("Keras' RNN goes through the steps of any cell",
                      "say `lstm`, `gru` or `rnn` for the cells that are here"),
    },
    "attention": {
        "embed_dim": IncomingChannels(),
        "kdim": IncomingChannels(source=1),
        "vdim": IncomingChannels(source=2),
        **dict.fromkeys(("batch_first", "flash_attention", "seed"), _ANYTHING),
        "add_bias_kv": Only(False, why="no vectors are added to keys and values here"),
        "add_zero_attn": Only(False, why="no zeros are added to keys and values here"),
        "attention_axes": Translated("axes", _attended),
        "sliding_window": Only(why="a position sees all others, or those before it"),
        "use_gate": Only(False, why="there is no gate here", instead="leave it out"),
        "use_scale": Never(_NEITHER, _UNPROJECTED),
        "score_mode": Never(_NEITHER, _UNPROJECTED),
    },
    "embedding": {
        "input_length": IncomingChannels(),
        **dict.fromkeys(("padding_idx", "norm_type", "scale_grad_by_freq", "sparse"), _ANYTHING),
        "max_norm": Only(why=_LOOKED_UP),
        "mask_zero": Only(False, why="no step is left out here, whatever its token"),
        "_weight": Only(why="the vectors are a file's", instead="leave it out"),
        "weights": Only(why="the vectors are a file's", instead="leave it out"),
        "_freeze": Only(False, why="it is `trainable: false` beside the kind",
                        instead="such as `{embedding: …, trainable: false}`"),
    },
}  # fmt: skip
"""Of each kind the arguments of its classes that are no options of it."""
