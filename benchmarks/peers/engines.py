"""The runtimes, each behind the same two calls. Imported in the worker that runs it alone."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from cnncalc import network as networks
from cnncalc.execution.plan import Plan
from cnncalc.execution.weights import Array, Weights, random_input
from peers.contenders import Setting
from peers.preparing import told_plan
from peers.translation import Dialect, Unsayable, translate

SEED = 0


class Engine(NamedTuple):
    """A network made ready. `run` executes it once; `outputs` gives what it made last, by the
    names of the network's outputs; `facts` tell what is run: versions, precision."""

    run: Callable[[], Any]
    outputs: Callable[[], dict[str, Array]]
    facts: dict[str, str]


class Network(NamedTuple):
    """What all are given: the plan with its batch norms folded, weights and inputs (N, *volume)."""

    plan: Plan
    weights: Weights
    inputs: dict[str, Array]

    def tell(self, dialect: Dialect, batch: int) -> None:
        translate(self.plan, self.weights, batch, dialect)

    def inputs_first(self) -> list[Array]:
        """Channels first, in the order of the plan's inputs."""
        arrays = (self.inputs[name] for name in self.plan.inputs)
        return [np.ascontiguousarray(np.moveaxis(array, -1, 1)) for array in arrays]

    def outputs_last(self, arrays: list[Array]) -> dict[str, Array]:
        """By name, channels last, from arrays in the order of the plan's outputs."""
        named = zip(self.plan.outputs, arrays, strict=True)
        return {name: np.moveaxis(array, 1, -1) for name, array in named}


def network(setting: Setting) -> Network:
    """Raises `Unsayable` where there is no such network."""
    opened = networks.Network.load(setting.network)
    if not opened.report.complete:
        raise Unsayable(f"there is no complete network `{setting.network}`")
    graph = opened.graph
    inputs = {
        name: random_input(SEED, name, volume, setting.batch)
        for name, volume in graph.inputs.items()
    }
    return Network(told_plan(graph), Weights(graph, SEED), inputs)


def engine(name: str, variant: str, setting: Setting) -> Engine:
    return _ENGINES[name](variant, setting)


def _cnncalc(variant: str, setting: Setting) -> Engine:
    from cnncalc import __version__
    from cnncalc.execution.request import BackendName
    from cnncalc.execution.selection import chosen_backend
    from cnncalc.execution.threads import bounded

    if variant not in [*BackendName]:
        raise Unsayable(f"no backend `{variant}`; there are {', '.join(BackendName)}")
    told = network(setting)
    bounded(setting.threads).__enter__()  # until the worker ends
    backend = chosen_backend(BackendName(variant))
    schedule = backend.schedule(told.plan, setting.batch, setting.threads, direct=False)
    program = backend.bind(schedule, told.weights, lambda _: None)
    last: dict[str, Array] = {}

    def run() -> None:
        last.update(program.run(told.inputs))

    facts = {"cnncalc": __version__, "Python": platform.python_version()}
    return Engine(run, lambda: last, facts)


def _torch(variant: str, setting: Setting) -> Engine:
    import torch

    from peers.torch_dialect import TorchDialect

    torch.set_num_threads(setting.threads)
    told = network(setting)
    dialect = TorchDialect()
    told.tell(dialect, setting.batch)
    model = dialect.module()
    inputs = [torch.from_numpy(array) for array in told.inputs_first()]
    if variant in ("channels-last", "compiled"):
        rank = max(x.ndim for x in inputs)
        form = torch.channels_last_3d if rank == 5 else torch.channels_last
        model = model.to(memory_format=form)
        inputs = [x.contiguous(memory_format=form) if x.ndim in (4, 5) else x for x in inputs]
    with torch.inference_mode():
        if variant == "frozen":
            model = torch.jit.optimize_for_inference(
                torch.jit.freeze(torch.jit.trace(model, tuple(inputs)))
            )
        elif variant == "compiled":
            import torch._inductor.config

            torch._inductor.config.freezing = True
            model = torch.compile(model)
    last: list[Any] = []

    def run() -> None:
        with torch.inference_mode():
            last[:] = model(*inputs)

    def outputs() -> dict[str, Array]:
        return told.outputs_last([array.numpy() for array in last])

    return Engine(run, outputs, {"PyTorch": torch.__version__})


def _onnxruntime(_: str, setting: Setting) -> Engine:
    import onnxruntime

    told, model = _onnx_model(setting, setting.batch)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = setting.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    inputs = dict(zip(told.plan.inputs, told.inputs_first(), strict=True))
    last: list[Array] = []

    def run() -> None:
        last[:] = session.run(None, inputs)

    facts = {"onnxruntime": onnxruntime.__version__}
    return Engine(run, lambda: told.outputs_last(last), facts)


def _openvino(variant: str, setting: Setting) -> Engine:
    """One request for the whole batch, or one a stream for an equal part of it."""
    import openvino

    streams = setting.threads if variant == "streams" else 1
    told, model = _onnx_model(setting, setting.batch // streams)
    core = openvino.Core()
    properties: dict[str, Any] = {
        "INFERENCE_NUM_THREADS": setting.threads,
        "PERFORMANCE_HINT": "THROUGHPUT" if streams > 1 else "LATENCY",
        "NUM_STREAMS": streams,
    }
    if variant != "default":
        properties["INFERENCE_PRECISION_HINT"] = "f32"
    compiled = core.compile_model(core.read_model(model), "CPU", properties)
    inferences = [compiled.create_infer_request() for _ in range(streams)]
    for number, array in enumerate(told.inputs_first()):
        for inference, part in zip(inferences, np.split(array, streams), strict=True):
            inference.set_input_tensor(number, openvino.Tensor(part))  # a copy of its own

    def run() -> None:
        for inference in inferences:
            inference.start_async()
        for inference in inferences:
            inference.wait()

    def outputs() -> dict[str, Array]:
        count = len(told.plan.outputs)
        arrays = [
            np.concatenate([inference.get_output_tensor(number).data for inference in inferences])
            for number in range(count)
        ]
        return told.outputs_last(arrays)

    precision = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    version = openvino.get_version().split("-")[0]
    facts = {"OpenVINO": version, f"OpenVINO ({variant}) in": precision}
    return Engine(run if streams > 1 else inferences[0].infer, outputs, facts)


def _onnx_model(setting: Setting, batch: int) -> tuple[Network, bytes]:
    from peers.onnx_dialect import OnnxDialect

    told, dialect = network(setting), OnnxDialect()
    told.tell(dialect, batch)
    return told, dialect.model()


_ENGINES: dict[str, Callable[[str, Setting], Engine]] = {
    "cnncalc": _cnncalc,
    "torch": _torch,
    "onnxruntime": _onnxruntime,
    "openvino": _openvino,
}
