"""Learned arrays: drawn from a seed, each by its layer's name, so that order plays no part.

Weights are uniform with the variance 2/fan-in of He et al. 2015, biases uniform within
1/√fan-in. Factors of normalisations lie around 1, shifts around 0, and so do running means and
variances: a network that was never trained has no others.
"""

from __future__ import annotations

from hashlib import blake2b
from math import comb, prod, sqrt

import numpy as np
import numpy.typing as npt

from cnncalc.execution.plan import Affine, ArrayName, Step
from cnncalc.graph.graph import Graph, Node
from cnncalc.layers import activation, convolution, normalization, plain, pooling, sequence
from cnncalc.layers.base import Role, Tensor
from cnncalc.volume import Volume

Array = npt.NDArray[np.floating]

SLOPE = 0.25
"""What the slopes of a PReLU start from (He et al. 2015)."""

_NORMALIZATIONS = (
    normalization.BatchNorm,
    normalization.LayerNorm,
    normalization.GroupNorm,
    normalization.InstanceNorm,
    normalization.RMSNorm,
    normalization.GRN,
)
_AROUND_ONE = ("weight", "running_var")


def drawn(seed: int, *names: str) -> np.random.Generator:
    """A source of numbers of its own for every seed and names."""
    digest = blake2b("\0".join((str(seed), *names)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.SFC64(np.frombuffer(digest, np.uint32).tolist()))


def random_input(seed: int, name: str, volume: Volume, batch: int) -> Array:
    """Normal numbers (batch, *volume), float32; the first images are the same in every batch."""
    return drawn(seed, "input", name).standard_normal((batch, *volume), np.float32)


class Weights:
    """The arrays of a network, float32. Layers that share their weights share arrays.

    An array is made when it is asked for and not kept: a backend packs it as it likes.
    """

    def __init__(self, graph: Graph, seed: int = 0) -> None:
        self.graph = graph
        self.seed = seed

    def array(self, name: ArrayName) -> Array:
        """An array as the layer has it, (*F, channels in, channels out) for kernels."""
        node = self.graph.nodes[name.node]
        tensor = next(t for t in node.inferred.tensors if t.name == name.name)
        return self._made(node, tensor)

    def of(self, step: Step) -> dict[str, Array]:
        """The arrays of a step by role, with what is folded into them worked in."""
        arrays = {role: self.array(name) for role, name in step.arrays.items()}
        layer = self.graph.nodes[step.nodes[0]].layer
        if isinstance(layer, convolution.Conv) and layer.standardize:
            arrays["weight"] = standardized(arrays["weight"])
        for affine in step.folded:
            arrays = self._scaled(arrays, affine)
        return arrays

    def _scaled(self, arrays: dict[str, Array], affine: Affine) -> dict[str, Array]:
        """weight·a and bias·a + b, in double precision. The last axis of both is the channel."""
        factor, shift = self.affine(affine)
        bias = arrays.get("bias", np.zeros(1))
        weight = arrays["weight"]
        # In place, number by number: a copy in double precision of all weights takes time.
        np.multiply(weight, factor, out=weight, casting="same_kind")
        return {"weight": weight, "bias": (bias * factor + shift).astype(np.float32)}

    def affine(self, affine: Affine) -> tuple[Array, Array]:
        """The factor and the summand of each channel, float64."""
        have = {role: self.array(name).astype(np.float64) for role, name in affine.arrays.items()}
        factor = have.get("weight", np.ones(1))
        if "running_var" in have:
            factor = factor / np.sqrt(have["running_var"] + affine.eps)
        shift = have.get("bias", np.zeros(1))
        if "running_mean" in have:
            shift = shift - have["running_mean"] * factor
        return factor, shift

    def _made(self, node: Node, tensor: Tensor) -> Array:
        layer, shape = node.layer, tensor.shape
        if isinstance(layer, normalization.Scale) and tensor.name == "weight":
            return np.full(shape, layer.init, np.float32)
        if isinstance(layer, activation.PReLU):
            return np.full(shape, SLOPE, np.float32)
        if isinstance(layer, pooling.BlurPool):
            return binomial(shape)
        random = drawn(self.seed, node.name, tensor.name).random(shape, np.float32)
        random *= 2
        random -= 1
        if isinstance(layer, (*_NORMALIZATIONS, normalization.Scale)):
            random *= np.float32(0.25)
            random += np.float32(tensor.name in _AROUND_ONE)
            return random
        spread = 6 if tensor.role is Role.WEIGHTS else 1
        random *= np.float32(sqrt(spread / _fan_in(node, tensor)))
        return random


WEIGHTS_EPS = 1e-6
"""What is added to the variance of a filter that is standardised, as in Big Transfer."""


def standardized(weight: Array) -> Array:
    """Every filter (…, K) less its mean, over the root of its variance."""
    axes = tuple(range(weight.ndim - 1))
    deviation = weight - weight.mean(axes, np.float64, keepdims=True)
    variance = (deviation**2).mean(axes, keepdims=True)
    result: Array = (deviation / np.sqrt(variance + WEIGHTS_EPS)).astype(weight.dtype)
    return result


def binomial(shape: tuple[int, ...]) -> Array:
    """A filter (*F, 1, C) whose numbers add up to 1, the same for all channels."""
    filter = np.ones(())
    for side in shape[:-2]:
        row = np.array([comb(side - 1, k) for k in range(side)]) / 2.0 ** (side - 1)
        filter = filter[..., None] * row
    return np.broadcast_to(filter[..., None, None], shape).astype(np.float32)


def _fan_in(node: Node, tensor: Tensor) -> float:
    """How many numbers an output is a sum of, on average."""
    if tensor.role is Role.BIASES:
        own = tensor.name.replace("bias", "weight")
        named = {t.name: t for t in node.inferred.tensors}
        tensor = named[own] if own in named else named["weight"]
    if isinstance(node.layer, (sequence.Embedding, plain.Parameter)):
        return 1
    layer, shape = node.layer, tensor.shape
    if isinstance(layer, convolution.Conv) and layer.connections is not None:
        return prod(shape) / len(layer.connections)
    if isinstance(layer, convolution.LocallyConnected):
        return prod(shape[node.inferred.output.rank : -1])
    if isinstance(layer, convolution.ConvTranspose):
        return max(prod(shape[:-1]) / prod(w.stride for w in node.inferred.windows), 1)
    return prod(shape[:-1])
