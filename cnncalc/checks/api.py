"""Files checked, from Python."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.arguments import GivenPath, listed
from cnncalc.checks.files import Checked, check_files, selection
from cnncalc.graph.overrides import positive
from cnncalc.paths import architecture_files


def check(
    paths: GivenPath | Iterable[GivenPath],
    *,
    select: str | Iterable[str] = (),
    ignore: str | Iterable[str] = (),
    strict: bool = False,
    jobs: int = 1,
    max_layers: int = 100_000,
) -> list[Checked]:
    """What is found in files, and whether each is what its `expect:` says.

    `paths` are architecture files, folders, globs and bundled names, or one of these. `select`
    keeps only some of the warnings and failed expectations, `ignore` leaves some out; both hold
    codes of diagnostics. With `strict`, warnings count as errors. `jobs` processes share the work.
    A file is `ok` where nothing counts as an error. A finding in a file that several extend is
    among the `diagnostics` of the first, and among the `repeats` of the others. Raises
    `ValueError` where no file is meant, or a code is not known.
    """
    positive("jobs", jobs)
    positive("max_layers", max_layers)
    chosen = selection(listed(select), listed(ignore))
    files = architecture_files(listed(paths))
    return list(check_files(files, chosen, strict=strict, jobs=jobs, max_layers=max_layers))
