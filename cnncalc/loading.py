"""What writes files still asks of a network; `cnncalc.network` is the way in."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from cnncalc.analysis.report import Report
from cnncalc.checks.expectations import Held
from cnncalc.graph.settings import MAX_LAYERS, Settings
from cnncalc.network import Network

Opened = Network
open_source = Network.parsed
open_path = Network.read


class Request(NamedTuple):
    """What to do with a file, beyond reading it."""

    settings: Settings = Settings()
    batch: int = 1
    dtype: str = "float32"


def request(*, max_layers: int = MAX_LAYERS) -> Request:
    return Request(Settings(max_layers=max_layers))


def measure(opened: Network, request: Request) -> Report:
    return hold(opened, request).report


def hold(opened: Network, request: Request) -> Held:
    settings, batch, dtype = request
    network = replace(opened, settings=settings, batch=batch, dtype=dtype)
    return Held(network.report, network.document, network.outcomes)
