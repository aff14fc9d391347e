"""What the builds of one document's variants have in common."""

from __future__ import annotations

from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis
from cnncalc.volume import Volume


class InferenceCache:
    """What the builds of one document's variants share: checked layers and what they infer."""

    def __init__(self) -> None:
        self.layers: dict[tuple[object, ...], Layer] = {}
        self.inferred: dict[RoundingPerAxis, dict[tuple[int, tuple[Volume, ...]], Inferred]] = {}

    def forget(self) -> None:
        self.layers.clear()
        self.inferred.clear()
