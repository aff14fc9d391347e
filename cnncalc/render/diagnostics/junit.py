"""Findings as JUnit XML, which Jenkins, GitLab and others read: a suite for each file.

Elements and attributes are those of junit-10.xsd, the schema of Jenkins's xUnit plugin.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from cnncalc.checks.files import Checked, Expected
from cnncalc.diagnostics import Diagnostic
from cnncalc.escaping import printable
from cnncalc.render.diagnostics.full import as_text
from cnncalc.yaml.source import Span

NETWORK = "network"
"""The case for all of a file but its expectations."""


def report(checks: Iterable[Checked]) -> str:
    """The whole document."""
    root = ElementTree.Element("testsuites", name="cnncalc check")
    suites = [_suite(checked) for checked in checks]
    root.extend(suites)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", _seconds(sum(float(suite.get("time", "0")) for suite in suites)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode")


def _suite(checked: Checked) -> ElementTree.Element:
    name = printable(checked.file)
    seen = {_key(finding): finding for finding in checked.diagnostics}
    cases = [_network(checked), *(_expectation(seen, e) for e in checked.expectations)]
    for case in cases:
        case.set("classname", name)
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors="0",
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
        time=_seconds(checked.seconds),
        file=name,
    )
    suite.extend(cases)
    return suite


def _network(checked: Checked) -> ElementTree.Element:
    """Everything but the expectations; warnings are printed, and fail only where they count as
    errors."""
    case = ElementTree.Element("testcase", name=NETWORK, time=_seconds(checked.seconds))
    apart = {_key(e.finding) for e in checked.expectations if e.finding is not None}
    seen = [finding for finding in checked.diagnostics if _key(finding) not in apart]
    repeated = [finding for finding in checked.repeats if _key(finding) not in apart]
    wrong = [d for d in (*seen, *repeated) if checked.strict or d.is_error]
    lines = [*map(_whole, seen), *map(_briefly, repeated)]
    if wrong:
        _fail(case, wrong, "\n".join(lines))
    elif lines:
        ElementTree.SubElement(case, "system-out").text = "\n".join(lines)
    return case


def _expectation(seen: _Seen, expected: Expected) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=f"expect.{printable(expected.path)}", time="0")
    finding = expected.finding
    if not expected.known:
        message = "not known: the network has errors"
        ElementTree.SubElement(case, "skipped", message=message)
    elif finding is not None:
        in_full = seen.get(_key(finding))
        _fail(case, [finding], _briefly(finding) if in_full is None else _whole(in_full))
    return case


def _fail(case: ElementTree.Element, wrong: list[Diagnostic], text: str) -> None:
    """One failure: Jenkins keeps no more than one of a case."""
    more = f" (and {len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
    subject = f"{wrong[0].layer}: " if wrong[0].layer else ""
    message = f"{subject}{wrong[0].message}{more}"
    ElementTree.SubElement(case, "failure", type=wrong[0].code, message=message).text = text


_Key = tuple[Span, str, str]
_Seen = dict[_Key, Diagnostic]


def _key(finding: Diagnostic) -> _Key:
    """What two findings share that are one, notes aside."""
    return finding.span, finding.code, finding.message


def _whole(finding: Diagnostic) -> str:
    return "\n".join(map(printable, as_text(finding).plain.split("\n")))


def _briefly(finding: Diagnostic) -> str:
    """A finding that is reported in full with another file."""
    sentence = f"{finding.severity}[{finding.code}]: {finding.message}"
    return f"{printable(str(finding.span))}: {sentence} (reported with a file above)"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
