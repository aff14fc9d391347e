"""What a caller may change about a file without editing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.document.model import Option
from cnncalc.expressions import Value
from cnncalc.geometry import Rounding
from cnncalc.layers.base import RoundingPerAxis
from cnncalc.volume import Volume

MAX_LAYERS = 100_000


class Settings(NamedTuple):
    """What `--set` says: `variables`; `options` by layer name, then option; `kind_options` by kind,
    then option, for all layers of the kind.

    `inputs` replaces input volumes by name, `rounding` the file's own. `patches` tries other
    values for options of one item of the file, by the item's identity, or, by kind, for those that
    an item leaves to the defaults; `hurried` stops at the first error. Both serve the search for
    remedies.
    """

    variables: Mapping[str, Option] = {}
    options: Mapping[str, Mapping[str, Option]] = {}
    kind_options: Mapping[str, Mapping[str, Option]] = {}
    inputs: Mapping[str, Volume] = {}
    rounding: RoundingPerAxis | None = None
    max_layers: int = MAX_LAYERS
    patches: Mapping[int | str, Mapping[str, Value]] = {}
    hurried: bool = False

    @property
    def changes_network(self) -> bool:
        """Whether the network is another one than the file's."""
        return any((self.variables, self.options, self.kind_options, self.inputs, self.rounding))


def everywhere(rounding: Rounding) -> RoundingPerAxis:
    """One rounding for all axes."""
    return (rounding,) * 3
