"""What single classes of PyTorch and Keras refuse, or do otherwise, however their arguments are
spelled. Each raises `RuleError`."""

from __future__ import annotations

from cnncalc.diagnostics import RuleError
from cnncalc.layers.base import Layer
from cnncalc.layers.options import per_axis
from cnncalc.volume import Volume


def no_strided_same(layer: Layer, volume: Volume) -> None:
    """PyTorch refuses `same` beside a stride, and TensorFlow rounds up."""
    strides = per_axis(layer.values["stride"], volume.rank, "stride")
    if layer.values["padding"] == "same" and any(stride != 1 for stride in strides):
        raise RuleError(
            "bad-value",
            "PyTorch's convolutions have no `padding: same` beside a stride",
            at="padding",
            help=["say `conv`: there it is TensorFlow's, ceil(W/S) positions"],
        )


def keras_transpose(layer: Layer, volume: Volume) -> None:
    """Keras makes W·S of W where a kernel is smaller than its stride; `same` does so as well."""
    values = layer.values
    if values["padding"] not in (0, "valid") or values["output_padding"]:
        return
    sides = [per_axis(values[name], volume.rank, name) for name in ("kernel", "stride", "dilation")]
    for kernel, stride, dilation in zip(*sides, strict=True):
        if dilation * (kernel - 1) + 1 < stride:
            raise RuleError(
                "bad-value",
                f"Keras makes {stride}·W of W with a kernel smaller than the stride {stride}, not "
                f"{stride}·(W − 1) + {dilation * (kernel - 1) + 1}",
                at="kernel",
                help=["say `padding: same` for what Keras does, or `conv_transpose`"],
            )
