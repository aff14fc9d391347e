"""What grows while a network is built: its nodes, names and findings, and the bound on the work."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.diagnostics import Diagnostic, RuleError
from cnncalc.graph.graph import FailedLayer, Graph, Named, Node, ValueRef
from cnncalc.graph.overrides import Overrides
from cnncalc.graph.scope import Context
from cnncalc.graph.values import LocatedError, evaluate
from cnncalc.language.expressions import UNKNOWN, Names, UnknownValue, Value
from cnncalc.language.model import Document, LayerItem
from cnncalc.volume import Volume
from cnncalc.yaml.nodes import Node as YamlNode
from cnncalc.yaml.source import Span

MOST_FAULTS = 1000
"""Findings after which building ends."""


class Stop(Exception):
    """Building ends: a bound was passed, or the caller wants only the first error."""


class BuildState:
    """A graph that is not finished. `names_incomplete`: something was passed over, so that a name
    that is not there may be no fault."""

    def __init__(self, document: Document, overrides: Overrides) -> None:
        self.document = document
        self.overrides = overrides
        self.inputs: dict[str, Volume] = {}
        self.input_volumes: list[Volume] = []
        self.nodes: list[Node] = []
        self.names: dict[str, Named] = {}
        self.outputs: dict[str, ValueRef] = {}
        self.variables: dict[str, Value] = {}
        self.faults: list[FailedLayer] = []
        self.warnings: dict[tuple[str, Span], Diagnostic] = {}
        self.names_incomplete = False
        self._work = 0
        self._first: dict[tuple[str, int, int], int] = {}
        self._repeated: dict[int, int] = {}

    def graph(self) -> Graph:
        """What has grown, with a word on findings that came more than once."""
        for index, times in self._repeated.items():
            fault = self.faults[index]
            again = f"the same happens {times} more time{'s' if times > 1 else ''}"
            notes = (*fault.diagnostic.notes, again)
            self.faults[index] = fault._replace(diagnostic=fault.diagnostic._replace(notes=notes))
        return Graph(
            self.document,
            self.inputs,
            self.nodes,
            self.outputs,
            self.names,
            self.variables,
            self.faults,
            self._work,
            tuple(self.inputs.items()),
            tuple(self.warnings.values()),
        )

    def warn(self, finding: Diagnostic, context: Context) -> None:
        """Keep a warning, once for each place."""
        if context.trail is not None:
            finding = finding._replace(notes=(*finding.notes, *context.trail.notes()))
        self.warnings.setdefault((finding.code, finding.span), finding)

    def report(
        self,
        finding: Diagnostic,
        context: Context | None = None,
        name: str | None = None,
        fault: FailedLayer | None = None,
    ) -> None:
        """Keep a finding, once for each place: the copies of a block share their causes."""
        if not self._again(finding.code, finding.span):
            self._keep(finding, context, name, fault)

    def _again(self, code: str, span: Span) -> bool:
        """Whether a finding of this kind stands at this place already; if so, it is counted."""
        first = self._first.get((code, id(span.source), span.start))
        if first is not None:
            self._repeated[first] = self._repeated.get(first, 0) + 1
        return first is not None

    def _keep(
        self,
        finding: Diagnostic,
        context: Context | None,
        name: str | None,
        fault: FailedLayer | None,
    ) -> None:
        self._first[finding.code, id(finding.span.source), finding.span.start] = len(self.faults)
        if context is not None and context.trail is not None:
            finding = finding._replace(notes=(*finding.notes, *context.trail.notes()))
        finding = finding._replace(layer=name or finding.layer)
        blank = FailedLayer(finding) if fault is None else fault._replace(diagnostic=finding)
        self.faults.append(blank)
        if self.overrides.stop_at_first_error and finding.is_error:
            raise Stop
        if len(self.faults) == MOST_FAULTS:
            message = f"more than {MOST_FAULTS:,} findings; the rest is not looked at"
            self.faults.append(FailedLayer(Diagnostic("limit-exceeded", message, finding.span)))
            raise Stop

    def problem(
        self,
        problem: RuleError,
        span: Span,
        context: Context | None = None,
        name: str | None = None,
    ) -> None:
        if not self._again(problem.code, span):
            finding = Diagnostic(problem.code, problem.message, span, help=problem.help)
            self._keep(finding, context, name, None)

    def add(self, node: Node, context: Context) -> ValueRef:
        """Take a node in, while the network may have more."""
        if len(self.nodes) >= self.overrides.max_layers:
            raise self.limit(
                f"more than {self.overrides.max_layers:,} layers",
                node.item.kind_span,
                "`--max-layers` raises the bound",
                context=context,
            )
        self.nodes.append(node)
        return len(self.nodes) - 1

    def limit(self, message: str, span: Span, *help: str, context: Context | None = None) -> Stop:
        self.report(Diagnostic("limit-exceeded", message, span, help=help), context)
        return Stop()

    def visit(self, item: LayerItem, work: int = 1) -> None:
        """Bounds the work: an item counts even where it makes no layer."""
        self._work += work
        bound = 3 * self.overrides.max_layers + 1000
        if self._work > bound:
            message = f"the layers expand to more than {bound:,} steps of work"
            raise self.limit(message, item.kind_span, "`--max-layers` raises the bound")

    def volume(self, point: ValueRef) -> Volume:
        if point < 0:
            return self.input_volumes[-1 - point]
        return self.nodes[point].inferred.output

    def evaluated(
        self,
        node: YamlNode,
        values: Mapping[str, Value],
        current: ValueRef | None,
        *,
        bare: bool = False,
        quiet: bool = True,
    ) -> Value:
        volume = None if current is None else self.volume(current)
        known = volume is not None or not quiet
        return evaluate(node, Names(values, volume), bare=bare, volume_known=known)

    def value(
        self,
        node: YamlNode,
        context: Context,
        current: ValueRef | None = None,
        *,
        bare: bool = False,
        quiet: bool = True,
    ) -> Value:
        """A value; UNKNOWN with a finding, or in silence where it depends on the unknown.

        Where a volume has no place anyway, `quiet` is false: its being unknown is no excuse then.
        """
        try:
            return self.evaluated(node, context.values, current, bare=bare, quiet=quiet)
        except LocatedError as fault:
            self.problem(fault.problem, fault.span, context)
        except UnknownValue:
            self.names_incomplete = True
            if not self.faults:
                message = "`in` has no meaning here: there is no current volume"
                self.problem(RuleError("bad-expression", message), node.span, context)
        return UNKNOWN
