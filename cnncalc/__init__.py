"""cnncalc: volumes, weights and costs of convolutional networks written down in YAML.

>>> import cnncalc
>>> report = cnncalc.load("alexnet")
>>> report.totals.params
62378344
>>> report.rows[0].output_shape
(55, 55, 96)
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.analysis.report import Report as Report
    from cnncalc.diagnostics import Diagnostic as Diagnostic

__version__ = "0.1.0"
__all__ = ["Diagnostic", "Report", "__version__", "load", "loads"]

_Volume = str | int | tuple[int, ...]
_Input = _Volume | Mapping[str, _Volume] | None


def load(
    path_or_name: str | PathLike[str],
    *,
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Report:
    """The report of an architecture file or a bundled architecture.

    `input` replaces the input's volume, `"224x224x3"` or `(224, 224, 3)`, height x width x
    channels; a mapping does so for named inputs. `set` gives variables and options other values:
    `{"classes": 10, "conv1.stride": 2}`. MACs, FLOPs and activation bytes are for `batch` images
    of `dtype` elements.

    What is wrong with the file is never raised but told in `report.diagnostics`; check `report.ok`
    (no errors) or `report.complete` (every layer is known) before trusting totals. Raises
    `ValueError` where the arguments themselves make no sense.
    """
    from cnncalc.loading import load_file, request

    wanted = request(
        input=input, set=set, rounding=rounding, batch=batch, dtype=dtype, max_layers=max_layers
    )
    return load_file(str(path_or_name), wanted)


def loads(
    text: str,
    *,
    name: str = "<text>",
    input: _Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Report:
    """The report of an architecture given as text; `name` stands for the file in diagnostics.

    `extends:` in it means bundled architectures and files under the working folder. All else is as
    for `load`.
    """
    from cnncalc.loading import load_source, request
    from cnncalc.source import Source

    wanted = request(
        input=input, set=set, rounding=rounding, batch=batch, dtype=dtype, max_layers=max_layers
    )
    return load_source(Source(name, text.removeprefix("\ufeff")), None, wanted)


def __getattr__(name: str) -> object:
    # Types are looked up when asked for: `import cnncalc` stays light.
    if name == "Report":
        from cnncalc.analysis.report import Report

        return Report
    if name == "Diagnostic":
        from cnncalc.diagnostics import Diagnostic

        return Diagnostic
    raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")
