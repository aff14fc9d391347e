"""Who takes part, and in what setting. Plain data that driver and workers share."""

from __future__ import annotations

from typing import NamedTuple

CNNCALC = "cnncalc"


class Setting(NamedTuple):
    """What is run. One call works off the whole batch with at most so many threads."""

    network: str
    batch: int
    threads: int


class Contender(NamedTuple):
    """`engine` is the runtime, `variant` the way it is used, `told` says it to readers. Only those
    that compute in `fp32` are a mark to pass."""

    name: str
    engine: str
    variant: str
    told: str
    fp32: bool = True

    def takes_part(self, setting: Setting) -> bool:
        """Streams share a batch out among threads, evenly."""
        if self.variant != "streams":
            return True
        return setting.threads > 1 and setting.batch % setting.threads == 0


PEERS = (
    Contender("torch", "torch", "nchw", "PyTorch, eager"),
    Contender("torch-last", "torch", "channels-last", "PyTorch, eager, channels_last"),
    Contender("torch-frozen", "torch", "frozen", "PyTorch, torch.jit.optimize_for_inference"),
    Contender("onnxruntime", "onnxruntime", "default", "onnxruntime, all optimisations"),
    Contender("openvino", "openvino", "f32", "OpenVINO, f32, one stream"),
    Contender("openvino-streams", "openvino", "streams", "OpenVINO, f32, a stream a thread"),
    Contender("openvino-default", "openvino", "default", "OpenVINO, its own precision", fp32=False),
)
"""The first is what outputs are held to."""

COMPILED = Contender("torch-compiled", "torch", "compiled", "PyTorch, torch.compile, freezing")


def cnncalc(backend: str) -> Contender:
    return Contender(CNNCALC, CNNCALC, backend, f"cnncalc, {backend}")
