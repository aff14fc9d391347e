"""Layers that go through a sequence step by step, with a state."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from cnncalc.diagnostics import RuleError
from cnncalc.layers.base import Inferred, Layer, Option, Role, RoundingPerAxis, Tensor
from cnncalc.layers.forms import Form
from cnncalc.layers.options import Count, Flag, Rate, Word, bad_value
from cnncalc.volume import Volume


class Direction(StrEnum):
    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"


class DirectionOption(Word[Direction]):
    """A word of ours or ONNX'."""

    words: Mapping[str, Direction] = {str(way): way for way in Direction} | {
        "reverse": Direction.BACKWARD,
        "bidirectional": Direction.BOTH,
    }


class Depth(Count):
    """A number of layers: each has arrays of its own, so that there cannot be any number."""

    most = 1000

    def read(self, value: object) -> int:
        number = super().read(value)
        if number > self.most:
            raise bad_value(f"must be {self.most} or less, not {number}")
        return number

    def schema(self) -> Form:
        return {**super().schema(), "maximum": self.most}


class Nonlinearity(Word[str]):
    words = {"tanh": "tanh", "relu": "relu"}


class Recurrent(Layer):
    """What recurrent layers share: their size, directions, biases and what they give."""

    gates: ClassVar[int]
    elementwise: ClassVar[int]
    """Operations for each unit and step beside products and biases."""
    bias_vectors: ClassVar[int] = 1
    """Vectors of biases in Keras."""
    default_option = "units"

    units: Option[int | None] = Count(
        "numbers of the state, as in Keras: the last output, and Keras' biases",
        default=None,
        none_means="hidden_size",
    )
    hidden_size: Option[int | None] = Count(
        "the same as in PyTorch: the outputs of all steps, and two vectors of biases",
        default=None,
        none_means="units",
    )
    sequence: Option[bool | None] = Flag(
        "whether the outputs of all steps are given, or the last one alone",
        "return_sequences",
        default=None,
        none_means="true with hidden_size",
    )
    direction = DirectionOption(
        "forward, backward, or both: the outputs of both side by side", default=Direction.FORWARD
    )
    bidirectional: Option[bool | None] = Flag(
        "PyTorch's word: true is `direction: both`", default=None
    )
    layers = Depth("layers, each on the outputs of the one before", "num_layers", default=1)
    bias = Flag("whether there are biases", "use_bias", default=True)
    biases: Option[int | None] = Count(
        "vectors of biases for each gate: 1, or 2 where input and state have one each",
        default=None,
        none_means="2 with hidden_size, otherwise Keras'",
    )
    dropout = Rate("share of numbers that training drops", default=0.0)

    @property
    def size(self) -> int:
        """Numbers of the state. Raises `RuleError` where there is not one option for it."""
        if self.units is not None and self.hidden_size is not None:
            raise RuleError(
                "bad-value", "`units` and `hidden_size` say the same: leave one out",
                at="hidden_size",
            )  # fmt: skip
        size = self.hidden_size if self.units is None else self.units
        if size is None:
            raise RuleError(
                "missing-option",
                f"{self.kind} needs `units`",
                help=("`units` as in Keras, or `hidden_size` as in PyTorch",),
            )
        return size

    @property
    def gives_sequence(self) -> bool:
        return self.units is None if self.sequence is None else self.sequence

    @property
    def vectors(self) -> int:
        """Vectors of biases for each gate."""
        if not self.bias:
            if self.biases is not None:
                message = "`biases` has no place beside `bias: false`"
                raise RuleError("bad-value", message, at="biases")
            return 0
        if self.biases is None:
            return self.bias_vectors if self.hidden_size is None else 2
        if self.biases > 2:
            message = f"a gate has 1 or 2 vectors of biases, not {self.biases}"
            raise RuleError("bad-value", message, at="biases")
        return self.biases

    @property
    def ways(self) -> tuple[str, ...]:
        """What names of arrays end in, for each direction."""
        forward, backward = "", "_reverse"
        if self.bidirectional and self.direction is Direction.BACKWARD:
            message = "`bidirectional: true` contradicts `direction: backward`"
            raise RuleError("bad-value", message, at="bidirectional")
        if self.direction is Direction.BOTH or self.bidirectional:
            return forward, backward
        return (forward,) if self.direction is Direction.FORWARD else (backward,)

    @property
    def steps(self) -> int:
        return self.elementwise

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        (volume,) = inputs
        size = self.size
        if volume.rank != 1:
            raise RuleError(
                "rank-mismatch",
                f"{self.kind} goes through one spatial axis, and its input {volume} has "
                f"{volume.rank or 'none'}",
                help=(
                    f"a single step is 1x{volume}"
                    if volume.rank == 0
                    else f"`reshape: [-1, {volume.channels}]` before it makes one of them",
                ),
            )
        (length,) = volume.spatial
        tensors: list[Tensor] = []
        macs = 0
        channels = volume.channels
        for layer in range(self.layers):
            for way in self.ways:
                columns = self.gates * size
                end = f"l{layer}{way}"
                tensors.append(Tensor(f"weight_ih_{end}", Role.WEIGHTS, (channels, columns)))
                tensors.append(Tensor(f"weight_hh_{end}", Role.WEIGHTS, (size, columns)))
                tensors.extend(
                    Tensor(f"bias_{side}_{end}", Role.BIASES, (columns,))
                    for side in ("ih", "hh")[: self.vectors]
                )
                macs += length * (channels + size) * columns
            channels = size * len(self.ways)
        each = self.steps + self.gates * self.vectors
        return Inferred(
            Volume((length, channels) if self.gives_sequence else (channels,)),
            tuple(tensors),
            macs,
            operations=self.layers * len(self.ways) * length * size * each,
            reach=None,
        )


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates).

    Output: TxU, or U with `sequence: false`; twice U with both directions
    Weights: 4·(C + U)·U for each layer and direction
    Biases: 4·U with `units` as in Keras, 8·U with `hidden_size` as in PyTorch
    MACs: T·4·(C + U)·U: the products that ptflops counts in rnn_flops
    FLOPs: 2·MACs, and for each unit and step one addition for each bias and 9 (four gates, three
        products, a sum, a tanh)
    Example: {lstm: 256} on 10x4096 gives 256, 4456448 weights, 1024 biases, 44564480 MACs
    Example: {lstm: {hidden_size: 256, direction: both}} on 10x4096 gives 10x512, 8912896 weights,
        4096 biases, 89128960 MACs
    """

    kind = "lstm"
    gates = 4
    elementwise = 9


class GRU(Recurrent):
    """Gated recurrent unit (Cho et al. 2014).

    Output: TxU, or U with `sequence: false`; twice U with both directions
    Weights: 3·(C + U)·U for each layer and direction
    Biases: 6·U; 3·U with `reset_after: false`
    MACs: T·3·(C + U)·U: the products that ptflops counts in rnn_flops
    FLOPs: 2·MACs, and for each unit and step one addition for each bias and 8 (three gates, the
        reset with its sum, three for the step between states), 7 with `reset_after: false`
    Example: {gru: 32} on 10x32 gives 32, 6144 weights, 192 biases, 61440 MACs
    """

    kind = "gru"
    gates = 3
    elementwise = 8
    bias_vectors = 2

    reset_after = Flag(
        "whether the reset gate comes after the product with the state, as in PyTorch and Keras, "
        "or before it",
        default=True,
    )

    @property
    def vectors(self) -> int:
        told = self.biases is not None or not self.bias or self.hidden_size is not None
        return super().vectors if told or self.reset_after else 1

    @property
    def steps(self) -> int:
        return self.elementwise if self.reset_after else self.elementwise - 1


class RNN(Recurrent):
    """The plain recurrent layer: tanh of what comes in and of the state (Elman 1990).

    Output: TxU, or U with `sequence: false`; twice U with both directions
    Weights: (C + U)·U for each layer and direction
    Biases: U with `units` as in Keras, 2·U with `hidden_size` as in PyTorch
    MACs: T·(C + U)·U: the products that ptflops counts in rnn_flops
    FLOPs: 2·MACs, and for each unit and step one addition for each bias and 1
    Example: {rnn: 32} on 10x16 gives 32, 1536 weights, 32 biases, 15360 MACs
    """

    kind = "rnn"
    aliases = ("SimpleRNN",)
    gates = 1
    elementwise = 1

    nonlinearity = Nonlinearity("tanh or relu", default="tanh")
