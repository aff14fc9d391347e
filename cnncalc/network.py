"""A network: its file, what a caller changes about it, its graph and its report.

This is the one way from a file or a text to numbers, and from a network to a variant of it.
Commands and the Python API both start here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from cnncalc import bundled
from cnncalc.arguments import GivenPath, Input
from cnncalc.checks.evaluate import Evaluation, evaluate, in_order, unreadable
from cnncalc.checks.expectations import Outcome
from cnncalc.diagnostics import Diagnostic, did_you_mean
from cnncalc.errors import InvalidFile, UsageError
from cnncalc.graph.builder import build
from cnncalc.graph.graph import Graph
from cnncalc.graph.overrides import MAX_LAYERS, Overrides, overrides_from, positive
from cnncalc.language.inheritance import parse_file
from cnncalc.language.model import Document
from cnncalc.report.memory import BITS
from cnncalc.report.report import Report
from cnncalc.yaml.reading import STANDARD_INPUT, Unreadable, read
from cnncalc.yaml.source import Source


@dataclass(frozen=True)
class Network:
    """A network as its file describes it, under `overrides`; never changed once made.

    `name` is the file as the caller called it, `path` where `extends:` starts from (None for a bare
    text), `document` the parsed file (None where it could not be read), `findings` what reading and
    parsing found. MACs, FLOPs and bytes of the report are for `batch` images of `dtype` elements.
    `requested` are warnings that are given on request and are asked for. `is_single_layer`: the
    layer is in no file, and help does not speak of one. The graph and the report are made when they
    are first asked for, and once.
    """

    name: str
    source: Source
    path: Path | None = None
    document: Document | None = None
    findings: tuple[Diagnostic, ...] = ()
    overrides: Overrides = field(default_factory=Overrides)
    batch: int = 1
    dtype: str = "float32"
    requested: frozenset[str] = frozenset()
    is_single_layer: bool = False

    # --- from a file or a text ------------------------------------------------------------------

    @classmethod
    def load(
        cls,
        path_or_name: str,
        *,
        input: Input = None,
        set: Mapping[str, object] | None = None,
        rounding: str | None = None,
        batch: int = 1,
        dtype: str = "float32",
        max_layers: int = MAX_LAYERS,
        requested: frozenset[str] = frozenset(),
    ) -> Network:
        """The network of a path, a bundled name, or `-`.

        What is wrong with the file is in the report. Raises `UsageError` where the arguments
        themselves make no sense.
        """
        _check_units(batch, dtype)
        changed = overrides_from(input=input, set=set, rounding=rounding, max_layers=max_layers)
        opened = _open(path_or_name)
        return replace(opened, overrides=changed, batch=batch, dtype=dtype, requested=requested)

    @classmethod
    def loads(
        cls,
        text: str,
        *,
        name: str = "<text>",
        input: Input = None,
        set: Mapping[str, object] | None = None,
        rounding: str | None = None,
        batch: int = 1,
        dtype: str = "float32",
        max_layers: int = MAX_LAYERS,
    ) -> Network:
        """The network of a text; `name` stands for the file in diagnostics. As `load` otherwise."""
        _check_units(batch, dtype)
        changed = overrides_from(input=input, set=set, rounding=rounding, max_layers=max_layers)
        opened = cls.parsed(Source(name, text.removeprefix("\ufeff")))
        return replace(opened, overrides=changed, batch=batch, dtype=dtype)

    @classmethod
    def read(cls, path: str) -> Network:
        """The network of a file that is there, or of `-`; never a bundled one."""
        try:
            source = read(path)
        except Unreadable as fault:
            return cls(path, Source(path, ""), findings=(fault.diagnostic,))
        return cls.parsed(source, None if path == STANDARD_INPUT else Path(path))

    @classmethod
    def parsed(cls, source: Source, path: Path | None = None) -> Network:
        """The network of a text that stands, or is to stand, at `path`."""
        document, findings = parse_file(source, path)
        return cls(source.name, source, path, document, tuple(findings))

    # --- to a variant ---------------------------------------------------------------------------

    def with_overrides(self, overrides: Overrides) -> Network:
        """The same file under other overrides."""
        return replace(self, overrides=overrides)

    def reparsed(self, text: str, path: Path | None = None) -> Network:
        """The network of another text in the place of this one's file, or at `path`, as its file
        says it: under no overrides but the bound on layers."""
        name = self.source.name if path is None else str(path)
        again = self.parsed(Source(name, text), self.path if path is None else path)
        overrides = Overrides(max_layers=self.overrides.max_layers)
        return replace(
            again, overrides=overrides, batch=self.batch, dtype=self.dtype, requested=self.requested
        )

    # --- what it is -----------------------------------------------------------------------------

    @cached_property
    def graph(self) -> Graph:
        """Layers with their volumes. Raises `InvalidFile` where the file could not be read."""
        if self.document is None:
            raise InvalidFile(self.findings)
        return build(self.document, self.overrides)

    @cached_property
    def evaluation(self) -> Evaluation:
        """The report, and what became of each expectation of the file."""
        if self.document is None:
            return Evaluation(unreadable(self.name, in_order(self.source, self.findings)))
        return evaluate(
            self.graph,
            self.overrides,
            self.findings,
            batch=self.batch,
            dtype=self.dtype,
            requested=self.requested,
            is_single_layer=self.is_single_layer,
        )

    @property
    def report(self) -> Report:
        """All that is known of the network, and all that is wrong with it."""
        return self.evaluation.report

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each expectation of the file."""
        return self.evaluation.outcomes

    @property
    def tree(self) -> Document:
        """The parsed file, to make variants of. Raises `InvalidFile` where it has errors."""
        if self.document is None or any(finding.is_error for finding in self.findings):
            raise InvalidFile(in_order(self.source, self.findings))
        return self.document


def same_network(report: Report, *, options: bool = True) -> tuple[object, ...]:
    """What a report says of the network, wherever it is written: equal for equal networks.

    Without `options` these may be spelled in other ways, as 3 and [3, 3] for a kernel.
    """
    rows = tuple(
        row._replace(file="", line=0, column=0, layer=row.layer if options else None)
        for row in report.rows
    )
    return report.inputs, rows, report.outputs, report.totals


def resolve(name: str) -> Path:
    """The file a user means: their own, otherwise the bundled one of that name."""
    path = Path(name)
    return (bundled.find(name) or path) if _is_missing(path) else path


def _is_missing(path: Path) -> bool:
    try:
        return not path.exists()
    except (OSError, ValueError):
        return False


def _open(name: str) -> Network:
    """The file of a path, a bundled name, or `-`, read and parsed."""
    path = resolve(name)
    opened = Network.read(str(path))
    if opened.document is not None or name == STANDARD_INPUT or not _is_missing(path):
        return opened
    if path.name != name:  # it names a folder: no bundled file is meant
        return opened
    near = did_you_mean(path.stem, bundled.names())
    help = near or ("`cnncalc zoo` lists the bundled architectures",)
    return replace(opened, findings=tuple(f._replace(help=help) for f in opened.findings))


def _check_units(batch: int, dtype: str) -> None:
    positive("batch", batch)
    if not isinstance(dtype, str) or dtype not in BITS:
        raise UsageError(f"there is no dtype `{dtype}`; there are {', '.join(BITS)}")


def load(
    path_or_name: GivenPath,
    *,
    input: Input = None,
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

    What is wrong with the file is never raised: it is in `report.diagnostics`. Ask `report.ok`
    (no errors) or `report.complete` (every layer is known) before trusting totals. Raises
    `ValueError` where the arguments themselves make no sense.
    """
    network = Network.load(
        str(path_or_name), input=input, set=set, rounding=rounding, batch=batch, dtype=dtype,
        max_layers=max_layers,
    )  # fmt: skip
    return network.report


def loads(
    text: str,
    *,
    name: str = "<text>",
    input: Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Report:
    """The report of an architecture given as text; `name` stands for the file in diagnostics.

    `extends:` in it means bundled architectures and files under the working folder. Otherwise as
    `load`.
    """
    network = Network.loads(
        text, name=name, input=input, set=set, rounding=rounding, batch=batch, dtype=dtype,
        max_layers=max_layers,
    )  # fmt: skip
    return network.report
