"""The sizes that fit, and what makes one fit, from Python.

Imported with the package: what is heavy is imported when a function is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc.arguments import GivenPath, Input

if TYPE_CHECKING:
    from cnncalc.fit.repair import Repairs
    from cnncalc.fit.sizes import Fit


def fit(
    path_or_name: GivenPath,
    *,
    input: Input = None,
    set: Mapping[str, object] | None = None,
    strict: bool = False,
    max_layers: int = 100_000,
) -> Fit:
    """For which input sizes an architecture fits: `fit("alexnet").axes[0].exact` is 67 + 32k.

    Every axis of `Fit.axes` holds the given size and, in pixels, the sizes that fit `exact`ly and
    those that survive where misfits are rounded down (`floor`); `size in sizes` asks for one. The
    file's `rounding` plays no part. Layers that ask for rounding themselves may round, unless
    `strict`. What is wrong with the network is in `diagnostics`. Raises `ValueError` where the
    arguments make no sense or the file cannot be parsed.
    """
    from cnncalc.fit.sizes import fit
    from cnncalc.network import Network

    network = Network.load(str(path_or_name), input=input, set=set, max_layers=max_layers)
    return fit(network.tree, network.overrides, strict=strict)


def repairs(
    path_or_name: GivenPath,
    *,
    input: Input = None,
    set: Mapping[str, object] | None = None,
    strict: bool = False,
    most: int = 10,
    apply: int | None = None,
    write: GivenPath | None = None,
    max_layers: int = 100_000,
) -> Repairs:
    """The smallest changes of paddings, kernels, strides and roundings that make a size fit.

    Fewest places in the file first; at most `most` are `found`, none where the size fits already.
    Each was tried on the whole network. With `apply`, the number of a repair counted from 1, the
    file that `write` names is written: the network's own file with the repair in it, comments and
    layout kept. Raises `ValueError` where the list is shorter, or the change cannot be written.
    Otherwise as `fit`.
    """
    from cnncalc.errors import UsageError
    from cnncalc.fit.apply import save_repair
    from cnncalc.fit.repair import repairs
    from cnncalc.graph.overrides import positive
    from cnncalc.network import Network

    positive("most", most)
    if (apply is None) is not (write is None):
        raise UsageError("`apply` and `write` go together")
    if apply is not None:
        positive("apply", apply)
    network = Network.load(str(path_or_name), input=input, set=set, max_layers=max_layers)
    found = repairs(network.tree, network.overrides, strict=strict, most=max(most, apply or 1))
    if apply is not None and write is not None:
        save_repair(network.tree, network.overrides, found, apply, Path(write))
    return found
