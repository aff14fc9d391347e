"""As many findings as a file has lines: the first of each code are listed, the rest is counted."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.checks.evaluate import MOST_OF_A_CODE
from tests.language.bounds import loads

MANY = 5_000

CALLS_FOR_EACH = 250
"""Of functions, for each finding. To look for a name that is near takes more."""

INPUT = "input: 8x8x3\n"
LAYERS = "layers:\n  - conv: {filters: 4, kernel: 3}\n"


def times(line: str) -> str:
    return "".join(line.format(n) + "\n" for n in range(MANY))


FILES = {
    "unused variables": (f"{INPUT}vars:\n{times('  v{}: 1')}{LAYERS}", "unused-variable"),
    "unused blocks": (
        f"{INPUT}blocks:\n{times('  b{}: {{layers: [relu]}}')}{LAYERS}",
        "unused-block",
    ),
    "unused inputs": (f"input:\n{times('  i{}: 8x8x3')}{LAYERS}    from: i0\n", "unused-layer"),
    "comments for nothing": (
        f"{INPUT}{LAYERS}{times('# cnncalc: ignore[unused-layer]')}",
        "unused-ignore",
    ),
    "comments misspelt": (
        f"{INPUT}{LAYERS}{times('# cnncalc: ignore[unusd-layer]')}",
        "unused-ignore",
    ),
    "unknown sections": (f"{INPUT}{LAYERS}{times('layrs{}: 1')}", "unknown-key"),
    "unknown options": (
        f"{INPUT}layers:\n- conv:\n    filters: 4\n    kernel: 3\n{times('    kernl{}: 3')}",
        "unknown-key",
    ),
    "unknown keys of layers": (
        f"{INPUT}layers:\n- dense: 3\n{times('  form{}: 3')}",
        "unknown-key",
    ),
    "unknown kinds": (f"{INPUT}layers:\n{times('- cnv{}')}", "unknown-kind"),
    "defaults of unknown kinds": (
        f"{INPUT}defaults:\n{times('  cnv{}: {{}}')}{LAYERS}",
        "unknown-kind",
    ),
    "names that are none": (f"{INPUT}vars:\n{times('  a-{}: 1')}{LAYERS}", "bad-value"),
    "numbers out of range": (
        f"{INPUT}vars:\n{times('  a{}: 99999999999999999999')}{LAYERS}",
        "bad-value",
    ),
    "one key": (f"{INPUT}vars:\n{times('  a: 1')}{LAYERS}", "duplicate-key"),
    "expectations of unknown layers": (
        f"{INPUT}{LAYERS}expect:\n  layers:\n{times('    covn{}: {{params: 3}}')}",
        "unknown-layer",
    ),
    "unknown expectations": (f"{INPUT}{LAYERS}expect:\n{times('  parms{}: 3')}", "unknown-key"),
    "nothing that is known": (times("laers{}: 1\n"), "unknown-key"),
    "nothing at all alike": (times("zq{}: 1\n"), "unknown-key"),
    "keys before a fault of YAML": (
        f"{INPUT}vars:\n{times('  a: 1')}{LAYERS}name: !tag x\n",
        "duplicate-key",
    ),
}


@pytest.mark.parametrize("what", FILES)
def test_the_first_are_listed_and_the_rest_is_counted(what: str) -> None:
    text, code = FILES[what]
    found = [finding for finding in cnncalc.loads(text).diagnostics if finding.code == code]
    if len(found) == 1:  # one that says it for all
        assert what == "nothing at all alike"
        return
    places = [finding.span.start for finding in found]
    assert places == sorted(places)
    *listed, last = found
    assert len(listed) == MOST_OF_A_CODE
    every = text.count("\n", 0, text.rindex("\n")) - text.count("\n", 0, listed[0].span.start) + 1
    more = int(last.message.split()[0].replace(",", ""))
    assert last.message == f"{more:,} more from here on that are not listed"
    assert MANY - 2 <= MOST_OF_A_CODE + more <= min(MANY + 1, every)


@pytest.mark.slow
@pytest.mark.parametrize("what", FILES)
def test_each_costs_little(what: str) -> None:
    assert loads(FILES[what][0], counted=True).calls < CALLS_FOR_EACH * MANY


def test_one_more_than_the_most_is_listed() -> None:
    lines = "".join(f"  v{n}: 1\n" for n in range(MOST_OF_A_CODE + 1))
    found = cnncalc.loads(f"{INPUT}vars:\n{lines}{LAYERS}").diagnostics
    assert found[-1].message == f"variable `v{MOST_OF_A_CODE}` is never used"


def test_a_comment_beyond_the_most_is_one_for_something() -> None:
    lines = "".join(f"  v{n}: 1 # cnncalc: ignore[unused-variable]\n" for n in range(MANY))
    assert cnncalc.loads(f"{INPUT}vars:\n{lines}{LAYERS}").diagnostics == ()
