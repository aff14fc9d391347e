"""From a file or a text to its report: the one way through all floors, for commands and callers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from cnncalc import zoo
from cnncalc.analysis.lints import lint
from cnncalc.analysis.memory import BITS
from cnncalc.analysis.report import Report, Totals, report
from cnncalc.diagnostics import Diagnostic, did_you_mean
from cnncalc.document.extending import parse_file
from cnncalc.document.model import Option
from cnncalc.document.nodes import Scalar, compose
from cnncalc.document.reading import STANDARD_INPUT, Unreadable, read
from cnncalc.geometry import Rounding
from cnncalc.graph.build import build
from cnncalc.graph.graph import Graph
from cnncalc.graph.settings import MAX_LAYERS, Settings, everywhere
from cnncalc.layers import registry
from cnncalc.layers.options import integer
from cnncalc.source import Source
from cnncalc.volume import Volume

GivenVolume = str | int | tuple[int, ...]
Input = GivenVolume | Mapping[str, GivenVolume] | None


class Misuse(ValueError):
    """What a caller asked for makes no sense, whatever the file says."""


class Request(NamedTuple):
    """What to do with a file, beyond reading it."""

    settings: Settings = Settings()
    batch: int = 1
    dtype: str = "float32"
    remedies: bool = True


def request(
    *,
    input: Input = None,
    set: Mapping[str, object] | None = None,
    rounding: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = MAX_LAYERS,
) -> Request:
    """Check what a caller wants. Raises `Misuse`."""
    for what, number in (("batch", batch), ("max_layers", max_layers)):
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise Misuse(f"`{what}` is a whole number of 1 or more, not {number!r}")
    if dtype not in BITS:
        raise Misuse(f"there is no dtype `{dtype}`; there are {', '.join(BITS)}")
    if rounding is not None and rounding not in tuple(Rounding):
        raise Misuse(f"rounding is exact, floor or ceil, not `{rounding}`")
    settings = _overrides(set or {})._replace(
        inputs=_inputs(input),
        rounding=everywhere(Rounding(rounding)) if rounding is not None else None,
        max_layers=max_layers,
    )
    return Request(settings, batch, dtype)


def _inputs(given: Input) -> dict[str, Volume]:
    named = given if isinstance(given, Mapping) else {"input": given} if given is not None else {}
    volumes = {}
    for name, volume in named.items():
        try:
            if isinstance(volume, str):
                volumes[name] = Volume.parse(volume)
            else:
                axes = volume if isinstance(volume, (list, tuple)) else (volume,)
                volumes[name] = Volume(integer(axis) for axis in axes)
        except ValueError as error:
            raise Misuse(f"input: {error}") from None
    return volumes


def _overrides(given: Mapping[str, object]) -> Settings:
    """`classes` → a variable, `stage2.0.conv1.stride` → an option of a layer, `conv.*.padding` → one
    of all layers of a kind."""
    variables: dict[str, Option] = {}
    options: dict[str, dict[str, Option]] = {}
    kind_options: dict[str, dict[str, Option]] = {}
    for target, value in given.items():
        layer, dot, option = target.rpartition(".")
        if not option or (dot and not layer):
            raise Misuse(f"--set {target}: this is no variable and no layer.option")
        text = _written(value)
        # Read as if the target were blank, so that places in the value are places in the whole.
        source = Source("--set", " " * (len(target) + 1) + text)
        node, findings = compose(source)
        if node is None or findings:
            why = findings[0].message if text.strip() else "there is no value"
            raise Misuse(f"--set {target}={text}: {why}")
        source.text = f"{target}={text}"
        key = Scalar(source, len(target) - len(option), len(target), option, option)
        if layer.endswith(".*"):
            kind_options.setdefault(_kind(layer[:-2], target), {})[option] = Option(key, node)
        elif dot:
            options.setdefault(layer, {})[option] = Option(key, node)
        else:
            variables[target] = Option(key, node)
    return Settings(variables=variables, options=options, kind_options=kind_options)


def _kind(name: str, target: str) -> str:
    """The kind that `conv.*.padding` speaks of, by any of its names."""
    named = registry.find(name)
    if named is None or named.kind not in registry.KINDS:
        near = did_you_mean(name, registry.KINDS)
        raise Misuse(f"--set {target}: there is no kind `{name}`" + "".join(f"; {n}" for n in near))
    return named.kind


def _written(value: object) -> str:
    """A Python value as YAML would say it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_written, value)) + "]"
    return str(value)


def resolve(name: str) -> Path:
    """The file a user means: their own, or else the bundled one of that name."""
    path = Path(name)
    return (zoo.find(name) or path) if _is_missing(path) else path


def _is_missing(path: Path) -> bool:
    try:
        return not path.exists()
    except (OSError, ValueError):
        return False


def load_file(name: str, request: Request) -> Report:
    """The report of a path, a bundled name, or `-`; an unreadable file is a finding in it."""
    path = resolve(name)
    loaded = load_path(str(path), request)
    if path != Path(name) or loaded.inputs or not _is_missing(path) or name == STANDARD_INPUT:
        return loaded
    near = did_you_mean(path.stem, zoo.names())
    help = near or ("`cnncalc zoo` lists the bundled architectures",)
    return loaded._replace(diagnostics=tuple(d._replace(help=help) for d in loaded.diagnostics))


def load_path(path: str, request: Request) -> Report:
    """The report of a file that is there, or `-`."""
    try:
        source = read(path)
    except Unreadable as fault:
        return _unreadable(path, fault.diagnostic)
    return load_source(source, None if path == STANDARD_INPUT else Path(path), request)


def _unreadable(name: str, diagnostic: Diagnostic) -> Report:
    return Report(
        name=name, file=name, description=None, source=None, inputs={}, batch=1, dtype="float32",
        rows=(), outputs={}, totals=Totals(), complete=False, diagnostics=(diagnostic,), groups={},
    )  # fmt: skip


def load_source(source: Source, path: Path | None, request: Request) -> Report:
    """Parse, build, measure, and hold the network to what its file expects."""
    document, findings = parse_file(source, path, zoo.find)
    graph = build(document, request.settings)
    findings = _merged(findings, _cured(graph, request))
    result = report(graph, _sorted(source, findings), request.batch, request.dtype)
    if not result.complete:
        return result
    behind = [*_expectations(graph, result, request), *lint(graph)]
    return result._replace(diagnostics=_sorted(source, [*findings, *behind])) if behind else result


def _cured(graph: Graph, request: Request) -> list[Diagnostic]:
    """The graph's findings, with help that was tried."""
    if not (graph.faults and request.remedies):
        return [fault.diagnostic for fault in graph.faults]
    from cnncalc.analysis.remedies import with_remedies

    return with_remedies(graph, request.settings)


def _expectations(graph: Graph, result: Report, request: Request) -> Iterable[Diagnostic]:
    """What the file expects in vain. It speaks of the file as it stands, not of variants."""
    if request.settings.changes_network or not graph.document.expect:
        return ()
    from cnncalc.analysis import expectations

    return expectations.check(graph, result)


def _merged(*groups: list[Diagnostic]) -> list[Diagnostic]:
    """Findings of all stages, each once: the parser and the builder may see the same fault."""
    seen: dict[tuple[str, int, int], Diagnostic] = {}
    for finding in (finding for group in groups for finding in group):
        seen.setdefault((finding.code, id(finding.span.source), finding.span.start), finding)
    return list(seen.values())


def _sorted(source: Source, findings: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """In the order of the file, those in other files behind."""
    return tuple(
        sorted(findings, key=lambda finding: (finding.span.source is not source, finding.place))
    )
