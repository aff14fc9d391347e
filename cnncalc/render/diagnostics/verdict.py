"""The closing line of a check, and the line for a file with nothing new."""

from __future__ import annotations

from cnncalc.checks.files import Checked, Tally
from cnncalc.escaping import printable
from cnncalc.render.numbers import plural


def verdict(tally: Tally) -> str:
    """`all well` is for files without errors, whatever was left out by `--ignore` or `--select`."""
    if tally.faulty:
        said = f"{tally.faulty} with {'errors or warnings' if tally.strict else 'errors'}"
    elif tally.excused:
        said = f"no errors but {plural(tally.excused, 'failed expectation')} left out"
    else:
        said = "all well"
    counts = f"{plural(tally.errors, 'error')}, {plural(tally.warnings, 'warning')}"
    if tally.left_out:
        counts += f", {tally.left_out:,} left out"
    line = f"{plural(tally.files, 'file')} checked: {said}"
    return f"{line} ({counts})" if tally.errors or tally.warnings or tally.left_out else line


def repeats(checked: Checked) -> str:
    """A file has findings that were reported with another that extends the same."""
    findings = checked.repeats
    places = ", ".join(dict.fromkeys(str(finding.span) for finding in findings[:3]))
    more = ", …" if len(findings) > 3 else ""
    what = plural(len(findings), "finding")
    return f"{printable(checked.file)}: {what} as reported above, at {printable(places)}{more}"
