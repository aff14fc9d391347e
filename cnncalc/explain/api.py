"""Where the numbers of a layer come from, from Python.

Imported with the package: what is heavy is imported when a function is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cnncalc.arguments import GivenPath, GivenVolume, Input

if TYPE_CHECKING:
    from cnncalc.explain.derivation.explanation import Explanation


def explain(
    path_or_name: GivenPath,
    layer: str,
    *,
    input: Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    max_layers: int = 100_000,
) -> Explanation:
    """How the numbers of one layer of an architecture come about, step by step, for one image.

    `layer` is a name as in `Report.rows`; otherwise as `load`. Every step holds its formula,
    its value and the unit. Where the layer is not known `output` is None, and `diagnostics` say
    why. Raises `ValueError` where the network has no such layer.
    """
    from cnncalc.explain.layer import explain
    from cnncalc.network import Network

    network = Network.load(
        str(path_or_name), input=input, set=set, rounding=rounding, max_layers=max_layers
    )
    return explain(network, layer)


def layer(
    kind: str, input: GivenVolume, *, rounding: str | None = None, **options: object
) -> Explanation:
    """One layer without a file: `layer("conv", "32x32x3", filters=10, kernel=5, padding=2)`.

    `options` go by any of their names. A bare number is a side of any number of channels where the
    kind has a window: 7 is 7x7; weights and MACs are then for each input channel. Without `filters`
    only sizes are answered: `layer("conv", 7, kernel=3)`. What does not fit is in `diagnostics`, as
    for `load`. Raises `ValueError` for an unknown kind or no volume.
    """
    from cnncalc.explain.layer import explain_single_layer

    return explain_single_layer(kind, input, options, rounding)
